"""ImageBind's ear (Girdhar et al., arXiv 2305.05665): sound in the space of its pictures.

Reads the public checkpoint of all its towers, or a safetensors file with the same names. As its own loader
does: three clips of 2 s spread over the sound, 128 Kaldi mel bands, 204 frames; the mean of the clips' unit
vectors. The learned scale of its logits changes no cosine and is not read.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchaudio.compliance import kaldi

from engine.checkpoints import load_into
from engine.errors import CheckpointCorrupt
from engine.evaluation.embeddings import EmbeddingInfo, Vectors, Wav
from engine.visual.imagebind_trunk import EPS, read_tower, trunk_of_shapes

SAMPLE_RATE = 16000
CLIP_SAMPLES = 2 * SAMPLE_RATE
NUM_CLIPS = 3
NUM_BANDS = 128
NUM_FRAMES = 204
MEAN, DEVIATION = -4.268, 9.138
HEAD_DIM = 64
"""12 heads at the public width of 768."""
STRIDE = 10

PATCH = "modality_preprocessors.audio.rgbt_stem.proj.weight"
POSITIONS = "modality_preprocessors.audio.pos_embedding_helper.pos_embed"
HEAD = "modality_heads.audio.2.weight"


class _Tokens(nn.Module):
    """Normalised log-mel [B, 128, 204] -> tokens [B, 1 + patches, width], a learned token first."""

    def __init__(self, width: int, kernel: int, num_tokens: int) -> None:
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.rgbt_stem = nn.ModuleDict(
            {
                "proj": nn.Conv2d(1, width, kernel, STRIDE, bias=False),
                "norm_layer": nn.LayerNorm(width),
            }
        )
        self.pos_embedding_helper = nn.ParameterDict({"pos_embed": torch.zeros(1, num_tokens, width)})

    def forward(self, mel: Tensor) -> Tensor:
        patches = self.rgbt_stem["proj"](mel[:, None]).flatten(2).transpose(1, 2)
        tokens = torch.cat(
            [self.cls_token.expand(len(mel), -1, -1), self.rgbt_stem["norm_layer"](patches)], dim=1
        )
        placed: Tensor = tokens + self.pos_embedding_helper["pos_embed"]
        return placed


class AudioTowerOfImageBind(nn.Module):
    """Normalised log-mel [B, 128, 204] -> unit vectors [B, width]; all sizes come from the tensors."""

    def __init__(self, tensors: dict[str, Tensor]) -> None:
        super().__init__()
        dim, _, kernel, _ = tensors[PATCH].shape
        self.width = tensors[HEAD].shape[0]
        head = nn.Sequential(
            nn.LayerNorm(dim, eps=EPS), nn.Identity(), nn.Linear(dim, self.width, bias=False)
        )
        tokens = _Tokens(dim, kernel, tensors[POSITIONS].shape[1])
        self.modality_preprocessors = nn.ModuleDict({"audio": tokens})
        self.modality_trunks = nn.ModuleDict({"audio": trunk_of_shapes(tensors, "audio", head_dim=HEAD_DIM)})
        self.modality_heads = nn.ModuleDict({"audio": head})

    def forward(self, mel: Tensor) -> Tensor:
        heard = self.modality_trunks["audio"](self.modality_preprocessors["audio"](mel))
        return F.normalize(self.modality_heads["audio"](heard[:, 0]), dim=-1)


class ImageBindAudio:
    """An `AudioEmbedding` from the public checkpoint, its sizes read from its shapes."""

    def __init__(self, path: Path) -> None:
        """
        Raises:
            CheckpointNotFound: the file is not there.
            CheckpointCorrupt: it holds no audio tower of ImageBind.
        """
        tensors = read_tower(path, "audio")
        if not {PATCH, POSITIONS, HEAD} <= tensors.keys() or tensors[PATCH].dim() != 4:
            raise CheckpointCorrupt(
                f"There is no audio tower of ImageBind in {path}: give the public checkpoint, imagebind_huge.pth."
            )
        tower = AudioTowerOfImageBind(tensors)
        load_into(tower, tensors, what="ImageBind audio tower")
        self._tower = tower.eval().requires_grad_(False)

    def describe(self) -> EmbeddingInfo:
        window_s = CLIP_SAMPLES / SAMPLE_RATE
        return EmbeddingInfo("ImageBind", SAMPLE_RATE, self._tower.width, window_s, window_s)

    @torch.inference_mode()
    def embed(self, wav: Wav) -> Vectors:
        """Mono wav [N] at 16 kHz -> [1, width]: one vector for the whole sound, the mean of three clips'."""
        mel = torch.stack([normalised_mel(clip) for clip in clips_of(wav)])
        vectors: Vectors = self._tower(mel).mean(dim=0, keepdim=True).numpy()
        return vectors


def clips_of(wav: Wav) -> list[Wav]:
    """Three stretches of 2 s, the first at the start and the last at the end; a shorter sound three times."""
    step_samples = max(wav.size - CLIP_SAMPLES, 0) / (NUM_CLIPS - 1)
    return [wav[int(i * step_samples) :][:CLIP_SAMPLES] for i in range(NUM_CLIPS)]


def normalised_mel(clip: Wav) -> Tensor:
    """Mono clip [N] at 16 kHz -> [128, 204]; missing frames are 0 before the normalisation."""
    sound = torch.from_numpy(np.ascontiguousarray(clip, np.float32))
    sound = F.pad(sound - sound.mean(), (0, max(0, 400 - len(sound))))
    bands = kaldi.fbank(
        sound[None],
        htk_compat=True,
        sample_frequency=SAMPLE_RATE,
        use_energy=False,
        window_type="hanning",
        num_mel_bins=NUM_BANDS,
        dither=0.0,
        frame_length=25,
        frame_shift=10,
    )  # [frames, 128]
    return (F.pad(bands, (0, 0, 0, NUM_FRAMES - len(bands))).T - MEAN) / DEVIATION
