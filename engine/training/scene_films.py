"""Rendered scenes as films: pictures with their sound, and NAME.json with what truly happens in them.

They are what `foley evaluate` measures on, what `foley data prepare` turns into a training set where no real
clips are at hand, and what the miniatures of the paper's tables run on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from engine.errors import RequestError
from engine.media.atomic import write_new_file
from engine.media.audio import resample
from engine.media.movie import write_frames_as_movie
from engine.protocol import Hit
from engine.training.recordings import RecordingLibrary
from engine.training.scene_set import LM_SCENES
from engine.training.scenes.events import EventLibrary
from engine.training.scenes.render import render_clip
from engine.training.scenes.sound import render_sound
from engine.training.scenes.spec import (
    TEST_SCENES,
    TEST_SEEDS,
    TRAIN_SEEDS,
    VALIDATION_SEEDS,
    SceneConfig,
    SceneSpec,
    draw_spec,
    scene_rng,
)

SceneSplit = Literal["train", "validation", "test"]

SEEDS: dict[SceneSplit, range] = {
    "train": TRAIN_SEEDS,
    "validation": VALIDATION_SEEDS,
    "test": TEST_SEEDS,
}
SOUND_RATE = 48000
"""AAC smears an onset over its window, which is the shorter the higher the rate."""


@dataclass(frozen=True)
class SceneFilms:
    """Which scenes, and how they are filmed.

    Scenes to train on are as the language model's (points and continuous labels, of the recordings to train on);
    those to validate and test on have hits that can be told apart, of clean events of held-out recordings.
    `labels` keeps to some labels; empty means all.
    """

    split: SceneSplit = "train"
    duration_s: float = 10.0
    width: int = 160
    height: int = 120
    labels: tuple[str, ...] = ()


class FilmTruth(Struct, frozen=True):
    """NAME.json: hits in seconds from the first frame. `seed` draws the scene again."""

    label: str
    hits: list[Hit]
    seed: int


def write_scene_films(
    folder: Path,
    library: RecordingLibrary,
    count: int,
    films: SceneFilms,
    *,
    on_film: Callable[[int], None] = lambda done: None,
) -> None:
    """Write `count` films, numbered in the order of their seeds; those that are there already are left alone.

    NAME.json comes last and makes a film whole, so that a broken run goes on where it stopped.

    Raises:
        RequestError: no recording of the split sounds the labels, or a side is not even.
        OutputError.
    """
    if films.width % 2 or films.height % 2:
        raise RequestError(f"A film of {films.width}x{films.height} cannot be written: give even sides.")
    folder.mkdir(parents=True, exist_ok=True)
    events, config = _sources(library, films)
    for number, (seed, spec, rng) in enumerate(_scenes(events, config, count, SEEDS[films.split])):
        truth = folder / f"scene_{films.split}_{number:06d}.json"
        if not truth.exists():
            _write_film(truth.with_suffix(".mp4"), spec, render_sound(spec, events, rng), films)
            record = FilmTruth(spec.label, list(spec.hits), seed)
            write_new_file(truth, msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n")
        on_film(number + 1)


def _scenes(
    events: EventLibrary, config: SceneConfig, count: int, seeds: range
) -> Iterator[tuple[int, SceneSpec, np.random.Generator]]:
    """The first `count` scenes with something to hear, each with its seed and the generator of its sound."""
    drawn = 0
    for seed in seeds:
        if drawn == count:
            return
        rng = scene_rng(seed)
        spec = draw_spec(rng, events.view, config)
        if spec.hits or spec.continuous:
            drawn += 1
            yield seed, spec, rng


def _sources(library: RecordingLibrary, films: SceneFilms) -> tuple[EventLibrary, SceneConfig]:
    recordings = library.of_split("train" if films.split == "train" else "held_out")
    wanted = set(films.labels) or {recording.label for recording in recordings}
    events = EventLibrary.from_recordings(r for r in recordings if r.label in wanted)
    if films.split != "train":
        events = events.clean
    lacking = sorted(wanted.intersection(films.labels) - {*events.events, *events.stretches})
    if lacking or not events.view.labels:
        raise RequestError(
            f"No recording of the split {films.split!r} sounds {', '.join(lacking) or 'at all'}: "
            f"choose of {', '.join(sorted({recording.label for recording in recordings}))}."
        )
    config = LM_SCENES if films.split == "train" else TEST_SCENES
    return events, msgspec.structs.replace(config, duration_s=films.duration_s)


def _write_film(path: Path, spec: SceneSpec, wav: NDArray[np.float32], films: SceneFilms) -> None:
    path.unlink(missing_ok=True)  # of a run that was broken off before the truth was written
    write_frames_as_movie(
        render_clip(spec, spec.frame_rate, films.width, films.height),
        resample(wav, 16000, SOUND_RATE),
        path,
        frame_rate=Fraction(spec.frame_rate).limit_denominator(1001),
        sample_rate=SOUND_RATE,
    )
