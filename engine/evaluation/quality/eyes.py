"""Does the picture obey the editor? Given hits are met whatever is seen, and what is seen names the sound's family."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import cycle
from pathlib import Path

import numpy as np
from msgspec.structs import replace
from torch import Tensor

from engine.errors import MediaError
from engine.evaluation.bootstrap import Interval, difference_interval, mean_interval
from engine.evaluation.families import family_of
from engine.evaluation.quality import QualityFigure, Target, unmeasured
from engine.evaluation.quality.bench import Bench
from engine.evaluation.quality.making import Ask, Take, make_takes
from engine.evaluation.sync import draw_test_scenes
from engine.media.matching import onset_f1, times_of
from engine.media.onsets import SAMPLE_RATE, detect_onsets
from engine.media.video import probe
from engine.protocol import Hit, Picture, Span, rational
from engine.training.scenes.events import LibraryView
from engine.training.scenes.render import render_frames
from engine.training.scenes.spec import TEST_SCENES, TEST_SEEDS, SceneSpec, draw_spec, scene_rng

F1_TARGETS = {50: Target("at least", 0.93), 40: Target("at least", 0.85)}
COST_TARGET = Target("at most", 0.02)
COST_WITHIN_S = 0.05
DURATION_S = 4.0
LAST_HIT_S = 0.1
"""Hits nearer to a window's end are left out."""
GUESSED_SCENES = replace(TEST_SCENES, duration_s=2.0, continuous_share=0.2)


@dataclass(frozen=True)
class Case:
    """A label, hits and what was seen with them."""

    ask: Ask
    features: Tensor


def measure(bench: Bench) -> list[QualityFigure]:
    return [*_on_scenes(bench), _on_footage(bench), _guesses(bench)]


def _on_scenes(bench: Bench) -> list[QualityFigure]:
    scenes = draw_test_scenes(bench.library, bench.size.scenes, duration_s=DURATION_S)
    known = [scene.spec for scene in scenes if scene.spec.label in bench.point_labels]
    cases = [
        Case(Ask(spec.label, DURATION_S, spec.hits, seed=bench.seed + i), seen(bench, spec))
        for i, spec in enumerate(known)
    ]
    if len(cases) < 2:
        return [
            unmeasured("given-hits", "Given hits are met", None, "no scene of a tested label could be drawn")
        ]
    own, swapped = _taken(bench, cases)
    met = [
        QualityFigure(
            f"given-hits-{within_ms}",
            f"Given hits are met on rendered scenes, F1 within {within_ms} ms",
            mean_interval([_f1(take, within_ms / 1000) for take in own], seed=bench.seed),
            target,
            details={"scenes": float(len(own))},
        )
        for within_ms, target in F1_TARGETS.items()
    ]
    return [*met, swap_figure("swap", "rendered scenes", own, swapped, bench.seed)]


def seen(bench: Bench, spec: SceneSpec) -> Tensor:
    """Features [seconds, width] of a rendered scene."""
    encoder = bench.pipeline.model.encoder
    eyes = encoder.describe()
    times_s = eyes.picture_times(spec.duration_s)
    frames = render_frames(spec, times_s.ravel(), eyes.image_size, eyes.image_size)
    return encoder.encode(frames.reshape(*times_s.shape, *frames.shape[1:]))


def _on_footage(bench: Bench) -> QualityFigure:
    """Windows of real films and labels, both in turn; hits are the spotted ones."""
    title = "Cost of other visual features on real footage, F1 within 50 ms"
    if not bench.videos:
        return unmeasured("swap-footage", title, COST_TARGET, "no films were given")
    labels = [label for label in bench.held_out_events.clean.events if label in bench.point_labels]
    looks = list(_looks(bench))
    if len(looks) < 2 or not labels:
        return unmeasured("swap-footage", title, COST_TARGET, "nothing was spotted in the films")
    cases = [
        Case(Ask(labels[i % len(labels)], DURATION_S, hits, seed=bench.seed + i), features)
        for i, (hits, features) in zip(range(bench.size.footage), cycle(looks), strict=False)
    ]
    own, swapped = _taken(bench, cases)
    return swap_figure("swap-footage", "real footage", own, swapped, bench.seed)


