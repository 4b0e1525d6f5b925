"""`foley evaluate sync`: do the sounds fall on the hits, on rendered scenes and recordings never trained on?

For each scene the model generates twice, once from the scene's own hits and once from spotted ones. Onsets
heard in the generated sound are matched with the true hits; beside each figure stand the same for shuffled
pairs and for random moments of the same count, and the detector's own figure on the scenes' true sound.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from engine.errors import RequestError
from engine.evaluation.matching import chance_score, mean_score, shuffled_score
from engine.media.audio import resample
from engine.media.matching import times_of
from engine.media.onsets import SAMPLE_RATE, detect_onsets
from engine.pipeline import Pipeline
from engine.protocol import Generate, Hit, Picture, SamplingWish, Span, rational
from engine.training.recordings import RecordingLibrary, read_library
from engine.training.scenes.events import EventLibrary
from engine.training.scenes.render import render_clip, render_frames
from engine.training.scenes.sound import render_sound
from engine.training.scenes.spec import (
    TEST_SCENES,
    TEST_SEEDS,
    VALIDATION_SEEDS,
    SceneConfig,
    SceneSpec,
    draw_spec,
    scene_rng,
)
from engine.visual.sight import Sight

AS_THE_MODEL = SamplingWish()
TOLERANCES_MS = (40, 50, 100, 200)
FEWEST_SCENES = 2
"""Shuffled pairs need as many."""


class Figure(Struct, frozen=True):
    """Mean F1 over scenes at one tolerance, with its controls."""

    tolerance_ms: int
    f1: float
    shuffled: float
    chance: float


class SyncReport(Struct, frozen=True):
    """All figures of one evaluation. Each list has one figure a tolerance."""

    num_scenes: int
    seed: int
    cfg_scale: float
    detector: list[Figure]
    spotter: list[Figure]
    given_hits: list[Figure]
    spotted_hits: list[Figure]


class TestScene(Struct, frozen=True):
    """A rendered scene that no model has seen: its true hits and its true sound, at its recordings' rate."""

    __test__ = False

    spec: SceneSpec
    wav: NDArray[np.float32]
    sample_rate: int


def draw_test_scenes(
    library: RecordingLibrary, count: int, *, duration_s: float = 6.0, seeds: range = TEST_SEEDS
) -> list[TestScene]:
    """Scenes of held-out recordings with at least one hit, pictures drawn from seeds of their own; none where no
    held-out recording has an event.

    Only clean events sound (one sharp onset each), so that the true sound is a fair reference.
    """
    recordings = library.of_split("held_out")
    held_out = EventLibrary.from_recordings(recordings).clean
    config: SceneConfig = msgspec.structs.replace(TEST_SCENES, duration_s=duration_s)
    scenes: list[TestScene] = []
    if not held_out.view.labels:
        return scenes
    rate = recordings[0].sample_rate
    for seed in seeds:
        rng = scene_rng(seed)
        spec = draw_spec(rng, held_out.view, config)
        if spec.hits:
            scenes.append(TestScene(spec, render_sound(spec, held_out, rng, rate), rate))
        if len(scenes) == count:
            break
    return scenes


def scenes_of(sounds: Path, count: int, *, validation: bool = False) -> list[TestScene]:
    """So many test scenes, or validation scenes, of a folder's recordings that are held out.

    Raises:
        RequestError: too little was held out.
    """
    drawn = draw_test_scenes(
        read_library(sounds), count, seeds=VALIDATION_SEEDS if validation else TEST_SEEDS
    )
    if len(drawn) < FEWEST_SCENES:
        raise RequestError(
            f"No scenes can be drawn: no recording under {sounds} that is held out has an event of its own. "
            "Give a folder with more recordings of each label."
        )
    return drawn


