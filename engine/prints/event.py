"""Log-mel prints of single events, aligned by their onsets, and how far two of them are apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.prints.mel import mel_bank

LEAD_S = 0.03
"""Before the onset."""
LENGTH_S = 0.5
HOP_S = 0.01
WINDOW_S = 0.032
NUM_BANDS = 40
PRINT_SHAPE = (round((LEAD_S + LENGTH_S) / HOP_S) + 1, NUM_BANDS)
"""Frames and bands of an event."""
RANGE_DB = 60.0
"""What lies further under the event's own loudest cell is held there: level does not matter."""
MAX_SHIFT_FRAMES = 2
"""Prints are compared at the best of these shifts either way: an onset is measured to some milliseconds."""
NEAR_HIT_S = 0.1
"""The event of a hit is looked for so far from it."""
NEAR_PERCENTILE = 5.0
"""Of the distances between recordings of one label: what is nearer than that is near."""

Wav = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Print:
    """levels [frames, bands] in dB under the loudest cell; a continuous sound has one frame, its mean."""

    levels: Tensor
    recording_id: str = ""


def event_print(wav: Wav, sample_rate: int, onset_sample: int, recording_id: str = "") -> Print:
    """Of wav [N] from 30 ms before an onset to half a second after."""
    start, length = onset_sample - round(LEAD_S * sample_rate), round((LEAD_S + LENGTH_S) * sample_rate)
    piece = np.zeros(length, np.float32)
    first, last = max(0, start), min(wav.size, start + length)
    if last > first:
        piece[first - start : last - start] = wav[first:last]
    return Print(_levels(piece, sample_rate), recording_id)


def steady_print(wav: Wav, sample_rate: int, recording_id: str = "") -> Print:
    """Of a sound that goes on and on: the mean over time."""
    return Print(_levels(wav, sample_rate).mean(dim=0, keepdim=True), recording_id)


def distances(first: Sequence[Print], second: Sequence[Print]) -> NDArray[np.float64]:
    """[N, M]: mean absolute difference of levels in dB, at the best shift; of prints of one length."""
    if not first or not second:
        return np.zeros((len(first), len(second)))
    ours, theirs = (torch.stack([each.levels for each in prints]) for prints in (first, second))
    frames = ours.shape[1]
    reach = MAX_SHIFT_FRAMES if frames > 2 * MAX_SHIFT_FRAMES else 0
    length = frames - reach
    best = torch.full((len(first), len(second)), torch.inf)
    for shift in range(-reach, reach + 1):
        ours_from, theirs_from = max(shift, 0), max(-shift, 0)
        one = ours[:, ours_from : ours_from + length].flatten(1)
        other = theirs[:, theirs_from : theirs_from + length].flatten(1)
        best = torch.minimum(best, torch.cdist(one, other, p=1) / one.shape[1])
    found: NDArray[np.float64] = best.double().numpy()
    return found


def between_recordings(prints: Sequence[Print]) -> NDArray[np.float64]:
    """Distances [P] of all pairs that are of different recordings."""
    ids = np.array([each.recording_id for each in prints])
    apart = np.triu(ids[:, None] != ids[None, :], 1)
    return np.asarray(distances(prints, prints)[apart], np.float64)


def _levels(wav: Wav, sample_rate: int) -> Tensor:
    n_fft, hop = round(WINDOW_S * sample_rate), round(HOP_S * sample_rate)
    window, bank = _window_and_bank(sample_rate, n_fft)
    spectrum = torch.stft(
        torch.from_numpy(np.ascontiguousarray(wav)),
        n_fft,
        hop,
        window=window,
        pad_mode="constant",
        return_complex=True,
    )
    power = torch.view_as_real(spectrum).square().sum(-1)
    level_db = 10 * torch.log10((bank @ power).T + 1e-12)
    peak = level_db.max()
    if float(peak) <= -100:
        return torch.full_like(level_db, -RANGE_DB)  # silence is as far from a sound as can be
    return (level_db - peak).clamp(min=-RANGE_DB)


@cache
def _window_and_bank(sample_rate: int, n_fft: int) -> tuple[Tensor, Tensor]:
    return torch.hann_window(n_fft), mel_bank(sample_rate, n_fft, NUM_BANDS)