def _looks(bench: Bench) -> Iterator[tuple[tuple[Hit, ...], Tensor]]:
    """Spotted hits and features of the windows in which something was spotted."""
    for picture in film_windows(bench.videos):
        sight = bench.pipeline.look(picture, lambda stage, share: None)
        hits = tuple(hit for hit in sight.hits if hit.time_s < DURATION_S - LAST_HIT_S)
        if hits:
            yield hits, sight.features


def film_windows(films: Sequence[Path]) -> list[Picture]:
    """Stretches of four seconds, a film each in turn, from each film's start on; broken films are left out."""
    by_film = []
    for film in films:
        try:
            duration_s = float(probe(film).duration_s)
        except MediaError:
            continue
        length = rational(Fraction(DURATION_S))
        whole = int(duration_s // DURATION_S)
        by_film.append(
            [
                Picture(str(film.absolute()), [Span(length, rational(Fraction(DURATION_S) * number))])
                for number in range(whole)
            ]
        )
    rounds = range(max(map(len, by_film), default=0))
    return [windows[number] for number in rounds for windows in by_film if number < len(windows)]


def _taken(bench: Bench, cases: Sequence[Case]) -> tuple[list[Take], list[Take]]:
    """Takes with their own features and, the same seeds, with the next case's."""
    features = [case.features for case in cases]
    asks = [case.ask for case in cases]
    takes = make_takes(bench.pipeline, [*asks, *asks], features=[*features, *features[1:], features[0]])
    return takes[: len(cases)], takes[len(cases) :]


def swap_figure(
    name: str, where: str, own: Sequence[Take], swapped: Sequence[Take], seed: int
) -> QualityFigure:
    first, second = ([_f1(take, COST_WITHIN_S) for take in takes] for takes in (own, swapped))
    details = {"own features": float(np.mean(first)), "swapped": float(np.mean(second)), "pairs": len(first)}
    return QualityFigure(
        name,
        f"Cost of other visual features on {where}, F1 within 50 ms",
        difference_interval(first, second, seed=seed),
        COST_TARGET,
        decimals=3,
        details=details,
    )


def _f1(take: Take, within_s: float) -> float:
    return onset_f1(times_of(detect_onsets(take.at_rate(SAMPLE_RATE))), times_of(take.ask.hits), within_s)


def _guesses(bench: Bench) -> QualityFigure:
    """The best guess's family on rendered test scenes, beside always saying the commonest."""
    title = "Family guessed from the picture alone, rendered scenes"
    labels = bench.pipeline.model.config.lm.labels
    guesser = bench.pipeline.model.encoder.guesser(labels, None)
    if guesser is None or not labels:
        return unmeasured("guess", title, None, "this model's encoder guesses no labels")
    view = LibraryView(
        tuple(label for label in labels if not bench.is_continuous(label)),
        tuple(label for label in labels if bench.is_continuous(label)),
    )
    true, right = [], []
    for seed in TEST_SEEDS[: bench.size.guesses]:
        spec = draw_spec(scene_rng(seed), view, GUESSED_SCENES)
        guess = guesser.labels[int(guesser.label_probabilities(seen(bench, spec)).argmax())]
        true.append(family_of(spec.label))
        right.append(float(family_of(guess) == family_of(spec.label)))
    prior = Counter(true).most_common(1)[0][1] / len(true)
    value: Interval | None = mean_interval(right, seed=bench.seed)
    details = {"prior": prior, "scenes": float(len(true)), "families": float(len(set(true)))}
    return QualityFigure("guess", title, value, Target("at least", prior), details=details)
