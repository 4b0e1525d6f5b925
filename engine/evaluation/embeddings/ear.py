"""foley-ear: the embedding and classifier that the project trains itself, on real recordings.

A small residual CNN over log-mel windows of 0.96 s. Levels count from the clip's loudest moment, so that what is
quiet and what is loud are heard alike. It ships with the project and needs no download. A Fréchet distance in
its space compares with nothing but others in its space.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
import torch
from msgspec import Struct
from numpy.typing import NDArray
from safetensors.torch import save
from torch import Tensor, nn
from torch.nn import functional as F

from engine.checkpoints import CONFIG_FILE, DEFAULT_MODEL, load_into, read_weights
from engine.errors import CheckpointCorrupt, CheckpointNotFound
from engine.evaluation.embeddings import EmbeddingInfo, Vectors, Wav
from engine.evaluation.embeddings.mel import mel_triangles

DEFAULT_EAR = DEFAULT_MODEL.parent / "foley-ear"
WEIGHTS_FILE = "ear.safetensors"

SAMPLE_RATE = 16000
N_FFT = 512
WINDOW_SAMPLES = 400
HOP_SAMPLES = 160
NUM_BANDS = 64
LOWEST_HZ = 50.0
RANGE_DB = 70.0
"""What lies further under the clip's loudest moment is not heard."""
SILENCE_DB = -100.0
"""A clip whose loudest band is under this is silent."""
WINDOW_FRAMES = 96
STEP_FRAMES = 48
DROPOUT = 0.4
SOUNDING_DB = 30.0
"""Windows whose loudest moment is further under the clip's do not vote on its label."""


class EarConfig(Struct, frozen=True):
    """The network's shape and what its outputs mean."""

    labels: tuple[str, ...]
    families: tuple[str, ...]
    """The family of each label."""
    widths: tuple[int, ...] = (24, 48, 96, 128)
    dim: int = 128


class EarFolder(Struct, frozen=True):
    """`config.json` of an ear on disk."""

    ear: EarConfig
    weights: dict[str, str]
    """Each weights file and its sha256."""
    licence: str = "CC-BY-4.0"


class _Block(nn.Module):
    """Two 3 x 3 convolutions, the first halving time and bands, beside a pooled shortcut."""

    def __init__(self, width_in: int, width_out: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width_in, width_out, 3, stride=2, padding=1, bias=False)
        self.first_norm = nn.BatchNorm2d(width_out)
        self.second = nn.Conv2d(width_out, width_out, 3, padding=1, bias=False)
        self.second_norm = nn.BatchNorm2d(width_out)
        self.shortcut = nn.Conv2d(width_in, width_out, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """[B, C, T, F] -> [B, C', T / 2, F / 2]."""
        y = F.silu(self.first_norm(self.first(x)))
        y = self.second_norm(self.second(y))
        return F.silu(y + self.shortcut(F.avg_pool2d(x, 2)))


class EarNet(nn.Module):
    """log-mel windows [B, 96, 64], values -1 to 1 -> embedding [B, dim] and label logits [B, labels]."""

    def __init__(self, config: EarConfig) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, config.widths[0], 3, stride=2, padding=1, bias=False)
        self.stem_norm = nn.BatchNorm2d(config.widths[0])
        pairs = zip(config.widths, config.widths[1:], strict=False)
        self.blocks = nn.Sequential(*[_Block(before, after) for before, after in pairs])
        # Stem and blocks each halve the bands; where a sound lies among them is kept.
        self.project = nn.Linear(config.widths[-1] * ((NUM_BANDS >> len(config.widths)) + 1), config.dim)
        self.classify = nn.Linear(config.dim, len(config.labels))

    def embed(self, windows: Tensor) -> Tensor:
        """[B, 96, 64] -> [B, dim]: the mean over time of each range of bands, and the greatest of all bands' mean."""
        x = self.blocks(F.silu(self.stem_norm(self.stem(windows[:, None]))))  # [B, C, T', F']
        pooled = torch.cat([x.mean(dim=2).flatten(1), x.mean(dim=3).amax(dim=2)], dim=1)
        embedding: Tensor = self.project(pooled)
        return embedding

    def forward(self, windows: Tensor) -> tuple[Tensor, Tensor]:
        embedding = self.embed(windows)
        return embedding, self.classify(F.dropout(F.silu(embedding), DROPOUT, self.training))


