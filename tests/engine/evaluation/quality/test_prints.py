"""Prints: the same event is the same wherever it lies and however loud it is, and no other."""

from __future__ import annotations

import numpy as np

from engine.evaluation.quality.prints import print_at_hit
from engine.prints.event import (
    MAX_SHIFT_FRAMES,
    between_recordings,
    distances,
    event_print,
    steady_print,
)
from tests.engine.evaluation.quality.benches import RATE, strike
from tests.engine.training.synthetic import placed


def test_an_event_is_nearest_to_itself_moved_and_quieter() -> None:
    here = event_print(placed(1.0, [0.2], strike(1)), RATE, round(0.2 * RATE))
    moved = event_print(0.05 * placed(2.0, [1.1], strike(1)), RATE, round(1.112 * RATE))
    other = event_print(placed(1.0, [0.2], strike(2)), RATE, round(0.2 * RATE))
    found = distances([here], [here, moved, other])[0]
    assert found[0] == 0
    assert found[1] < 0.25 * found[2]


def test_distances_are_those_of_the_naive_way() -> None:
    prints = [event_print(placed(1.0, [0.2], strike(seed)), RATE, round(0.2 * RATE)) for seed in range(3)]
    found = distances(prints, prints)
    one, other = (prints[i].levels.numpy() for i in (0, 2))
    size = len(one) - MAX_SHIFT_FRAMES
    naive = min(
        float(np.abs(one[max(s, 0) : max(s, 0) + size] - other[max(-s, 0) : max(-s, 0) + size]).mean())
        for s in range(-MAX_SHIFT_FRAMES, MAX_SHIFT_FRAMES + 1)
    )
    assert abs(found[0, 2] - naive) < 1e-4
    assert np.allclose(found, found.T, atol=1e-4)


def test_silence_is_far_from_any_sound() -> None:
    silent = event_print(np.zeros(RATE, np.float32), RATE, 1000)
    loud = event_print(placed(1.0, [0.2], strike(1)), RATE, round(0.2 * RATE))
    assert distances([silent], [silent])[0, 0] == 0
    assert distances([silent], [loud])[0, 0] > 5


def test_only_pairs_of_different_recordings_count() -> None:
    wav = placed(1.0, [0.2], strike(1))
    one, same = (event_print(wav, RATE, 3200, "a") for _ in range(2))
    other = event_print(placed(1.0, [0.2], strike(2)), RATE, 3200, "b")
    assert between_recordings([one, same, other]).shape == (2,)


def test_an_event_near_its_hit_is_aligned_by_its_own_onset() -> None:
    exact = event_print(placed(1.5, [0.4], strike(1)), RATE, round(0.4 * RATE))
    late = print_at_hit(placed(1.5, [0.46], strike(1)), RATE, 0.4)
    assert distances([exact], [late])[0, 0] < 1.5


def test_steady_sounds_are_told_apart_by_colour_not_by_grain() -> None:
    rng = np.random.default_rng(0)
    white = [rng.standard_normal(2 * RATE).astype(np.float32) for _ in range(2)]
    dull = np.convolve(white[0], np.ones(16) / 16, "same").astype(np.float32)
    prints = [steady_print(wav, RATE) for wav in (*white, dull)]
    found = distances(prints, prints)
    assert found[0, 1] < 1 < 5 < found[0, 2]
