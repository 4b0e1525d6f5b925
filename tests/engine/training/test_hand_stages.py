"""What a hand does in a rendered scene: it sets things down at the hits, and at no other moment."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import numpy as np
import pytest

from engine.training.scenes.handling import Hand, Handled, Waypoints
from engine.training.scenes.spec import TRAINING_SCENES, SceneSpec, draw_spec, scene_rng
from engine.training.spotter_scenes import every_label

HANDLED = msgspec.structs.replace(
    TRAINING_SCENES, handled_share=1.0, continuous_share=0.0, still_share=0.0, moving_camera_share=0.0
)
STEP_S = 0.002


def drawn(seed: int) -> SceneSpec:
    return draw_spec(scene_rng(seed), every_label(), HANDLED)


def landings_s(thing: Handled, start_s: float, end_s: float) -> list[float]:
    """When it comes to stand on the table."""
    t = np.arange(start_s, end_s, STEP_S)
    up = thing.height(t) > 1e-6
    return [float(t[i + 1]) for i in np.flatnonzero(up[:-1] & ~up[1:])]


@pytest.mark.parametrize("seed", range(60))
def test_things_land_in_sight_at_the_hits_and_at_no_other_moment(seed: int) -> None:
    spec = drawn(seed)
    assert spec.kind == "handle"
    landed = []
    for shot in spec.shots:
        for thing in (actor for actor in shot.actors if isinstance(actor, Handled)):
            for at_s in landings_s(thing, shot.start_s, shot.end_s):
                landed.append(at_s)
                assert abs(thing.place.x + float(thing.across(np.array([at_s]))[0])) < 0.67
    assert sorted(landed) == pytest.approx([hit.time_s for hit in spec.hits], abs=1.5 * STEP_S)


@pytest.mark.parametrize("seed", range(30))
def test_what_is_off_the_table_is_in_the_hand(seed: int) -> None:
    for shot in drawn(seed).shots:
        t = np.arange(shot.start_s, shot.end_s, 0.01)
        [hand] = [actor for actor in shot.actors if isinstance(actor, Hand)]
        for thing in (actor for actor in shot.actors if isinstance(actor, Handled)):
            up = thing.height(t) > 1e-6
            if not up.any():
                continue
            assert float(hand.open(t[up]).max()) == 0.0
            for hand_at, thing_at in ((hand.across, thing.across), (hand.height, thing.height)):
                assert np.ptp((hand_at(t) - thing_at(t))[up]) < 1e-6


def test_harder_hits_come_down_faster() -> None:
    strengths, speeds = [], []
    for seed in range(200):
        spec = drawn(seed)
        for shot in spec.shots:
            things = [actor for actor in shot.actors if isinstance(actor, Handled)]
            for hit in spec.hits:
                if shot.start_s <= hit.time_s < shot.end_s:
                    before = np.array([hit.time_s - 0.005])
                    strengths.append(hit.strength)
                    speeds.append(max(float(thing.height(before)[0]) for thing in things) / 0.005)
    assert np.corrcoef(strengths, speeds)[0, 1] > 0.4


def test_a_path_rests_at_its_points_and_may_arrive_at_one_with_a_speed() -> None:
    path = Waypoints((0.0, 1.0, 2.0, 3.0), (0.0, 0.5, 0.5, 0.0), (0.0, 0.0, 0.0, -0.8))
    t = np.linspace(-1, 4, 5001)
    values = path(t)
    assert np.all(values[t <= 0] == 0) and np.all(values[t >= 3] == 0)
    assert np.all(np.diff(values[(t >= 2) & (t <= 3)]) <= 1e-12)
    assert path(np.array([1.0, 1.5, 2.0])) == pytest.approx([0.5, 0.5, 0.5])
    slope = float(np.diff(path(np.array([3 - 1e-5, 3.0])))[0]) / 1e-5
    assert slope == pytest.approx(-0.8, abs=1e-3)
    assert all(later <= 0.5 + 1e-12 for _, later in pairwise(values))
