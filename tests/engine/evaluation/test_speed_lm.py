"""The arithmetic of the language model's benchmark; its times are for machines at rest."""

from __future__ import annotations

import msgspec
import pytest

from engine.config import FOLEYGEN
from engine.evaluation import speed_lm
from engine.evaluation.load import Load
from engine.evaluation.speed_lm import (
    TURNS,
    cache_bytes,
    own_run,
    random_tensors,
    step_time_s,
    weight_bytes,
)
from engine.evaluation.speed_lm_summary import (
    LMSpeed,
    OwnRun,
    OwnTimes,
    as_table,
    own_times,
    peer_summary,
    targets_of,
)
from engine.evaluation.speed_peer import PeerTimes
from engine.lm.decoding.narrowing import WEIGHT_TYPES, WeightType
from engine.lm.decoding.native.machine import can_compile
from engine.lm.decoding.opening import decoder_of
from tests.engine.lm.small import small_lm

SMALL = msgspec.structs.replace(FOLEYGEN.lm, num_layers=2, dim=32, num_heads=2, codebook_size=16)


@pytest.mark.parametrize(("dtype", "size"), [("float32", 4), ("bfloat16", 2), ("int8", 1)])
def test_a_step_reads_every_matrix_of_the_blocks_and_the_heads(dtype: str, size: int) -> None:
    read = sum(
        tensor.numel()
        for name, tensor in random_tensors(SMALL).items()
        if name.startswith(("blocks.", "heads.")) and tensor.dim() == 2
    )
    assert weight_bytes(SMALL, dtype) == size * read
    assert weight_bytes(FOLEYGEN.lm, "int8") == 310_378_496


@pytest.mark.parametrize("dtype", ["bfloat16", "int8"])
def test_the_papers_cache_is_of_bytes_with_a_scale_a_head(dtype: str) -> None:
    assert cache_bytes(FOLEYGEN.lm, dtype, 1) == 2 * 2 * 24 * (1024 + 16 * 4)


def test_the_cache_beside_float32_weights_is_float32() -> None:
    assert cache_bytes(FOLEYGEN.lm, "float32", 1) == 2 * 2 * 24 * 1024 * 4


@pytest.mark.skipif(not can_compile(), reason="this machine compiles no kernels")
@pytest.mark.parametrize("dtype", WEIGHT_TYPES)
def test_the_cache_is_reckoned_as_it_is_made(dtype: WeightType) -> None:
    from engine.lm.decoding.native.decoder import new_cache

    cache = new_cache(SMALL, dtype, 2, 32)
    made = sum(array.nbytes for array in (cache.keys, cache.values, cache.key_units, cache.value_units))
    assert made == pytest.approx(cache_bytes(SMALL, dtype, 32), rel=0.15)


def run(window_s: float, batch_s: float | None, bandwidth_gb_s: float = 10.0) -> OwnRun:
    return OwnRun([window_s / 503] * 503, batch_s, bandwidth_gb_s, [(window_s / 503, window_s / 503)])


def own(dtype: str, *runs: OwnRun) -> OwnTimes:
    return own_times(dtype, "numba", runs, batch=8, read_bytes=1e8, allowed_bytes=1000, peak_bytes=900)


def peer(dtype: str, *windows_s: float, is_whole: bool = False) -> list[PeerTimes]:
    return [
        PeerTimes(dtype, window_s, is_whole, [50, 450], [window_s, 2 * window_s], 20)
        for window_s in windows_s
    ]


def test_targets_say_what_was_measured_and_whether_it_suffices() -> None:
    peers = [peer_summary(peer("bfloat16", 32.0)), peer_summary(peer("float32", 80.0, is_whole=True))]
    own_found = [own("int8", run(7.0, 20.0)), own("bfloat16", run(17.0, 68.0))]
    found = {target.what: target for target in targets_of(own_found, peers, 8)}
    assert found["int8 window over the peer's in bfloat16"].is_met
    assert not found["bfloat16 window over the peer's in bfloat16"].is_met
    assert found["int8 window over its floor"].figure == pytest.approx(7.0 / 5.03)
    assert found["throughput of 8 windows over one, int8"].figure == pytest.approx(2.8)
    assert found["throughput of 8 windows over one, int8"].is_met
    assert not found["throughput of 8 windows over one, bfloat16"].is_met
    assert found["step 500 over step 50, int8"].figure == pytest.approx(1.0)
    assert found["peak memory over weights, cache and 0.6 GB, int8"].is_met


