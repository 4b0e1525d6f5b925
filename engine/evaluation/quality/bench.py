"""What all figures are measured on: the model, the recordings, the ear, and one pool of takes that several share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from msgspec import Struct

from engine.checkpoints import DEFAULT_MODEL
from engine.codec.encodec import Encodec
from engine.evaluation.embeddings.ear import Ear
from engine.evaluation.quality.making import Ask, Take, Wav, make_takes
from engine.media.intensity import CURVE_RATE
from engine.pipeline import Pipeline
from engine.protocol import Hit
from engine.training.recordings import RecordingLibrary
from engine.training.scenes.events import EventLibrary
from engine.training.scenes.labels import CONTINUOUS_LABELS
from engine.training.scenes.paths import Intensity
from engine.training.scenes.sound import render_sound
from engine.training.scenes.spec import SceneConfig, draw_spec, scene_rng

POOL_S = 3.8
POOL_HITS = (Hit(0.4, 0.9), Hit(2.1, 0.7))
"""Isolated: at least 1.5 s apart, and as long before the end."""
STEADY_CURVE = 0.6
"""Intensity of a steady continuous sound: -24 dBFS."""


class Size(Struct, frozen=True):
    """How much is made. The default takes about ten minutes on two cores."""

    pool_seeds: int = 3
    diversity_labels: int = 8
    diversity_seeds: int = 10
    ambience_takes: int = 6
    redo_labels: int = 6
    """Of those made of hits, and as many that sound on and on."""
    edits: int = 10
    curves: int = 8
    scenes: int = 32
    guesses: int = 80
    footage: int = 36
    spotter_scenes: int = 20
    """A kind."""
    codec_recordings: int = 115
    sync_scenes: int = 80
    table_scenes: int = 200
    """A kind."""


QUICK = Size(
    pool_seeds=1,
    diversity_labels=2,
    diversity_seeds=5,
    ambience_takes=1,
    redo_labels=1,
    edits=3,
    curves=2,
    scenes=4,
    guesses=24,
    footage=4,
    spotter_scenes=3,
    codec_recordings=24,
    sync_scenes=8,
    table_scenes=20,
)


@dataclass(frozen=True)
class Bench:
    """
    Attributes:
        library: at the codec's rate.
        videos: films, with sound or without.
        codec: one that encodes, and decodes as the model does; None where there is none.
    """

    pipeline: Pipeline
    library: RecordingLibrary
    ear: Ear
    size: Size = field(default_factory=Size)
    seed: int = 0
    videos: Sequence[Path] = ()
    codec: Encodec | None = None
    model_folder: Path = DEFAULT_MODEL
    log: Callable[[str], None] = lambda line: None

    @property
    def sample_rate(self) -> int:
        return self.pipeline.model.config.codec.sample_rate

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Labels that the model makes and that have held-out recordings."""
        known = self.pipeline.model.config.lm.labels
        return tuple(label for label in self.library.tested_labels if label in known)

    @property
    def point_labels(self) -> tuple[str, ...]:
        return tuple(label for label in self.labels if not self.is_continuous(label))

    @property
    def continuous_labels(self) -> tuple[str, ...]:
        return tuple(label for label in self.labels if self.is_continuous(label))

    def is_continuous(self, label: str) -> bool:
        """To the model, or to those who cut recordings into events."""
        return label in CONTINUOUS_LABELS or label in self.pipeline.model.config.continuous_labels

    @cached_property
    def train_events(self) -> EventLibrary:
        return EventLibrary.from_recordings(self.library.of_split("train"))

    @cached_property
    def held_out_events(self) -> EventLibrary:
        return EventLibrary.from_recordings(self.library.of_split("held_out"))

    def make(self, asks: Sequence[Ask]) -> list[Take]:
        return make_takes(self.pipeline, asks)

    @cached_property
    def pool(self) -> list[Take]:
        """Takes of every tested label, a few seeds each: isolated hits, or a steady curve."""
        self.log(f"making takes of {len(self.labels)} labels")
        seeds = range(self.seed, self.seed + self.size.pool_seeds)
        return self.make([self.pool_ask(label, seed) for label in self.labels for seed in seeds])

    def pool_ask(self, label: str, seed: int) -> Ask:
        if self.is_continuous(label):
            return Ask(label, POOL_S, curve=flat_curve(POOL_S), seed=seed)
        return Ask(label, POOL_S, POOL_HITS, seed=seed)

    def rendered(self, label: str) -> list[Wav]:
        """What the pool asks for, as scenes of the training have it: wavs [N], as many as the pool has takes.

        Empty where no recording of the training sounds the label.
        """
        if label not in self.train_events.view.labels:
            return []
        wavs = []
        for seed in range(self.seed, self.seed + self.size.pool_seeds):
            rng = scene_rng(seed)
            drawn = draw_spec(rng, self.train_events.view, SceneConfig(duration_s=POOL_S), label=label)
            steady = Intensity(np.full(round(POOL_S * CURVE_RATE), STEADY_CURVE, np.float32), CURVE_RATE)
            spec = replace(drawn, hits=() if drawn.continuous else POOL_HITS, intensity=steady)
            wavs.append(render_sound(spec, self.train_events, rng, self.sample_rate))
        return wavs


def flat_curve(duration_s: float, intensity: float = STEADY_CURVE) -> tuple[float, ...]:
    return (intensity,) * round(duration_s * CURVE_RATE)


def spread(items: Sequence[str], count: int) -> list[str]:
    """So many of them, evenly from first to last."""
    count = min(count, len(items))
    return [items[number * len(items) // count] for number in range(count)]
