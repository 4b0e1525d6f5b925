"""The sync track, channel by channel."""

import numpy as np
import pytest

from engine.config import SyncConfig
from engine.lm.sync import AGE, CURVE, CURVE_KNOWN, IMPULSE, NEXT, OFFSET, render_sync
from engine.protocol import Hit


def track(
    hits: list[Hit], *, start: int = 0, frames: int = 100, curve: np.ndarray | None = None
) -> np.ndarray:
    return render_sync(hits, curve, start_frame=start, num_frames=frames, frame_rate=50, config=SyncConfig())


def test_an_impulse_stands_at_floor_of_fifty_t_with_its_offset_inside_the_frame() -> None:
    made = track([Hit(0.513, 0.7)])
    assert np.flatnonzero(made[IMPULSE]).tolist() == [25]
    assert made[IMPULSE, 25] == pytest.approx(0.7)
    assert made[OFFSET, 25] == pytest.approx(0.65, abs=1e-6)


def test_a_hit_on_a_frames_edge_belongs_to_that_frame() -> None:
    for frame in range(0, 90):
        made = track([Hit(frame / 50, 1.0)])
        assert np.flatnonzero(made[IMPULSE]).tolist() == [frame]


def test_age_decays_after_a_hit_and_the_wait_counts_down_to_it() -> None:
    made = track([Hit(1.0, 1.0)])
    assert np.all(made[AGE, :50] == 0)
    assert made[AGE, 50] == pytest.approx(np.exp(-0.02 / 0.1))
    assert made[AGE, 55] == pytest.approx(np.exp(-0.12 / 0.1), rel=1e-5)
    assert made[NEXT, 10] == 1.0
    assert made[NEXT, 40] == pytest.approx(0.2 / 0.5, rel=1e-5)
    assert np.all(made[NEXT, 51:] == 1.0)


def test_of_two_hits_in_one_frame_the_stronger_counts() -> None:
    made = track([Hit(0.501, 0.9), Hit(0.507, 0.3)])
    assert made[IMPULSE, 25] == pytest.approx(0.9)


def test_any_range_is_a_slice_of_the_whole() -> None:
    hits = [Hit(-0.05, 0.4), Hit(0.31, 1.0), Hit(1.234, 0.5), Hit(2.02, 0.8)]
    curve = np.linspace(0, 1, 100, dtype=np.float32)
    whole = track(hits, start=-12, frames=124, curve=curve)
    assert np.allclose(whole[:, 30:80], track(hits, start=18, frames=50, curve=curve))


def test_the_curve_is_known_only_where_it_is_given() -> None:
    made = track([], start=-2, frames=6, curve=np.array([0.5, 0.6], np.float32))
    assert made[CURVE].tolist() == pytest.approx([0, 0, 0.5, 0.6, 0, 0])
    assert made[CURVE_KNOWN].tolist() == [0, 0, 1, 1, 0, 0]
    assert not track([], curve=None)[CURVE_KNOWN].any()
