"""PaSST (Koutini et al., arXiv 2110.05069): 527 AudioSet labels, for the KL divergence of label distributions.

Reads the public checkpoints with a hop of 10 ms (those of 10, 20 and 30 s alike). As audiocraft's measure of
the same name does: softmax over the 527 logits, though the labels were trained with sigmoids; sounds longer than
the network's time are cut into pieces without overlap, none is padded, pieces under 0.15 s are left out.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from engine.checkpoints import load_into
from engine.errors import CheckpointCorrupt
from engine.evaluation.embeddings import EmbeddingInfo, Wav
from engine.evaluation.embeddings.mel import mel_triangles
from engine.evaluation.embeddings.public_weights import read_public_tensors

SAMPLE_RATE = 32000
N_FFT = 1024
WINDOW_SAMPLES = 800
HOP_SAMPLES = 320
NUM_BANDS = 128
RANGE_HZ = (0.0, 15000.0)
"""Half the sample rate, less half the range of 2000 Hz by which training moved the upper edge."""
PRE_EMPHASIS = 0.97
HEAD_WIDTH = 64
PUBLISHED_STRIDES = (10, 12, 14, 16)
SHORTEST_SAMPLES = round(0.15 * SAMPLE_RATE)
NAMES = (
    "cls_token",
    "dist_token",
    "new_pos_embed",
    "freq_new_pos_embed",
    "time_new_pos_embed",
    "patch_embed.",
    "blocks.",
    "norm.",
    "head.",
)
"""Of the tensors that are heard; a second head, `head_dist`, served the training alone."""


class _Attention(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        """[B, N, D] -> [B, N, D], heads of 64."""
        batch, length, dim = x.shape
        qkv = self.qkv(x).view(batch, length, 3, dim // HEAD_WIDTH, HEAD_WIDTH)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(query, key, value)
        out: Tensor = self.proj(mixed.transpose(1, 2).reshape(batch, length, dim))
        return out


class _Mlp(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(dim, 4 * dim)
        self.fc2 = nn.Linear(4 * dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.fc2(F.gelu(self.fc1(x)))
        return out


class _Block(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim, eps=1e-6)
        self.attn = _Attention(dim)
        self.norm2 = nn.LayerNorm(dim, eps=1e-6)
        self.mlp = _Mlp(dim)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.norm1(x))
        out: Tensor = x + self.mlp(self.norm2(x))
        return out


class PasstNet(nn.Module):
    """Log-mel [B, 128, T] -> label logits [B, labels]; names as in the public file."""

    def __init__(
        self, dim: int, depth: int, labels: int, rows: int, columns: int, stride: int, patch: int = 16
    ) -> None:
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.dist_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.new_pos_embed = nn.Parameter(torch.zeros(1, 2, dim))
        self.freq_new_pos_embed = nn.Parameter(torch.zeros(1, dim, rows, 1))
        self.time_new_pos_embed = nn.Parameter(torch.zeros(1, dim, 1, columns))
        self.patch_embed = nn.ModuleDict({"proj": nn.Conv2d(1, dim, patch, stride)})
        self.blocks = nn.Sequential(*[_Block(dim) for _ in range(depth)])
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.head = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, labels))
        self.columns, self.patch = columns, patch

    def forward(self, mel: Tensor) -> Tensor:
        mel = F.pad(mel, (0, max(0, self.patch - mel.shape[-1])))  # less than one patch
        x = self.patch_embed["proj"](mel[:, None])[..., : self.columns]  # [B, D, rows, columns]
        x = x + self.time_new_pos_embed[..., : x.shape[-1]] + self.freq_new_pos_embed
        tokens = torch.cat([self.cls_token, self.dist_token], dim=1) + self.new_pos_embed
        x = torch.cat([tokens.expand(len(x), -1, -1), x.flatten(2).transpose(1, 2)], dim=1)
        x = self.norm(self.blocks(x))
        logits: Tensor = self.head((x[:, 0] + x[:, 1]) / 2)
        return logits


class Passt:
    """A `LabelListener` from a public checkpoint, its sizes read from its shapes."""

    def __init__(self, path: Path) -> None:
        """
        Raises:
            CheckpointNotFound: the file is not there.
            CheckpointCorrupt: it is no PaSST.
        """
        tensors = read_public_tensors(path, what="PaSST", prefixes=NAMES)
        try:
            _, dim, _, columns = tensors["time_new_pos_embed"].shape
            rows = tensors["freq_new_pos_embed"].shape[2]
            labels = tensors["head.1.weight"].shape[0]
            patch = tensors["patch_embed.proj.weight"].shape[-1]
            [stride] = [s for s in PUBLISHED_STRIDES if (NUM_BANDS - patch) // s + 1 == rows]
        except (KeyError, ValueError) as error:
            raise CheckpointCorrupt(
                f"The file {path} is no PaSST of 128 mel bands ({error}): give one of the files of its releases."
            ) from error
        depth = len({name.split(".")[1] for name in tensors if name.startswith("blocks.")})
        net = PasstNet(dim, depth, labels, rows, columns, stride, patch)
        load_into(net, tensors, what="PaSST")
        self._net = net.eval().requires_grad_(False)
        # A file of 10 s has 99 columns of stride 10, one of 20 s has 200.
        self._longest_samples = round(columns * stride / 100) * SAMPLE_RATE
        self._labels = int(labels)

    def describe(self) -> EmbeddingInfo:
        window_s = self._longest_samples / SAMPLE_RATE
        return EmbeddingInfo("PaSST", SAMPLE_RATE, self._labels, window_s, window_s)

    @torch.inference_mode()
    def label_probabilities(self, wav: Wav) -> NDArray[np.float64]:
        """Mono wav [N] at 32 kHz -> [527]: the mean over its pieces of the softmax of the logits."""
        pieces = [wav[at : at + self._longest_samples] for at in range(0, wav.size, self._longest_samples)]
        long_enough = [piece for piece in pieces if piece.size > SHORTEST_SAMPLES]
        if not long_enough:
            long_enough = [np.pad(wav, (0, max(0, SHORTEST_SAMPLES - wav.size)))]
        logits = torch.cat([self._net(log_mel(piece)[None]) for piece in long_enough])
        probabilities: NDArray[np.float64] = logits.double().softmax(dim=1).mean(dim=0).numpy()
        return probabilities


def log_mel(wav: Wav) -> Tensor:
    """Mono wav [N] at 32 kHz -> [128, frames] as PaSST was trained on: (ln(power + 1e-5) + 4.5) / 5."""
    sound = torch.from_numpy(np.ascontiguousarray(wav, np.float32))
    sound = sound[1:] - PRE_EMPHASIS * sound[:-1]
    window, bank = _window_and_bank()
    spectrum = torch.stft(
        sound, N_FFT, HOP_SAMPLES, WINDOW_SAMPLES, window, pad_mode="reflect", return_complex=True
    )
    power = torch.view_as_real(spectrum).square().sum(-1)
    return ((bank @ power + 1e-5).log() + 4.5) / 5


@cache
def _window_and_bank() -> tuple[Tensor, Tensor]:
    window = torch.hann_window(WINDOW_SAMPLES, periodic=False)
    return window, mel_triangles(NUM_BANDS, N_FFT, SAMPLE_RATE, *RANGE_HZ)
