"""Benches of made-up recordings, and models that do what a test says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray

from engine.evaluation.quality.bench import QUICK, Bench
from engine.evaluation.quality.making import Ask, Take, samples_of
from engine.pipeline import Pipeline, load_model
from engine.training.recordings import Recording, RecordingLibrary, Split
from tests.engine.models import write_tiny_model
from tests.engine.training.synthetic import placed, recording

RATE = 16000
Wav = NDArray[np.float32]
Sounds = Callable[[Ask], Wav]


def take(ask: Ask, wav: Wav) -> Take:
    return Take(ask, torch.zeros(4, 1, dtype=torch.long), wav, RATE)


@dataclass(frozen=True)
class Oracle(Bench):
    """A bench whose takes are what `sounds` gives."""

    sounds: Sounds = lambda ask: np.zeros(samples_of(ask, RATE), np.float32)

    def make(self, asks: Sequence[Ask]) -> list[Take]:
        return [take(ask, self.sounds(ask)) for ask in asks]


def oracle(pipeline: Pipeline, library: RecordingLibrary, sounds: Sounds, ear: Any = None) -> Oracle:
    return Oracle(pipeline, library, cast(Any, ear), QUICK, sounds=sounds)


def strike(seed: int, *, frequency_hz: float = 900.0, decay_s: float = 0.05, length_s: float = 0.4) -> Wav:
    """A strike with a spectrum of its own, -12 dBFS or so, that dies away."""
    rng = np.random.default_rng(seed)
    age = np.arange(round(length_s * RATE)) / RATE
    tone = sum(np.cos(2 * np.pi * frequency_hz * rng.uniform(0.5, 4) * age) for _ in range(4)) / 4
    noise = 0.3 * rng.standard_normal(age.size)
    return np.asarray(0.4 * (tone + noise) * np.exp(-age / decay_s), np.float32)


def of_split(wav: Wav, label: str, name: str, split: Split) -> Recording:
    made = replace(recording(wav, label, name), split=split)
    made.__dict__["wav"] = wav
    return made


def strikes(label: str, seeds: Sequence[int], split: Split, frequency_hz: float = 900.0) -> list[Recording]:
    """Recordings of one strike each, of a source each."""
    return [
        of_split(placed(0.7, [0.1], strike(seed, frequency_hz=frequency_hz)), label, f"{label}:{seed}", split)
        for seed in seeds
    ]


def at_hits(ask: Ask, sound: Wav) -> Wav:
    return placed(ask.duration_s, [hit.time_s for hit in ask.hits], sound)


def tiny_pipeline(folder: Path) -> Pipeline:
    write_tiny_model(folder)
    return Pipeline(load_model(folder))