def evaluate_sync(
    pipeline: Pipeline,
    scenes: Sequence[TestScene],
    *,
    seed: int = 0,
    sampling: SamplingWish = AS_THE_MODEL,
    on_scene: Callable[[int], None] = lambda done: None,
) -> SyncReport:
    """Generate for every scene from given and from spotted hits, and measure."""
    true = [times_of(scene.spec.hits) for scene in scenes]
    durations = [scene.spec.duration_s for scene in scenes]
    heard_true, heard_given, heard_spotted, spotted = [], [], [], []
    for number, scene in enumerate(scenes):
        sight = look_at(pipeline, scene.spec)
        heard_true.append(onsets_of(resample(scene.wav, scene.sample_rate, SAMPLE_RATE)))
        spotted.append(times_of(sight.hits))
        given = generate_for(pipeline, scene.spec, sight, scene.spec.hits, seed + number, sampling)
        heard_given.append(onsets_of(given))
        found = generate_for(pipeline, scene.spec, sight, sight.hits, seed + number, sampling)
        heard_spotted.append(onsets_of(found))
        on_scene(number + 1)
    return SyncReport(
        num_scenes=len(scenes),
        seed=seed,
        cfg_scale=pipeline.model.sampling(sampling).cfg_scale,
        detector=_figures(heard_true, true, durations),
        spotter=_figures(spotted, true, durations),
        given_hits=_figures(heard_given, true, durations),
        spotted_hits=_figures(heard_spotted, true, durations),
    )


def look_at(pipeline: Pipeline, spec: SceneSpec) -> Sight:
    """What the model sees of a rendered scene, frame by frame as a camera would have caught it."""
    config = pipeline.model.config
    grey = render_clip(
        spec, config.spotter.frame_rate, config.spotter.width, config.spotter.height, grey=True
    )
    found = pipeline.model.spotter.spot(grey, config.spotter.frame_rate)
    size = pipeline.model.encoder.describe().image_size
    seconds = np.arange(int(np.ceil(spec.duration_s)), dtype=np.float64)
    features = pipeline.model.encoder.encode(render_frames(spec, seconds, size, size)[:, None])
    return Sight(list(found.hits), found.curve, features, [])


def generate_for(
    pipeline: Pipeline,
    spec: SceneSpec,
    sight: Sight,
    hits: Sequence[Hit],
    seed: int,
    sampling: SamplingWish,
) -> NDArray[np.float32]:
    """The sound, 16 kHz, that the model makes for a scene's label and the given hits."""
    duration = Fraction(spec.duration_s).limit_denominator(1000)
    request = Generate(
        id=0,
        picture=Picture("rendered", [Span(rational(duration), (0, 1))]),
        wav_paths=[],
        num_samples=int(duration * SAMPLE_RATE),
        sample_rate=SAMPLE_RATE,
        label=spec.label,
        sampling=sampling,
    )
    codes = pipeline.codes(request, sight, hits, spec.label, seed, lambda stage, share: None)
    return pipeline.waveform(codes, request.num_samples, SAMPLE_RATE)


def onsets_of(wav: NDArray[np.float32]) -> list[float]:
    """Of sound at the detector's rate."""
    return times_of(detect_onsets(wav, SAMPLE_RATE))


def _figures(found: list[list[float]], true: list[list[float]], durations_s: list[float]) -> list[Figure]:
    pairs = list(zip(found, true, strict=True))
    return [
        Figure(
            tolerance_ms=tolerance_ms,
            f1=mean_score(pairs, tolerance_ms / 1000).mean_f1,
            shuffled=shuffled_score(pairs, tolerance_ms / 1000).mean_f1,
            chance=chance_score(pairs, durations_s, tolerance_ms / 1000),
        )
        for tolerance_ms in TOLERANCES_MS
    ]


def as_table(report: SyncReport) -> str:
    """The figures for people, one line a row and tolerance."""
    lines = [
        f"onset F1 over {report.num_scenes} rendered scenes, recordings and seeds never trained on",
        f"{'':34}{'within':>8}{'F1':>8}{'shuffled':>10}{'chance':>8}",
    ]
    rows = {
        "detector on the true sound": report.detector,
        "spotter on the picture": report.spotter,
        "generated from given hits": report.given_hits,
        "generated from spotted hits": report.spotted_hits,
    }
    for name, figures in rows.items():
        lines += [
            f"{name:34}{f.tolerance_ms:>5} ms{f.f1:>8.3f}{f.shuffled:>10.3f}{f.chance:>8.3f}" for f in figures
        ]
    return "\n".join(lines)
