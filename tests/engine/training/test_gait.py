"""People who walk in rendered scenes: a foot strikes at each hit, at no other moment, and stands still between."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from engine.training.scenes.gait import SLAP_S, Gait, Strider
from engine.training.scenes.render import render_grey
from engine.training.scenes.spec import TEST_SCENES, TRAINING_SCENES, SceneSpec, draw_spec, scene_rng
from engine.training.spotter_scenes import every_footstep, every_label

STRIDED = msgspec.structs.replace(TRAINING_SCENES, strided_share=1.0, still_share=0.0)
STEP_S = 0.002
EVEN = tuple(0.3 + 0.55 * number for number in range(7))
UNEVEN = (0.4, 0.7, 2.6, 2.9, 3.5, 5.2)


def gait_of(hits_s: tuple[float, ...]) -> Gait:
    return Gait(hits_s, tuple(0.5 for _ in hits_s), step=0.8, lift=0.2)


def drawn(seed: int) -> SceneSpec:
    return draw_spec(scene_rng(seed), every_footstep(), STRIDED)


@pytest.mark.parametrize("hits_s", [EVEN, UNEVEN, (1.0,), (0.05, 0.3)])
def test_a_foot_comes_down_at_each_hit_and_at_no_other_moment(hits_s: tuple[float, ...]) -> None:
    gait, t = gait_of(hits_s), np.arange(-0.5, 7, STEP_S)
    landed = []
    for leg in (0, 1):
        up = gait.foot(leg, t).height > 1e-6
        landed += [float(t[i + 1]) for i in np.flatnonzero(up[:-1] & ~up[1:])]
    assert sorted(landed) == pytest.approx(list(hits_s), abs=1.5 * STEP_S)


@pytest.mark.parametrize("hits_s", [EVEN, UNEVEN])
def test_a_foot_that_stands_does_not_slide(hits_s: tuple[float, ...]) -> None:
    gait, t = gait_of(hits_s), np.arange(-0.5, 7, STEP_S)
    for leg in (0, 1):
        foot = gait.foot(leg, t)
        stands = (foot.height[:-1] <= 1e-6) & (foot.height[1:] <= 1e-6)
        assert np.abs(np.diff(foot.across))[stands].max() < 1e-9
        since = np.min([np.where(t >= hit, t - hit, 9.0) for hit in hits_s[leg::2]], axis=0)
        flat = (foot.height <= 1e-6) & (since > SLAP_S) & (since < 0.25)
        assert np.abs(foot.pitch[flat]).max() < 1e-6


@pytest.mark.parametrize("hits_s", [EVEN, UNEVEN])
def test_the_body_goes_a_step_from_hit_to_hit_and_never_back(hits_s: tuple[float, ...]) -> None:
    gait = gait_of(hits_s)
    there = gait.hip(np.asarray(hits_s))
    assert np.diff(there) == pytest.approx(0.8, abs=0.12)
    assert np.diff(gait.hip(np.arange(-1, 8, STEP_S))).min() > -1e-9


def test_between_hits_far_apart_the_walker_stands() -> None:
    gait = gait_of((1.0, 4.0))
    waiting = np.arange(1.5, 3.2, STEP_S)
    assert np.ptp(gait.hip(waiting)) < 1e-9
    assert all(np.ptp(gait.foot(leg, waiting).across) < 1e-9 for leg in (0, 1))
    assert np.ptp(gait.hip(np.arange(3.3, 4.1, STEP_S))) > 0.4


def test_the_legs_bend_and_hardly_grow_to_reach_the_feet() -> None:
    """Thigh and shank of a walker seen from the side are as long as each other at every moment."""
    t = np.arange(0, 4, 0.01)
    seen = 0
    for seed in range(40):
        for strider in striders_of(drawn(seed)):
            if strider.turned:
                continue
            seen += 1
            thigh, shank = (
                np.broadcast_to(2 * np.asarray(strider.shapes(t)[part].half_width), t.shape) / strider.leg
                for part in (0, 1)
            )
            assert thigh == pytest.approx(shank, abs=1e-9)
            assert thigh.min() > 0.504 and thigh.max() < 0.61
    assert seen > 10


def striders_of(spec: SceneSpec) -> list[Strider]:
    return [actor for shot in spec.shots for actor in shot.actors if isinstance(actor, Strider)]


@pytest.mark.parametrize("seed", range(20))
def test_every_hit_of_a_scene_is_a_strike_of_the_one_who_walks_there(seed: int) -> None:
    spec = drawn(seed)
    assert spec.kind == "stride"
    struck = []
    for shot in spec.shots:
        [strider] = [actor for actor in shot.actors if isinstance(actor, Strider)]
        struck += [hit_s for hit_s in strider.gait.hits_s if hit_s < shot.end_s]
    assert struck == [hit.time_s for hit in spec.hits]


def test_walkers_are_seen_from_all_sides_near_and_far_and_followed() -> None:
    striders = [strider for seed in range(120) for strider in striders_of(drawn(seed))]
    assert 0.15 < np.mean([strider.turned for strider in striders]) < 0.45
    legs = [strider.leg for strider in striders]
    assert min(legs) < 0.25 and max(legs) > 1.2
    pans = [shot.camera.pan_x for seed in range(120) for shot in drawn(seed).shots]
    assert 0.2 < np.mean(np.abs(pans) > 0.3) < 0.8


def test_a_horse_keeps_its_four_legs_and_older_scenes_stay_as_they_were() -> None:
    for seed in range(40):
        assert draw_spec(scene_rng(seed), every_label(), STRIDED, label="gallop").kind != "stride"
        assert draw_spec(scene_rng(seed), every_label(), TEST_SCENES).kind != "stride"


def test_the_picture_of_someone_who_stands_is_still() -> None:
    config = msgspec.structs.replace(
        STRIDED, still_share=1.0, moving_camera_share=0.0, distractor_share=0.0, cut_share=0.0
    )
    for seed in range(30):
        spec = draw_spec(scene_rng(seed), every_footstep(), config)
        if spec.grade.noise or spec.grade.flicker:
            continue
        assert striders_of(spec)
        frames = render_grey(spec, np.arange(0, 4, 0.25), 48, 36).astype(int)
        if not striders_of(spec)[0].grows:
            assert np.abs(np.diff(frames, axis=0)).max() <= 1