@dataclass(frozen=True)
class Ear:
    """A trained ear, frozen: an `AudioEmbedding` and a `LabelListener`."""

    config: EarConfig
    net: EarNet

    @property
    def labels(self) -> tuple[str, ...]:
        return self.config.labels

    def describe(self) -> EmbeddingInfo:
        return EmbeddingInfo(
            name="foley-ear",
            sample_rate=SAMPLE_RATE,
            dim=self.config.dim,
            window_s=WINDOW_FRAMES * HOP_SAMPLES / SAMPLE_RATE,
            hop_s=STEP_FRAMES * HOP_SAMPLES / SAMPLE_RATE,
        )

    @torch.inference_mode()
    def embed(self, wav: Wav) -> Vectors:
        """Mono wav [N] at 16 kHz -> [windows, dim]."""
        vectors: Vectors = self.net.embed(windows_of(wav)).numpy()
        return vectors

    @torch.inference_mode()
    def label_probabilities(self, wav: Wav) -> NDArray[np.float64]:
        """Mono wav [N] at 16 kHz -> [labels]: the softmax of the mean logits of all windows that sound."""
        windows = windows_of(wav)
        loudest = windows.amax(dim=(1, 2))
        sounding = windows[loudest >= min(float(loudest.max()), 1 - 2 * SOUNDING_DB / RANGE_DB)]
        _, logits = self.net(sounding)
        probabilities: NDArray[np.float64] = logits.mean(dim=0).double().softmax(dim=0).numpy()
        return probabilities

    def family_probabilities(self, wav: Wav) -> dict[str, float]:
        """How likely each family is: the sum over its labels, the likeliest first."""
        sums: dict[str, float] = {}
        for family, p in zip(self.config.families, self.label_probabilities(wav), strict=True):
            sums[family] = sums.get(family, 0.0) + float(p)
        return dict(sorted(sums.items(), key=lambda item: -item[1]))


def read_ear(folder: Path = DEFAULT_EAR) -> Ear:
    """
    Raises:
        CheckpointNotFound: there is no ear in the folder.
        CheckpointCorrupt: its files are damaged or do not fit each other.
    """
    path = folder / CONFIG_FILE
    if not path.is_file():
        raise CheckpointNotFound(
            f"There is no ear in {folder}: install foley again, or train one (`foley train ear`)."
        )
    try:
        record = msgspec.json.decode(path.read_bytes(), type=EarFolder)
    except msgspec.MsgspecError as error:
        raise CheckpointCorrupt(
            f"The ear's {CONFIG_FILE} in {folder} cannot be read ({error}): install foley again."
        ) from error
    net = EarNet(record.ear)
    load_into(net, read_weights(folder, WEIGHTS_FILE, record.weights.get(WEIGHTS_FILE, "")), what="ear")
    net.eval().requires_grad_(False)
    return Ear(record.ear, net)


def write_ear(folder: Path, config: EarConfig, tensors: dict[str, Tensor]) -> EarFolder:
    """Write weights in 16 bits and then the config that names them."""
    folder.mkdir(parents=True, exist_ok=True)
    small = {k: (t.half() if t.is_floating_point() else t).contiguous() for k, t in tensors.items()}
    data = save(small)
    (folder / WEIGHTS_FILE).write_bytes(data)
    record = EarFolder(config, {WEIGHTS_FILE: hashlib.sha256(data).hexdigest()})
    (folder / CONFIG_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n")
    return record


def windows_of(wav: Wav) -> Tensor:
    """Mono wav [N] at 16 kHz -> windows [W, 96, 64] of 0.96 s every 0.48 s, the last one filled with silence."""
    levels = scaled(band_power(torch.from_numpy(np.ascontiguousarray(wav, np.float32))[None]))[0]
    missing = (WINDOW_FRAMES - len(levels)) if len(levels) < WINDOW_FRAMES else -len(levels) % STEP_FRAMES
    levels = F.pad(levels, (0, 0, 0, missing), value=-1.0)
    return levels.unfold(0, WINDOW_FRAMES, STEP_FRAMES).transpose(1, 2).contiguous()


def band_power(wav: Tensor) -> Tensor:
    """wav [B, N] -> power in mel bands [B, N // 160 + 1, 64]; a sine of full scale has about 1 in its band."""
    window, bank = _window_and_bank()
    spectrum = torch.stft(
        wav, N_FFT, HOP_SAMPLES, WINDOW_SAMPLES, window, pad_mode="constant", return_complex=True
    )
    power = torch.view_as_real(spectrum).square().sum(-1) / float(window.sum() / 2) ** 2
    return torch.einsum("mf,bft->btm", bank, power)


def scaled(power: Tensor, below_peak_db: Tensor | None = None) -> Tensor:
    """Power [B, T, F] -> levels from -1 (70 dB under the loudest of T and F) to 1; silence is -1 throughout.

    `below_peak_db` [B] says how much louder the clip that this was taken from is than the loudest moment here.
    """
    level_db = 10 * torch.log10(power + 1e-18)
    peak_db = level_db.amax(dim=(1, 2), keepdim=True)
    if below_peak_db is not None:
        peak_db = peak_db + below_peak_db[:, None, None]
    heard = torch.where(peak_db > SILENCE_DB, level_db - peak_db, -RANGE_DB)
    return (1 + heard * (2 / RANGE_DB)).clamp(-1, 1)


@cache
def _window_and_bank() -> tuple[Tensor, Tensor]:
    return torch.hann_window(WINDOW_SAMPLES), mel_triangles(
        NUM_BANDS, N_FFT, SAMPLE_RATE, LOWEST_HZ, SAMPLE_RATE / 2
    )
