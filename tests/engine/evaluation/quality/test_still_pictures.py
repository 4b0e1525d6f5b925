"""Pictures in which nothing hits: what they are, and how a spotter that cries wolf is counted."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from engine.config import SpotterConfig
from engine.evaluation.quality.false_hits import false_hits_per_s
from engine.evaluation.quality.still_scenes import DURATION_S, KINDS, StillScene, still_scene
from engine.protocol import Hit
from engine.visual.spotter import SpotResult, Spotter

CONFIG = SpotterConfig()


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_what_it_is_called_and_the_same_each_time(kind: str) -> None:
    scene, again = (still_scene(kind, 1, CONFIG) for _ in range(2))
    assert scene.frames.shape == (round(DURATION_S * CONFIG.frame_rate), CONFIG.height, CONFIG.width)
    assert scene.frames.dtype == np.uint8
    assert np.array_equal(scene.frames, again.frames)
    assert not np.array_equal(scene.frames, still_scene(kind, 2, CONFIG).frames)


def test_pictures_change_as_their_kind_says() -> None:
    def jumps(kind: str) -> np.ndarray:
        scenes = [still_scene(kind, number, CONFIG).frames.astype(np.float32) for number in range(4)]
        return np.concatenate([np.abs(np.diff(frames, axis=0)).mean((1, 2)) for frames in scenes])

    cuts, stills, flicker = jumps("cuts"), jumps("stills"), jumps("flicker")
    assert (cuts > 10).sum() >= 4 * DURATION_S / 2 - 4
    assert stills.max() < 10
    assert flicker.mean() > stills.min()


def test_only_slow_motion_holds_hits_and_they_are_stretched() -> None:
    scenes = {kind: [still_scene(kind, n, CONFIG) for n in range(4)] for kind in KINDS}
    assert all(not scene.hits for kind, found in scenes.items() if kind != "slow motion" for scene in found)
    slow = [hit for scene in scenes["slow motion"] for hit in scene.hits]
    assert slow and max(hit.time_s for hit in slow) > DURATION_S / 2


class Nervous:
    """A spotter that finds what it is told to."""

    config = CONFIG

    def __init__(self, times_s: list[float]) -> None:
        self._times_s = times_s

    def spot(self, frames: Any, frame_rate: float, duration_s: float) -> SpotResult:
        return SpotResult([Hit(time_s) for time_s in self._times_s], np.zeros(0, np.float32))


def test_every_hit_that_is_not_excused_counts() -> None:
    frames = np.zeros((240, CONFIG.height, CONFIG.width), np.uint8)
    spotter = cast(Spotter, Nervous([1.0, 3.0, 5.0, 7.0]))
    assert false_hits_per_s(spotter, StillScene("stills", frames, 8.0)) == 0.5
    excused = StillScene("slow motion", frames, 8.0, (Hit(1.2), Hit(6.8)))
    assert false_hits_per_s(spotter, excused) == 0.25
    assert false_hits_per_s(cast(Spotter, Nervous([])), excused) == 0
