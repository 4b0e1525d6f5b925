"""VGGish (Hershey et al., arXiv 1609.09430), the embedding of the Fréchet audio distance (arXiv 1812.08466).

Reads the public PyTorch port of the weights. As implementations of the distance do, there is neither the PCA
and quantisation that AudioSet's released embeddings went through, nor a ReLU after the last layer.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from engine.checkpoints import load_into
from engine.evaluation.embeddings import EmbeddingInfo, Vectors, Wav
from engine.evaluation.embeddings.mel import mel_triangles
from engine.evaluation.embeddings.public_weights import read_public_tensors

SAMPLE_RATE = 16000
WINDOW_SAMPLES = 400
HOP_SAMPLES = 160
N_FFT = 512
NUM_BANDS = 64
RANGE_HZ = (125.0, 7500.0)
LOG_OFFSET = 0.01
EXAMPLE_FRAMES = 96
"""0.96 s; examples follow each other without overlap, and an unfinished last one is dropped."""
SHORTEST_SAMPLES = WINDOW_SAMPLES + (EXAMPLE_FRAMES - 1) * HOP_SAMPLES

WIDTHS = (64, 128, 256, 256, 512, 512)
POOLED_AFTER = (0, 1, 3, 5)
"""Convolutions that a max-pooling by two follows."""


class VggishNet(nn.Module):
    """Examples [B, 96, 64] -> [B, 128]; names as in the public file. `widths` and `hidden` follow its shapes."""

    def __init__(self, widths: tuple[int, ...] = WIDTHS, hidden: int = 4096, dim: int = 128) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for index, (before, after) in enumerate(zip((1, *widths), widths, strict=False)):
            layers += [nn.Conv2d(before, after, 3, padding=1), nn.ReLU()]
            if index in POOLED_AFTER:
                layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        flat = widths[-1] * (EXAMPLE_FRAMES // 16) * (NUM_BANDS // 16)
        self.embeddings = nn.Sequential(
            nn.Linear(flat, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, dim)
        )

    def forward(self, examples: Tensor) -> Tensor:
        maps = self.features(examples[:, None])  # [B, C, 6, 4]
        # The weights come from TensorFlow, where channels are last.
        embedded: Tensor = self.embeddings(maps.permute(0, 2, 3, 1).flatten(1))
        return embedded


class Vggish:
    """An `AudioEmbedding` from the public checkpoint."""

    def __init__(self, path: Path) -> None:
        """
        Raises:
            CheckpointNotFound: the file is not there.
            CheckpointCorrupt: it is no VGGish.
        """
        tensors = read_public_tensors(path, what="VGGish", prefixes=("features.", "embeddings."))
        convolutions = sorted(
            (int(name.split(".")[1]), tensor.shape[0])
            for name, tensor in tensors.items()
            if name.startswith("features.") and name.endswith(".weight")
        )
        last = tensors.get("embeddings.4.weight", torch.empty(128, 4096))
        net = VggishNet(tuple(width for _, width in convolutions) or WIDTHS, last.shape[1], last.shape[0])
        load_into(net, tensors, what="VGGish")
        self._net = net.eval().requires_grad_(False)
        self._dim = int(last.shape[0])

    def describe(self) -> EmbeddingInfo:
        window_s = EXAMPLE_FRAMES * HOP_SAMPLES / SAMPLE_RATE
        return EmbeddingInfo("VGGish", SAMPLE_RATE, self._dim, window_s, window_s)

    @torch.inference_mode()
    def embed(self, wav: Wav) -> Vectors:
        """Mono wav [N] at 16 kHz -> [examples, 128]; what is shorter than one example is padded with silence."""
        vectors: Vectors = self._net(examples_of(wav)).numpy()
        return vectors


def examples_of(wav: Wav) -> Tensor:
    """Mono wav [N] at 16 kHz -> log-mel examples [E, 96, 64], natural logarithm of magnitudes."""
    padded = np.pad(wav.astype(np.float64), (0, max(0, SHORTEST_SAMPLES - wav.size)))
    frames = torch.from_numpy(padded).unfold(0, WINDOW_SAMPLES, HOP_SAMPLES)
    window, bank = _window_and_bank()
    magnitude = torch.fft.rfft(frames * window, N_FFT).abs()
    log_mel = torch.log(magnitude @ bank.T + LOG_OFFSET)
    count = len(log_mel) // EXAMPLE_FRAMES
    return log_mel[: count * EXAMPLE_FRAMES].reshape(count, EXAMPLE_FRAMES, NUM_BANDS).float()


@cache
def _window_and_bank() -> tuple[Tensor, Tensor]:
    window = torch.hann_window(WINDOW_SAMPLES, periodic=True, dtype=torch.float64)
    return window, mel_triangles(NUM_BANDS, N_FFT, SAMPLE_RATE, *RANGE_HZ).double()
