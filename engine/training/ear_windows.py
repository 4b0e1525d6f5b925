"""What the ear is shown while it learns: windows of real recordings, each as another microphone would have had it.

Labels are drawn by the root of their number of sources, sources evenly, since many recordings are of one series.
Then come a crop, a speed, a neighbour of the same label, and in the power spectrum a room, an equaliser, a
low-pass, noise, a mix with another window (mixup, arXiv 1710.09412) and masks (after SpecAugment, arXiv
1904.08779).
"""

from __future__ import annotations

import numpy as np
import torch
from msgspec import Struct
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from engine.evaluation.embeddings.ear import (
    HOP_SAMPLES,
    NUM_BANDS,
    SAMPLE_RATE,
    WINDOW_FRAMES,
    band_power,
    scaled,
)
from engine.training.recordings import Recording

WINDOW_SAMPLES = (WINDOW_FRAMES - 1) * HOP_SAMPLES
"""So many samples make 96 frames."""


class WindowVariety(Struct, frozen=True):
    """How far windows are varied: shares of windows, octaves either way, decibels of deviation or at most."""

    mixup_share: float = 0.5
    mixup_alpha: float = 0.4
    neighbour_share: float = 0.3
    speed_octaves: float = 0.3
    equaliser_db: float = 6.0
    room_share: float = 0.4
    quieter_db: float = 25.0


class LabelPool:
    """Recordings by label and source, and how likely each label is drawn."""

    def __init__(self, recordings: list[Recording], labels: tuple[str, ...]) -> None:
        by_label: list[dict[str, list[Recording]]] = [{} for _ in labels]
        for recording in recordings:
            if recording.label in labels and recording.wav.size:
                of_label = by_label[labels.index(recording.label)]
                of_label.setdefault(recording.recording_id, []).append(recording)
        self._sources = [list(of_label.values()) for of_label in by_label]
        roots = np.sqrt([len(sources) for sources in self._sources])
        self.shares: NDArray[np.float64] = roots / roots.sum()

    def draw(self, rng: np.random.Generator, label: int) -> Recording:
        source = self._sources[label][rng.integers(len(self._sources[label]))]
        return source[rng.integers(len(source))]


def draw_windows(
    rng: np.random.Generator, pool: LabelPool, batch: int, variety: WindowVariety
) -> tuple[Tensor, Tensor]:
    """A batch: levels [B, 96, 64] as `scaled` makes them, and targets [B, labels] of sum 1."""
    labels = rng.choice(len(pool.shares), size=batch, p=pool.shares)
    crops = np.stack([_draw_crop(rng, pool, label, variety) for label in labels])
    power = _coloured(rng, _in_a_room(rng, band_power(torch.from_numpy(crops)), variety), variety)
    targets = F.one_hot(torch.from_numpy(labels), len(pool.shares)).float()
    power, targets = _mixed(rng, power, targets, variety)
    below = np.where(rng.random(len(labels)) < 0.6, 0.0, rng.uniform(0, variety.quieter_db, len(labels)))
    return _masked(rng, scaled(power, torch.from_numpy(below.astype(np.float32)))), targets


def _draw_crop(
    rng: np.random.Generator, pool: LabelPool, label: int, variety: WindowVariety
) -> NDArray[np.float32]:
    """0.95 s that holds sound of one label, at full scale: one recording, at times a second one beside it."""
    crop = _one_crop(rng, pool.draw(rng, label).wav, variety)
    if rng.random() < variety.neighbour_share:
        other = _one_crop(rng, pool.draw(rng, label).wav, variety)
        crop = crop + other * np.float32(10 ** (-rng.uniform(0, 15) / 20))
    return crop / max(float(np.abs(crop).max()), 1e-6)


def _one_crop(
    rng: np.random.Generator, wav: NDArray[np.float32], variety: WindowVariety
) -> NDArray[np.float32]:
    """The louder of two places, at another speed, padded with silence where the recording ends."""
    speed = 2 ** rng.uniform(-variety.speed_octaves, variety.speed_octaves)
    need = WINDOW_SAMPLES * speed
    best = np.zeros(WINDOW_SAMPLES, np.float32)
    for _ in range(2):
        start = rng.uniform(-0.6 * need, max(1.0, wav.size - 0.4 * need))
        first, last = max(0, int(start)), min(wav.size, int(start + need) + 2)
        at = start + speed * np.arange(WINDOW_SAMPLES)
        piece = np.interp(at, np.arange(first, last), wav[first:last], left=0.0, right=0.0)
        if np.abs(piece).max() > 1.5 * np.abs(best).max():
            best = piece.astype(np.float32)
    return best / max(float(np.abs(best).max()), 1e-6)


