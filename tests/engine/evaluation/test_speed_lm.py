"""The arithmetic of the language model's benchmark; its times are for machines at rest."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from engine.config import FOLEYGEN
from engine.evaluation import speed_lm
from engine.evaluation.speed_growth import Growth, aims_of
from engine.evaluation.speed_growth import as_table as growth_table
from engine.evaluation.speed_lm import OwnTimes, cache_bytes, random_tensors, targets_of, weight_bytes
from engine.evaluation.speed_peer import PeerTimes
from engine.lm.decoding.narrowing import WEIGHT_TYPES, WeightType
from engine.lm.decoding.native.machine import can_compile
from engine.lm.decoding.opening import decoder_of
from tests.engine.lm.small import small_lm
from tests.engine.models import write_tiny_model

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

    made = sum(array.nbytes for array in new_cache(SMALL, dtype, 2, 32))
    assert made == pytest.approx(cache_bytes(SMALL, dtype, 32), rel=0.15)


def own(dtype: str, window_s: float) -> OwnTimes:
    return OwnTimes(dtype, "numba", [window_s], window_s, 5.0, window_s / 5.0, 10.0, 11.0, 20.0, 900, 1000)


def test_targets_say_what_was_measured_and_whether_it_suffices() -> None:
    peers = [
        PeerTimes("bfloat16", 32.0, False, [50], [60.0]),
        PeerTimes("float32", 80.0, True, [50], [160.0]),
    ]
    found = {
        target.what: target for target in targets_of([own("int8", 7.0), own("bfloat16", 17.0)], peers, 8)
    }
    assert found["int8 window over the peer's in bfloat16"].is_met
    assert not found["bfloat16 window over the peer's in bfloat16"].is_met
    assert found["int8 window over its floor"].figure == pytest.approx(1.4)
    assert found["throughput of 8 windows over one, int8"].figure == pytest.approx(2.8)
    assert found["throughput of 8 windows over one, int8"].is_met
    assert found["step 500 over step 50, int8"].figure == pytest.approx(1.1)
    assert found["peak memory over weights, cache and 0.6 GB, int8"].is_met


def test_a_window_is_timed_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed_lm, "WINDOW_FRAMES", 50)
    times = speed_lm.window_step_times_s(decoder_of(small_lm().float(), own_kernels=False), 2)
    assert len(times) == 53 and min(times) > 0


def test_a_take_in_a_process_of_its_own_tells_its_work_and_its_memory(tmp_path: Path) -> None:
    write_tiny_model(tmp_path)
    words = [sys.executable, "-m", "engine.evaluation.speed_growth", str(tmp_path), "float32", "1", "2"]
    done = subprocess.run(words, capture_output=True, check=True)
    growth = msgspec.json.decode(done.stdout, type=Growth)
    assert growth.duration_s == 2 and growth.work_s > 0
    assert growth.peak_bytes >= growth.before_bytes > 0


@pytest.mark.parametrize(
    ("longest", "met"),
    [(Growth(600, 66.0, 1_040_000, 0), [True, True]), (Growth(600, 72.0, 1_060_000, 0), [False, False])],
)
def test_growth_is_met_or_missed_by_the_longest_take_against_the_shortest(
    longest: Growth, met: list[bool]
) -> None:
    takes = [Growth(10, 1.0, 1_000_000, 0), Growth(60, 60.0, 9_000_000, 0), longest]
    assert [aim.is_met for aim in aims_of(takes)] == met
    told = growth_table(takes).splitlines()[-2:]
    assert [line.endswith(": met") for line in told] == met
    assert "from 10 to 600 s" in told[0]
