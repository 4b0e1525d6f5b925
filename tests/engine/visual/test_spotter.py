"""The spotter: parts equal the whole, and thresholds, cuts and files do what they say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.config import MotionConfig, SpotterConfig
from engine.errors import CheckpointCorrupt, CheckpointNotFound
from engine.visual.motion import (
    CONTEXT_FRAMES,
    Motion,
    MotionNet,
    MotionNets,
    PlaceBlock,
    frame_facts,
    picture_channels,
)
from engine.visual.spotter import (
    WEIGHTS_FILE,
    Spotter,
    SpotterSettings,
    Watched,
    curve_at_codec_rate,
    difference_peaks,
    held_at_rate,
    picked_hits,
)

SMALL = SpotterConfig(nets=(MotionConfig(channels=16),))


def wobbling(num_frames: int, seed: int = 0) -> NDArray[np.uint8]:
    """A square that wanders over noise; every third frame repeats the one before."""
    rng = np.random.default_rng(seed)
    ground = rng.integers(0, 120, (36, 48))
    frames = np.empty((num_frames, 36, 48), np.uint8)
    for i in range(num_frames):
        frames[i] = ground
        top, left = 12 + round(10 * np.sin(i / 4)), 18 + round(12 * np.sin(i / 7))
        frames[i, top : top + 8, left : left + 8] = 220
        if i % 3 == 2:
            frames[i] = frames[i - 1]
    return frames


def spotter(seed: int = 0) -> Spotter:
    torch.manual_seed(seed)
    return Spotter(MotionNets(SMALL), SpotterSettings(threshold=0.01))


@pytest.mark.parametrize("place_dilations", [(), (1,), (2, 3)])
def test_chunks_equal_the_whole(place_dilations: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    frames = torch.from_numpy(wobbling(200))[None]
    net = MotionNet(MotionConfig(channels=16, place_dilations=place_dilations)).eval().requires_grad_(False)
    for block in net.at_places:
        assert isinstance(block, PlaceBlock)
        block.mix.weight.normal_(0, 0.5)
    whole = net(frames)
    for chunk_frames in (1, 37, 64):
        parts = net.motion_in_chunks(frames, frame_facts(frames), chunk_frames)
        for name in ("hit_logit", "offset_frames", "strength", "curve"):
            assert torch.allclose(getattr(whole, name), getattr(parts, name), atol=1e-5), name


def test_several_nets_say_the_mean_of_what_each_would() -> None:
    frames = torch.from_numpy(wobbling(60))[None]
    facts = frame_facts(frames)
    nets = [spotter(seed).net.members()[0] for seed in (0, 1)]
    said = MotionNets.of(nets).motion_in_chunks(frames, facts)
    one, other = (net.motion_in_chunks(frames, facts) for net in nets)
    assert torch.allclose(said.hit_logit.sigmoid(), (one.hit_logit.sigmoid() + other.hit_logit.sigmoid()) / 2)
    for name in ("offset_frames", "strength", "curve"):
        assert not torch.allclose(getattr(one, name), getattr(other, name), atol=1e-3)
        assert torch.allclose(getattr(said, name), (getattr(one, name) + getattr(other, name)) / 2)


def test_a_frames_features_depend_on_no_frame_before_the_context() -> None:
    frames = torch.from_numpy(wobbling(60))[None]
    facts = frame_facts(frames)
    whole = picture_channels(frames, facts)
    start = 30 - CONTEXT_FRAMES
    part = picture_channels(frames[:, start:], facts.part(start, 60))
    assert torch.equal(whole[:, 30:], part[:, CONTEXT_FRAMES:])
    too_little = picture_channels(frames[:, 29:], facts.part(29, 60))
    assert not torch.equal(whole[:, 30:], too_little[:, 1:])


def test_repeated_frames_keep_the_motion_of_the_first_and_a_freeze_is_still() -> None:
    moving = np.repeat(wobbling(20)[::3][:5], 2, axis=0)  # as 15 frames a second shown at 30
    frozen = np.concatenate([moving, np.repeat(moving[-1:], 6, axis=0)])
    frames = torch.from_numpy(frozen)[None]
    facts = frame_facts(frames)
    assert facts.is_new[0].tolist() == [1, 0, 1, 0, 1, 0, 1, 0, 1, *[0] * 7]
    difference = picture_channels(frames, facts)[0, :, 0]
    for first in (2, 4, 6, 8):
        scale = facts.deviation[0, first] / facts.deviation[0, first + 1]
        assert torch.allclose(difference[first] * scale, difference[first + 1], atol=1e-4)
    assert difference[8].abs().max() > 0.1 and difference[12:].abs().max() == 0


def test_a_cut_is_found_looks_still_and_fires_no_hit() -> None:
    frames = np.concatenate([wobbling(30, seed=1), 255 - wobbling(30, seed=2)])
    facts = frame_facts(torch.from_numpy(frames)[None])
    assert torch.nonzero(facts.is_cut[0])[:, 0].tolist() == [30]
    assert picture_channels(torch.from_numpy(frames)[None], facts)[0, 30, 0].abs().max() == 0
    logit = torch.full((1, 60), -9.0)
    logit[0, [10, 30]] = 9.0
    motion = Motion(logit, torch.zeros(1, 60), torch.ones(1, 60), torch.zeros(1, 60))
    watched = Watched(motion, facts.is_cut[0].numpy() > 0, None)
    hits = picked_hits(watched, SpotterSettings(), frame_rate=30, duration_s=2.0)
    assert [hit.time_s for hit in hits] == [pytest.approx(10.5 / 30)]


def test_hits_are_peaks_above_the_threshold_moved_by_their_offsets() -> None:
    probability = torch.tensor([[0.1, 0.7, 0.2, 0.1, 0.6, 0.1, 0.3, 0.1, 0.9]])
    offset = torch.tensor([[0.0, 0.5, 0, 0, -9.0, 0, 0, 0, 2.0]])
    strength = torch.linspace(0, 1, 9)[None]
    watched = Watched(
        Motion(probability.logit(), offset, strength, torch.zeros(1, 9)), np.zeros(9, bool), None
    )
    settings = SpotterSettings(threshold=0.5, min_gap_s=0.04, offset_s=0.01)
    hits = picked_hits(watched, settings, frame_rate=10, duration_s=0.9)
    # The offset of the second is held to two frames, the last is held inside the picture.
    assert [round(hit.time_s, 3) for hit in hits] == [0.21, 0.26, 0.899]
    sparse = SpotterSettings(threshold=0.5, min_gap_s=0.1, offset_s=0.01)
    kept = picked_hits(watched, sparse, frame_rate=10, duration_s=0.9)
    assert [round(hit.time_s, 3) for hit in kept] == [0.21, 0.899]
    assert [hit.strength for hit in kept] == [0.125, 1.0]


def test_the_curve_has_one_point_a_codec_frame() -> None:
    found = spotter().spot(wobbling(47), 30, duration_s=1.55)
    assert len(found.curve) == 78 and found.curve.dtype == np.float32
    assert len(spotter().spot(wobbling(30), 30).curve) == 50
    ramp = curve_at_codec_rate((np.arange(30) + 0.5) / 30, 30, 1.0)
    assert np.abs(ramp[1:-1] - (np.arange(50) + 0.5)[1:-1] / 50).max() < 1e-6
    empty = spotter().spot(np.zeros((0, 36, 48), np.uint8), 30)
    assert empty.hits == [] and len(empty.curve) == 0


def test_other_rates_are_shown_by_holding_frames() -> None:
    frames = wobbling(8)
    held = held_at_rate(frames, 15, 30)
    assert np.array_equal(held, np.repeat(frames, 2, axis=0))
    ntsc = held_at_rate(wobbling(24), 24000 / 1001, 30)
    assert len(ntsc) == 31 and np.array_equal(ntsc[-1], wobbling(24)[23])
    found, at_thirty = spotter().spot(frames, 15), spotter().spot(held, 30)
    assert found.hits == at_thirty.hits and np.array_equal(found.curve, at_thirty.curve)


def test_a_clip_slowed_by_holding_its_pictures_has_the_hits_of_footage_that_is_held_less() -> None:
    pictures = wobbling(60)[[i for i in range(60) if i % 3 != 2]]  # each is another
    usual = spotter().spot(np.repeat(pictures, 3, axis=0), 30)
    slowed = spotter().spot(np.repeat(pictures, 6, axis=0), 30)
    assert len(usual.hits) > 3
    assert [hit.strength for hit in slowed.hits] == [hit.strength for hit in usual.hits]
    for slow, hit in zip(slowed.hits, usual.hits, strict=True):
        assert slow.time_s == pytest.approx(2 * hit.time_s, abs=2e-3)
    assert slowed.curve.shape == (2 * len(usual.curve),)
    stretched = np.interp(
        (np.arange(len(slowed.curve)) + 0.5) / 2, np.arange(len(usual.curve)) + 0.5, usual.curve
    )
    assert slowed.curve == pytest.approx(stretched, abs=0.03)


def test_what_was_written_spots_the_same(tmp_path: Path) -> None:
    before = spotter(3)
    before = Spotter(before.net.half().float(), SpotterSettings(0.02, 0.12, -0.01))
    before.write(tmp_path)
    after = Spotter.read(tmp_path)
    assert after.settings == before.settings and after.config == SMALL
    frames = wobbling(90)
    assert after.spot(frames, 30).hits == before.spot(frames, 30).hits
    assert SpotterSettings.from_numbers({"spotter_threshold": 0.3, "other": 1.0}) == SpotterSettings(0.3)


def test_a_damaged_or_missing_spotter_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CheckpointNotFound, match="no spotter"):
        Spotter.read(tmp_path)
    spotter().write(tmp_path)
    with pytest.raises(CheckpointCorrupt, match="do not fit"):
        Spotter.from_weights(
            SpotterConfig(nets=(MotionConfig(channels=32),)), dict(spotter().net.state_dict()), {}
        )
    (tmp_path / WEIGHTS_FILE).write_bytes(b"nothing")
    with pytest.raises(CheckpointCorrupt, match="damaged"):
        Spotter.read(tmp_path)


def test_the_baseline_finds_sudden_motion() -> None:
    frames = np.full((90, 36, 48), 100, np.uint8)
    for at, light in ((20, 200), (50, 80), (75, 190)):
        frames[at:, 10:20, 10:20] = light
    hits = difference_peaks(frames, 30)
    assert [round(hit.time_s * 30) for hit in hits] == [20, 50, 75]
    assert difference_peaks(np.full((30, 36, 48), 9, np.uint8), 30) == []