def _in_a_room(rng: np.random.Generator, power: Tensor, variety: WindowVariety) -> Tensor:
    """Some windows ring on: in each band the power's running sum, which decays by 60 dB in 0.1 to 0.8 s."""
    batch, frames, bands = power.shape
    rt60_s = rng.uniform(0.1, 0.8, (batch, 1)) * np.linspace(1.2, 0.6, bands)
    keep = _tensor(10 ** (-6 * HOP_SAMPLES / SAMPLE_RATE / rt60_s))
    is_wet = rng.random(batch) < variety.room_share
    wet = np.where(is_wet, 10 ** (rng.uniform(-13, 3, batch) / 10), 0.0)
    ringing = torch.zeros(batch, bands)
    tail = []
    for frame in range(frames):
        tail.append(ringing)
        ringing = (ringing * keep + power[:, frame]).clamp(min=1e-20)  # denormal numbers are slow
    # (1 - keep) makes the energy of every ring that of the sound, however long it lasts; `wet` is how much of it.
    ring = (1 - keep)[:, None] * torch.stack(tail, dim=1)
    return power + _tensor(wet)[:, None, None] * ring


def _coloured(rng: np.random.Generator, power: Tensor, variety: WindowVariety) -> Tensor:
    """An equaliser of six bends, at times a low-pass, at times steady noise under the sound."""
    batch = len(power)
    band = np.arange(NUM_BANDS)
    bends = rng.normal(0, variety.equaliser_db, (batch, 6))
    gain_db = np.stack([np.interp(band, np.linspace(0, NUM_BANDS - 1, 6), row) for row in bends])
    cut = np.where(rng.random(batch) < 0.3, rng.uniform(28, NUM_BANDS, batch), NUM_BANDS)
    gain_db -= 2.5 * np.maximum(0, band - cut[:, None])
    power = power * _tensor(10 ** (gain_db / 10))[:, None]
    noise_db = np.where(rng.random(batch) < 0.4, rng.uniform(-65, -25, batch), -120)[:, None]
    colour = noise_db + rng.normal(0, 8, (batch, 1)) * np.linspace(-1, 1, NUM_BANDS)
    peak = power.amax(dim=(1, 2), keepdim=True)
    grain = _tensor(rng.exponential(1.0, tuple(power.shape)))
    return power + peak * grain * _tensor(10 ** (colour / 10))[:, None]


def _mixed(
    rng: np.random.Generator, power: Tensor, targets: Tensor, variety: WindowVariety
) -> tuple[Tensor, Tensor]:
    """Some windows share their power and their target with another."""
    power = power / power.amax(dim=(1, 2), keepdim=True).clamp(min=1e-12)
    kept = rng.beta(variety.mixup_alpha, variety.mixup_alpha, len(power))
    kept = np.where(rng.random(len(power)) < variety.mixup_share, np.maximum(kept, 1 - kept), 1.0)
    share, order = _tensor(kept), torch.from_numpy(rng.permutation(len(power)))
    mixed = share[:, None, None] * power + (1 - share)[:, None, None] * power[order]
    return mixed, share[:, None] * targets + (1 - share)[:, None] * targets[order]


def _masked(rng: np.random.Generator, levels: Tensor) -> Tensor:
    """Silence a stretch of time and two of bands."""
    for row in levels:
        time_width = int(rng.integers(0, 24))
        time_start = int(rng.integers(0, WINDOW_FRAMES - time_width))
        row[time_start : time_start + time_width] = -1
        for _ in range(2):
            band_width = int(rng.integers(0, 10))
            band_start = int(rng.integers(0, NUM_BANDS - band_width))
            row[:, band_start : band_start + band_width] = -1
    return levels


def _tensor(values: NDArray[np.float64]) -> Tensor:
    return torch.from_numpy(values.astype(np.float32))
