"""Made-up recordings: struck bodies of three kinds, so that a toy model can be trained where no recordings are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.training.recordings import Recording, RecordingLibrary, Split

SAMPLE_RATE = 16000
LENGTH_S = 0.5
BODIES: dict[str, tuple[float, float, float]] = {
    "impact_wood": (420.0, 0.05, 0.5),
    "impact_metal": (1900.0, 0.12, 0.2),
    "footstep_stone": (160.0, 0.03, 1.2),
}
"""Label to pitch in Hz, decay in s, and how much noise there is in it."""


def made_up_library(*, each: int = 6) -> RecordingLibrary:
    """So many recordings of each label to train on, and half as many held out."""
    recordings = []
    for label, (pitch_hz, decay_s, noise) in sorted(BODIES.items()):
        for number in range(each + each // 2):
            split: Split = "train" if number < each else "held_out"
            rng = np.random.default_rng((len(label), round(pitch_hz), number))
            wav = strike(
                rng, pitch_hz * float(rng.uniform(0.8, 1.25)), decay_s * float(rng.uniform(0.8, 1.25)), noise
            )
            recordings.append(_recording(wav, label, f"made-up:{label}:{number}", split))
    return RecordingLibrary(recordings)


def strike(rng: np.random.Generator, pitch_hz: float, decay_s: float, noise: float) -> NDArray[np.float32]:
    """A sharp, decaying strike that begins after 50 ms of silence, float32 [N]."""
    age_s = np.arange(round(LENGTH_S * SAMPLE_RATE)) / SAMPLE_RATE
    partials = sum(
        np.sin(2 * np.pi * pitch_hz * ratio * age_s + rng.uniform(0, 6)) / (1 + number)
        for number, ratio in enumerate((1.0, 2.1, 3.4))
    )
    body = (partials + noise * rng.standard_normal(age_s.size)) * np.exp(-age_s / decay_s)
    lead = np.zeros(SAMPLE_RATE // 20)
    wav = np.concatenate([lead, body])
    return np.asarray(0.5 * wav / np.abs(wav).max(), np.float32)


def _recording(wav: NDArray[np.float32], label: str, recording_id: str, split: Split) -> Recording:
    made = Recording(
        path=Path("made-up.wav"),
        label=label,
        recording_id=recording_id,
        author="nobody",
        licence="cc0",
        licence_text="CC0 1.0",
        source="made up",
        split=split,
        sample_rate=SAMPLE_RATE,
    )
    made.__dict__["wav"] = wav  # there is no file: the cached property has its value from the start
    return made
