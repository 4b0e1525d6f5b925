"""How well hits are spotted: on rendered scenes, and on footage by the onsets of its own sound.

Beside every figure stand chance (as many moments thrown at random) and the plain frame-difference peaks.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from engine.evaluation.matching import TOLERANCES_S, chance_f1
from engine.media.audio import read_audio_with_rate
from engine.media.matching import match, onset_f1, onset_score, times_of
from engine.media.onsets import detect_onsets
from engine.media.video import FrameRequest, probe, sample_picture
from engine.protocol import Hit, Picture, Span, rational
from engine.training.scenes.events import LibraryView
from engine.training.scenes.spec import TEST_SCENES, TEST_SEEDS, SceneConfig
from engine.training.spotter_scenes import every_footstep, watched_scene
from engine.visual.spotter import Spotter, difference_peaks


class ClipFigures(Struct, frozen=True):
    """One clip. F1 by tolerance in milliseconds; `offset_s` is by how much found hits come late (median)."""

    name: str
    duration_s: float
    num_true: int
    num_found: int
    f1: dict[int, float]
    chance_f1: dict[int, float]
    baseline_f1: dict[int, float]
    offset_s: float


class SceneFigures(Struct, frozen=True):
    """Scenes together: mean over the scenes of F1, and F1, precision and recall of all counts at 100 ms."""

    num_scenes: int
    mean_f1: dict[int, float]
    mean_chance_f1: dict[int, float]
    mean_baseline_f1: dict[int, float]
    pooled_f1_100ms: float
    precision_100ms: float
    recall_100ms: float
    offset_s: float
    curve_error: float
    """Mean absolute difference of the intensity curve (0 to 1)."""


class SpottingFigures(Struct, frozen=True):
    """On rendered scenes, on those in which a hand sets things down or people walk, and on films."""

    scenes: SceneFigures
    handled: SceneFigures
    strided: SceneFigures
    films: list[ClipFigures]


HANDLED_SCENES: SceneConfig = msgspec.structs.replace(TEST_SCENES, handled_share=1.0)
STRIDED_SCENES: SceneConfig = msgspec.structs.replace(TEST_SCENES, strided_share=1.0)


def evaluate_spotter(
    spotter: Spotter,
    *,
    films: Sequence[str | Path] = (),
    num_scenes: int = 200,
    worn: bool = True,
) -> SpottingFigures:
    """On rendered test scenes (`worn` by camera and codec or clean), and on films that carry their own sound.

    Raises:
        MediaError: a film cannot be read.
    """
    return SpottingFigures(
        scenes=scene_figures(spotter, TEST_SCENES, num_scenes, worn=worn),
        handled=scene_figures(spotter, HANDLED_SCENES, num_scenes, worn=worn),
        strided=scene_figures(spotter, STRIDED_SCENES, num_scenes, view=every_footstep(), worn=worn),
        films=[evaluate_film(spotter, film) for film in films],
    )


def scene_figures(
    spotter: Spotter,
    scenes: SceneConfig,
    num_scenes: int,
    *,
    view: LibraryView | None = None,
    worn: bool = True,
) -> SceneFigures:
    """On the first so many test scenes; of the labels of `view`, or of all."""
    rate = spotter.config.frame_rate
    clips: list[ClipFigures] = []
    counts, curve_errors = [], []
    for seed in TEST_SEEDS[:num_scenes]:
        scene = watched_scene(seed, spotter.config, scenes, view=view, worn=worn)
        spotted = spotter.spot(scene.frames, rate, scene.duration_s)
        truth = list(scene.hits)
        clips.append(_figures(f"scene {seed}", scene.frames, rate, spotted.hits, truth, scene.duration_s))
        counts.append(onset_score(times_of(spotted.hits), times_of(truth), 0.1))
        middles_s = (np.arange(len(scene.curve)) + 0.5) / rate
        at_codec_s = (np.arange(len(spotted.curve)) + 0.5) / 50
        curve_errors.append(
            float(np.abs(np.interp(at_codec_s, middles_s, scene.curve) - spotted.curve).mean())
        )
    pooled = sum(counts[1:], counts[0])
    late_s = [clip.offset_s for clip in clips if clip.num_found and clip.num_true]
    return SceneFigures(
        num_scenes=len(clips),
        mean_f1=_mean([clip.f1 for clip in clips]),
        mean_chance_f1=_mean([clip.chance_f1 for clip in clips]),
        mean_baseline_f1=_mean([clip.baseline_f1 for clip in clips]),
        pooled_f1_100ms=pooled.f1,
        precision_100ms=pooled.precision,
        recall_100ms=pooled.recall,
        offset_s=float(np.median(late_s)) if late_s else 0.0,
        curve_error=float(np.mean(curve_errors)),
    )


def evaluate_film(spotter: Spotter, path: str | Path) -> ClipFigures:
    """Hits spotted in a film's picture against the onsets of its own sound.

    Raises:
        MediaError: it cannot be read or has no sound.
    """
    info = probe(path)
    frames = whole_film(path, info.duration_s, spotter)
    wav, sample_rate = read_audio_with_rate(path)
    duration_s = float(info.duration_s)
    truth = [hit for hit in detect_onsets(wav, sample_rate) if hit.time_s < duration_s]
    found = spotter.spot(frames, spotter.config.frame_rate, duration_s).hits
    return _figures(Path(path).name, frames, spotter.config.frame_rate, found, truth, duration_s)


def whole_film(path: str | Path, duration_s: Fraction, spotter: Spotter) -> NDArray[np.uint8]:
    """Grey frames of a whole media file at the spotter's rate and size, uint8 [T, H, W]."""
    config = spotter.config
    picture = Picture(
        media=str(path), spans=[Span(duration=rational(duration_s), source_start=rational(Fraction(0)))]
    )
    times_s = np.arange(int(np.ceil(float(duration_s) * config.frame_rate - 1e-9))) / config.frame_rate
    [frames] = sample_picture(picture, [FrameRequest(times_s, config.width, config.height, "gray8")])
    return frames