def test_both_sides_are_medians_also_of_an_even_number_of_rounds() -> None:
    """Not the slower of two on one side and the mean of two on the other."""
    ours = own("int8", run(4.0, None), run(8.0, None))
    theirs = peer_summary(peer("bfloat16", 10.0, 30.0))
    assert ours.median_s == pytest.approx(6.0) and theirs.median_s == pytest.approx(20.0)
    found = {target.what: target.figure for target in targets_of([ours], [theirs], 8)}
    assert found["int8 window over the peer's in bfloat16"] == pytest.approx(0.3)
    assert theirs.windows_s == [10.0, 30.0] and theirs.step_ms == [20.0, 40.0]
    odd = peer_summary(peer("bfloat16", 90.0, 10.0, 30.0))
    assert odd.median_s == 30.0 and odd.timed_steps == 60


def test_several_windows_are_compared_with_the_one_that_ran_just_before_them() -> None:
    """A machine that slows down for a whole round slows both, and the ratio stays."""
    slow_round = [run(1.0, 2.0, 20.0), run(10.0, 20.0, 2.0), run(2.0, 4.0, 10.0)]
    found = own("int8", *slow_round)
    assert found.batch_gain == pytest.approx(4.0)
    assert found.batches_s == [2.0, 20.0, 4.0] and found.batch_s == 4.0
    one_that_lies = own("int8", run(1.0, 2.0), run(1.0, 40.0), run(8.0, 16.0))
    assert one_that_lies.batch_gain == pytest.approx(4.0)
    assert own("float32", run(1.0, None)).batch_gain is None


def test_a_late_step_is_compared_with_the_early_one_of_its_turn() -> None:
    """Where the machine is slow for a turn, both are."""
    slow_turn = OwnRun([1.0], None, 10.0, [(1.0, 1.2), (3.0, 3.3), (1.0, 1.1)])
    found = own("int8", slow_turn, OwnRun([1.0], None, 10.0, [(2.0, 2.2)]))
    assert found.step_growth == pytest.approx(1.1)
    assert found.early_step_ms == pytest.approx(1500) and found.late_step_ms == pytest.approx(1700)


def test_steps_are_timed_where_they_are_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    decoder = decoder_of(small_lm().float(), own_kernels=False)
    lengths: list[int] = []
    step = decoder.decode_step
    monkeypatch.setattr(
        decoder, "decode_step", lambda places, x: lengths.append(decoder._caches[0].length) or step(places, x)
    )  # type: ignore[func-returns-value]
    assert step_time_s(decoder, range(45, 48)) > 0
    assert lengths == [10 + 45, 10 + 46, 10 + 47]


def test_the_floor_is_of_each_windows_own_moment() -> None:
    found = own("int8", run(5.03, None, 10.0), run(50.3, None, 1.0), run(503.0, None, 10.0))
    assert found.over_floor == pytest.approx(1.0) and found.floor_s == pytest.approx(5.03)


def test_the_table_says_how_many_of_the_peers_steps_were_timed_and_where() -> None:
    ours, theirs = own("int8", run(4.0, 8.0)), peer_summary(peer("bfloat16", 10.0, 30.0))
    speed = LMSpeed(2, Load(0.5, 1.25), 2, 9.0, 11.0, [ours], [theirs], targets_of([ours], [theirs], 8))
    line = next(line for line in as_table(speed).splitlines() if line.startswith("transformers"))
    assert "load 0.5 % before, other programs 1.2 % meanwhile" in as_table(speed)
    assert "40 steps timed: 20.0 ms at 50, 40.0 ms at 450" in line
    assert "drawn whole" in as_table(
        msgspec.structs.replace(speed, peer=[peer_summary(peer("float32", 9.0, is_whole=True))])
    )


def test_a_rounds_windows_stand_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    """One after the other: the bandwidth, a window, the bandwidth, several windows, steps early and late by turns."""
    told: list[object] = []
    monkeypatch.setattr(speed_lm, "bandwidth_gb_s", lambda: told.append("bandwidth") or 2.0)  # type: ignore[func-returns-value]
    monkeypatch.setattr(
        speed_lm, "window_step_times_s", lambda decoder, windows: told.append(windows) or [0.5, 0.25]
    )  # type: ignore[func-returns-value]
    monkeypatch.setattr(speed_lm, "step_time_s", lambda decoder, steps: told.append(steps.start) or 0.5)  # type: ignore[func-returns-value]
    decoder = decoder_of(small_lm().float(), own_kernels=False)
    assert own_run(decoder, 8) == OwnRun([0.5, 0.25], 0.75, 2.0, [(0.5, 0.5)] * TURNS)
    assert told == ["bandwidth", 1, "bandwidth", 8, *[45, 490] * TURNS]
    assert own_run(decoder, 0).batch_s is None


def test_a_window_is_timed_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed_lm, "WINDOW_FRAMES", 50)
    times = speed_lm.window_step_times_s(decoder_of(small_lm().float(), own_kernels=False), 2)
    assert len(times) == 53 and min(times) > 0
