"""Training the spotter: targets, learning, going on after a stop, thresholds."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from engine.checkpoints import DEFAULT_MODEL
from engine.config import MotionConfig, SpotterConfig
from engine.evaluation.quality.false_hits import false_hits_per_s
from engine.evaluation.quality.still_scenes import KINDS, VALIDATION, still_scene
from engine.pipeline import load_model
from engine.protocol import Hit
from engine.training import default_model
from engine.training.journal import read_journal
from engine.training.scenes.spec import SceneConfig, draw_spec, scene_rng
from engine.training.spotter import SpotterTrainer, SpotterTraining, train_spotter
from engine.training.spotter_pool import ScenePool
from engine.training.spotter_scenes import WatchedScene, every_label, expected_curve, watched_scene
from engine.training.spotter_targets import spotter_losses, targets_of
from engine.training.spotter_thresholds import (
    MAX_FALSE_HITS_PER_S,
    median_error_s,
    pooled_score,
    with_fixed_thresholds,
)
from engine.training.state import read_state
from engine.visual.motion import Motion, MotionNet, MotionNets
from engine.visual.spotter import Spotter, SpotterSettings

SMALL = MotionConfig(channels=16)
WATCHED = SpotterConfig(nets=(SMALL,))
NUM_STILL = 3
QUICK = SpotterTraining(net=SMALL, batch_scenes=2, pool_scenes=6)


def scene(*times_s: float) -> WatchedScene:
    frames = np.random.default_rng(0).integers(0, 255, (60, 36, 48)).astype(np.uint8)
    hits = tuple(Hit(time_s, 0.2 * (i + 1)) for i, time_s in enumerate(times_s))
    return WatchedScene(frames, hits, np.zeros(60, np.float32), 2.0, 30.0)


def test_targets_lead_from_every_frame_to_its_nearest_hit() -> None:
    targets = targets_of([scene(0.51, 1.2), scene()], 30)
    assert torch.nonzero(targets.has_hit).tolist() == [[0, 15], [0, 36]]
    for frame, hit_s, strength in ((14, 0.51, 0.2), (15, 0.51, 0.2), (37, 1.2, 0.4)):
        assert (frame + 0.5 + float(targets.offset_frames[0, frame])) / 30 == pytest.approx(hit_s, abs=1e-5)
        assert float(targets.strength[0, frame]) == pytest.approx(strength)
    assert float(targets.nearness[0, 15]) > 0.9 and float(targets.nearness[0, 25]) < 1e-6
    assert targets.near_hit[0].sum() == 8 and targets.near_hit[1].sum() == 0


def test_the_loss_is_least_where_the_network_is_right() -> None:
    targets = targets_of([scene(0.51, 1.2)], 30)
    logit = torch.where(targets.has_hit > 0, 8.0, -8.0)
    right = Motion(logit, targets.offset_frames, targets.strength, targets.curve)
    assert sum(spotter_losses(right, targets).values()) < 0.01
    silent = Motion(torch.full_like(logit, -8.0), targets.offset_frames, targets.strength, targets.curve)
    beside = Motion(logit.roll(1, 1), targets.offset_frames, targets.strength, targets.curve)
    far = Motion(logit.roll(8, 1), targets.offset_frames, targets.strength, targets.curve)
    losses = [float(spotter_losses(motion, targets)["hits"]) for motion in (right, silent, beside, far)]
    assert losses[0] < losses[1] < losses[2] < losses[3]


def test_a_few_steps_learn_a_scene_by_heart() -> None:
    torch.manual_seed(0)
    short = SceneConfig(duration_s=1.5, hits_per_s=(2.0, 3.0), continuous_share=0.0, still_share=0.0)
    batch = [watched_scene(seed, WATCHED, short) for seed in (3, 6)]
    assert all(each.hits for each in batch)
    net, targets = MotionNet(SMALL), targets_of(batch, 30)
    frames = torch.from_numpy(np.stack([each.frames for each in batch]))
    optimizer = torch.optim.Adam(net.parameters(), 4e-3)
    losses = []
    for _ in range(20):
        loss = torch.stack(list(spotter_losses(net(frames), targets).values())).sum()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.7 * losses[0]


def test_scenes_come_back_from_their_seed_and_show_frames_as_long_as_footage_does() -> None:
    first, again = watched_scene(11, WATCHED), watched_scene(11, WATCHED)
    assert np.array_equal(first.frames, again.frames) and first.hits == again.hits
    assert first.frames.shape == (120, 36, 48) and first.curve.shape == (120,)
    slow = next(
        s
        for s in (watched_scene(seed, WATCHED, worn=False) for seed in range(200))
        if s.source_frame_rate == 15
    )
    changes = np.flatnonzero((np.diff(slow.frames.astype(int), axis=0) != 0).any((1, 2)))
    assert len(changes) and set(np.diff(changes) % 2) == {0}


def test_the_expected_curve_rises_with_the_hit_and_rings_down() -> None:
    spec = next(
        spec
        for spec in (draw_spec(scene_rng(seed), every_label()) for seed in range(100))
        if len(spec.hits) == 1 and 0.5 < spec.hits[0].time_s < 3 and not spec.continuous
    )
    curve = expected_curve(spec, 120, 30)
    frame = int(spec.hits[0].time_s * 30)
    assert curve[: frame - 2].max() == 0
    assert frame <= int(curve.argmax()) <= frame + 3
    assert 0.2 < curve.max() < 0.7 and curve[frame + 20] < 0.5 * curve.max()


def stop_after(steps: int) -> Callable[[], bool]:
    left = iter([False] * steps)
    return lambda: next(left, True)


def test_training_goes_on_where_it_stopped(tmp_path: Path) -> None:
    train_spotter(QUICK, tmp_path, is_cancelled=stop_after(2))
    first = read_state(tmp_path)
    assert first is not None and first["step"] == 2 and first["spent_s"] > 0
    assert first["next_seed"] == QUICK.first_seed + 4
    train_spotter(QUICK, tmp_path, is_cancelled=stop_after(1))
    second = read_state(tmp_path)
    assert second is not None and second["step"] == 3 and second["spent_s"] > first["spent_s"]
    assert second["next_seed"] == QUICK.first_seed + 6
    assert not torch.equal(first["net"]["head.weight"], second["net"]["head.weight"])
    over = SpotterTraining(net=SMALL, minutes=second["spent_s"] / 60)
    (net,) = train_spotter(over, tmp_path).net.members()
    assert torch.equal(net.state_dict()["head.weight"], second["averaged"]["head.weight"])


def test_spotters_are_joined_and_their_thresholds_fixed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fixed = SpotterSettings(threshold=0.3)
    monkeypatch.setattr(default_model, "with_fixed_thresholds", lambda spotter: Spotter(spotter.net, fixed))
    shapes, made = (SMALL, MotionConfig(channels=8, place_dilations=(1,))), []
    for number, shape in enumerate(shapes):
        made.append(MotionNet(shape))
        Spotter(MotionNets.of(made[-1:])).write(tmp_path / str(number))
    default_model.join_spotters([tmp_path / "0", tmp_path / "1"], tmp_path)
    joined = Spotter.read(tmp_path / "spotter" / "final")
    assert joined.config.nets == shapes and joined.settings == fixed
    for net, before in zip(joined.net.members(), made, strict=True):
        assert torch.allclose(net.head.weight, before.head.weight, atol=1e-3)


def small_pool(next_seed: int, rendered: list[int], executor: Executor | None = None) -> ScenePool:
    def render(seed: int) -> WatchedScene:
        rendered.append(seed)
        return scene(seed / 1000)

    return ScenePool(render, batch_scenes=2, replays=2, pool_scenes=4, next_seed=next_seed, executor=executor)


def test_a_pool_with_an_executor_gives_the_same_scenes_rendered_before_they_are_chosen() -> None:
    rendered: list[int] = []
    plain = small_pool(50, [])
    with ThreadPoolExecutor(1) as executor:
        ahead = small_pool(50, rendered, executor)
        for _ in range(6):
            seeds = plain.next_seeds()
            assert ahead.next_seeds() == seeds
            assert [made.hits for made in ahead.scenes(seeds)] == [made.hits for made in plain.scenes(seeds)]
    assert rendered == list(range(50, ahead.next_seed))


def test_the_pool_always_brings_new_scenes_and_renders_only_the_chosen() -> None:
    rendered: list[int] = []
    pool = small_pool(50, rendered)
    for expected in (52, 54, 55, 56):
        seeds = pool.next_seeds()
        assert len(pool.scenes(seeds)) == 2 and set(seeds) <= set(rendered)
        assert pool.next_seed == expected
    assert len(rendered) == len(set(rendered))


def test_a_pool_that_was_written_down_draws_on_as_if_it_had_not_been() -> None:
    one, other = small_pool(50, []), small_pool(7, [])
    for _ in range(5):
        one.next_seeds()
    other.go_on_from(one.state())
    assert [one.next_seeds() for _ in range(6)] == [other.next_seeds() for _ in range(6)]


def test_a_training_of_steps_is_exact_however_often_it_stops(tmp_path: Path) -> None:
    exact = SpotterTraining(net=SMALL, steps=5, batch_scenes=2, pool_scenes=4, bf16=False)
    whole, broken = SpotterTrainer(exact, tmp_path / "a", print), SpotterTrainer(exact, tmp_path / "b", print)
    whole.run()
    broken.run(until=stop_after(3))
    SpotterTrainer(exact, tmp_path / "b", print).run()
    states = [read_state(tmp_path / name) for name in ("a", "b")]
    assert states[0] is not None and states[1] is not None
    for name, tensor in states[0]["averaged"].items():
        assert torch.equal(tensor, states[1]["averaged"][name])
    assert states[0]["pool"] == states[1]["pool"]
    assert read_journal(tmp_path / "a") == read_journal(tmp_path / "b")


def test_parts_of_a_batch_add_up_to_the_whole(tmp_path: Path) -> None:
    whole = SpotterTraining(net=SMALL, steps=2, batch_scenes=4, pool_scenes=4, bf16=False)
    for name, training in {"a": whole, "b": msgspec.structs.replace(whole, accumulate=2)}.items():
        SpotterTrainer(training, tmp_path / name, print).run()
    one, other = (read_journal(tmp_path / name) for name in ("a", "b"))
    assert [line["loss"] for line in one] == pytest.approx([line["loss"] for line in other], rel=1e-5)


def test_thresholds_keep_a_spotter_still_where_nothing_hits() -> None:
    """A threshold that finds a little more is not taken where it also finds what is not there."""
    spotter = load_model(DEFAULT_MODEL).spotter
    fixed = with_fixed_thresholds(spotter, num_scenes=12, num_still=NUM_STILL)
    for kind in KINDS:
        scenes = [still_scene(kind, number, spotter.config, seeds=VALIDATION) for number in range(NUM_STILL)]
        assert np.mean([false_hits_per_s(fixed, scene) for scene in scenes]) <= MAX_FALSE_HITS_PER_S


def test_thresholds_come_from_validation_scenes() -> None:
    torch.manual_seed(0)
    fixed = with_fixed_thresholds(Spotter(MotionNets(WATCHED)), num_scenes=3, num_still=1)
    assert 0.1 <= fixed.settings.threshold < 0.8
    pairs = [([1.03, 2.0], [1.0, 3.0]), ([0.55], [0.5])]
    assert (pooled_score(pairs).matched, pooled_score(pairs).found, pooled_score(pairs).true) == (2, 3, 3)
    assert median_error_s(pairs) == pytest.approx(0.04)