def _figures(
    name: str,
    frames: NDArray[np.uint8],
    frame_rate: float,
    found: list[Hit],
    truth: list[Hit],
    duration_s: float,
) -> ClipFigures:
    found_s, true_s = times_of(found), times_of(truth)
    plain_s = times_of(difference_peaks(frames, frame_rate))
    errors = [found_s[i] - true_s[j] for i, j in match(found_s, true_s, 0.1)]
    by_tolerance = {round(1000 * tolerance_s): tolerance_s for tolerance_s in TOLERANCES_S}
    return ClipFigures(
        name=name,
        duration_s=duration_s,
        num_true=len(true_s),
        num_found=len(found_s),
        f1={ms: onset_f1(found_s, true_s, t) for ms, t in by_tolerance.items()},
        chance_f1={ms: chance_f1(len(found_s), true_s, duration_s, t) for ms, t in by_tolerance.items()},
        baseline_f1={ms: onset_f1(plain_s, true_s, t) for ms, t in by_tolerance.items()},
        offset_s=float(np.median(errors)) if errors else 0.0,
    )


def _mean(figures: list[dict[int, float]]) -> dict[int, float]:
    return {ms: float(np.mean([each[ms] for each in figures])) for ms in figures[0]}


def as_table(figures: SpottingFigures) -> str:
    """The figures for people: all scenes together, then film by film."""
    scenes, films = figures.scenes.num_scenes, len(figures.films)
    head = f"{'':34}{'within':>8}{'F1':>8}{'baseline':>10}{'chance':>8}"
    lines = [f"hits spotted in three times {scenes} rendered scenes and {films} films", head]
    rendered = {
        "rendered scenes": figures.scenes,
        "things set down by hand": figures.handled,
        "people who walk": figures.strided,
    }
    rows = {
        name: (found.mean_f1, found.mean_baseline_f1, found.mean_chance_f1)
        for name, found in rendered.items()
    }
    rows |= {film.name: (film.f1, film.baseline_f1, film.chance_f1) for film in figures.films}
    for name, (f1, baseline, chance) in rows.items():
        lines += [f"{name:34}{ms:>5} ms{f1[ms]:>8.3f}{baseline[ms]:>10.3f}{chance[ms]:>8.3f}" for ms in f1]
    return "\n".join(lines)
