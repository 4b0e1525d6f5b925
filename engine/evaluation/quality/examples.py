"""One example a family: a held-out recording and a take of the same label, for the eye and the ear."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.families import family_of
from engine.evaluation.quality.bench import Bench
from engine.media.audio import resample
from engine.training.scenes.events import event_onsets

SAMPLE_RATE = 48000
LENGTH_S = 1.6
LEAD_S = 0.1
LEVEL_DBFS = -23.0
CEILING_DBFS = -1.0

Wav = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Example:
    """`real` and `made`: float32 [N] at 48 kHz, equally long, equally loud, beginning a tenth before the sound."""

    family: str
    label: str
    real: Wav
    made: Wav


def examples_of(bench: Bench) -> list[Example]:
    """Of each family the tested label with the most held-out recordings, its first one and its first take."""
    held_out = [r for r in bench.library.of_split("held_out") if r.label in bench.labels and r.wav.size]
    counts = {label: sum(r.label == label for r in held_out) for label in bench.labels}
    chosen: dict[str, str] = {}
    for label in sorted((label for label in bench.labels if counts[label]), key=lambda label: -counts[label]):
        chosen.setdefault(family_of(label), label)
    found = []
    for family, label in sorted(chosen.items()):
        recording = next(r for r in held_out if r.label == label)
        take = next(take for take in bench.pool if take.ask.label == label)
        if recording.path.is_file():  # as it was recorded, not as the codec is fed
            recording = replace(recording, sample_rate=SAMPLE_RATE)
        real = _part(
            recording.wav, recording.sample_rate, event_onsets(recording.wav, recording.sample_rate)[0]
        )
        first_s = take.ask.hits[0].time_s if take.ask.hits else LEAD_S
        found.append(
            Example(family, label, real, _part(take.wav, take.sample_rate, round(first_s * take.sample_rate)))
        )
    return found


def _part(wav: Wav, sample_rate: int, onset: int) -> Wav:
    start = max(0, onset - round(LEAD_S * sample_rate))
    piece = resample(wav[start : start + round(LENGTH_S * sample_rate)], sample_rate, SAMPLE_RATE)
    size = round(LENGTH_S * SAMPLE_RATE)
    piece = np.pad(piece[:size], (0, max(0, size - piece.size)))
    rms = float(np.sqrt(np.mean(np.square(piece, dtype=np.float64))))
    gain = 10 ** (LEVEL_DBFS / 20) / max(rms, 1e-6)
    peak = float(np.abs(piece).max()) * gain
    return np.asarray(piece * min(gain, gain * 10 ** (CEILING_DBFS / 20) / max(peak, 1e-9)), np.float32)
