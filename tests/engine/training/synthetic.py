"""Tiny made-up recordings, so that scenes can be tested where the real ones are absent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.training.recordings import Recording

SAMPLE_RATE = 16000


def ping(length_s: float = 0.4, *, decay_s: float = 0.06, seed: int = 0) -> NDArray[np.float32]:
    """A sharp, noisy, decaying strike that begins at sample 0."""
    age = np.arange(round(length_s * SAMPLE_RATE)) / SAMPLE_RATE
    noise = np.random.default_rng(seed).standard_normal(age.size)
    tone = np.cos(2 * np.pi * 900 * age)
    return np.asarray(0.3 * (0.4 * noise + tone) * np.exp(-age / decay_s), np.float32)


def recording(wav: NDArray[np.float32], label: str, recording_id: str = "made-up:0") -> Recording:
    """A recording whose sound is already there."""
    made = Recording(
        path=Path("made-up.wav"),
        label=label,
        recording_id=recording_id,
        author="nobody",
        licence="cc0",
        licence_text="CC0 1.0",
        source="nowhere",
        split="train",
        sample_rate=SAMPLE_RATE,
    )
    made.__dict__["wav"] = wav
    return made


def at_rate(recordings: list[Recording], sample_rate: int) -> list[Recording]:
    """The same samples, taken for those of another rate."""
    return [changed(recording, sample_rate=sample_rate) for recording in recordings]


def changed(recording: Recording, **fields: Any) -> Recording:
    """With other fields, and its sound still there."""
    copy = replace(recording, **fields)
    copy.__dict__["wav"] = recording.wav
    return copy


def placed(length_s: float, at_s: list[float], sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """Silence with `sound` mixed in at the given times."""
    wav = np.zeros(round(length_s * SAMPLE_RATE), np.float32)
    for time_s in at_s:
        start = round(time_s * SAMPLE_RATE)
        part = sound[: wav.size - start]
        wav[start : start + part.size] += part
    return wav


def recordings() -> list[Recording]:
    """Two recordings of two point labels, and one of a continuous label."""
    noise = np.random.default_rng(5).standard_normal(2 * SAMPLE_RATE).astype(np.float32)
    return [
        recording(placed(0.6, [0.1], ping(seed=1)), "impact_wood", "made-up:1"),
        recording(placed(1.4, [0.05, 0.7], ping(seed=2)), "impact_wood", "made-up:2"),
        recording(placed(0.6, [0.2], ping(seed=3, decay_s=0.03)), "footstep_stone", "made-up:3"),
        recording(0.1 * noise, "rain", "made-up:4"),
    ]
