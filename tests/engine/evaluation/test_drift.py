"""What narrower weights change: a little where they are right, much where their scales are not."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor

from engine.cli.options import write_json
from engine.evaluation.bootstrap import Interval
from engine.evaluation.drift import (
    TOLERANCES_MS,
    DriftReport,
    Reading,
    as_lines,
    drift_of,
    measure_drift,
    onset_figures,
)
from engine.evaluation.sync import TestScene, draw_test_scenes
from engine.lm.decoding import narrowing
from engine.training.recordings import RecordingLibrary
from tests.engine.models import write_tiny_model
from tests.engine.training.synthetic import changed, ping, placed, recording

MOST_RMS, MOST_KL = 0.05, 0.001
"""Of this model int8 is off by 0.008 and less than 0.00001; with scales that are twice too large by 1.0 and 0.011."""


@pytest.fixture(scope="module")
def scenes() -> list[TestScene]:
    """Three, of held-out knocks."""
    made = [
        changed(
            recording(placed(0.5, [0.1], ping(seed=number)), "knock", f"made-up:{number}"), split="held_out"
        )
        for number in range(3)
    ]
    return draw_test_scenes(RecordingLibrary(made), 3, duration_s=1.5)


def value_of(interval: Interval) -> float:
    assert interval.low is not None and interval.high is not None
    assert interval.low <= interval.value <= interval.high
    return interval.value


def test_the_drift_of_narrower_weights_is_seen_and_small(scenes: list[TestScene], tmp_path: Path) -> None:
    write_tiny_model(tmp_path)
    report = measure_drift(tmp_path, scenes)
    exact, bfloat16, int8 = report.weights
    assert (exact.dtype, bfloat16.dtype, int8.dtype) == ("float32", "bfloat16", "int8")
    assert exact.logits_rms == exact.guided_kl_nats == Interval(0.0, 0.0, 0.0)
    assert 0 < value_of(bfloat16.logits_rms) < value_of(int8.logits_rms) < MOST_RMS
    assert 0 < value_of(bfloat16.guided_kl_nats) < value_of(int8.guided_kl_nats) < MOST_KL
    assert [each.tolerance_ms for each in int8.onsets] == list(TOLERANCES_MS) == [40, 100, 200]
    assert all(each.over_float32.value == 0 for each in exact.onsets)
    path = tmp_path / "drift.json"
    write_json(path, report)
    written = json.loads(path.read_bytes())
    assert written["num_scenes"] == 3 and written["weights"][2]["onsets"][0].keys() >= {"f1", "shuffled"}


def test_scales_that_are_twice_too_large_are_no_small_drift(
    scenes: list[TestScene], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bounds above would not let broken weights pass."""
    right = narrowing.quantised

    def doubled(matrix: Tensor) -> tuple[Tensor, Tensor]:
        numbers, unit = right(matrix)
        return numbers, 2 * unit

    write_tiny_model(tmp_path)
    measure_drift(tmp_path, scenes[:2])  # whatever quantises is imported by now
    users = [
        module
        for name, module in list(sys.modules.items())
        if name.startswith("engine.") and getattr(module, "quantised", None) is right
    ]
    assert len(users) > 1
    for module in users:
        monkeypatch.setattr(module, "quantised", doubled)
    _, bfloat16, int8 = measure_drift(tmp_path, scenes[:2]).weights
    assert bfloat16.logits_rms.value < MOST_RMS
    assert int8.logits_rms.value > 2 * MOST_RMS and int8.guided_kl_nats.value > 2 * MOST_KL


def test_onsets_are_scored_beside_other_scenes_hits_and_beside_float32() -> None:
    true = [[0.2, 1.0], [0.5, 1.3], [0.75, 1.6], [0.35, 1.9]]
    late = [[at_s + 0.06 for at_s in hits] for hits in true]
    within_40, within_100, within_200 = onset_figures(late, true, true)
    assert within_40.f1.value == 0 and within_40.over_float32.value == -1
    assert within_100.f1.value == within_200.f1.value == 1 and within_100.over_float32.value == 0
    assert within_100.shuffled.value < 0.5
    half = onset_figures([true[0], [], true[2], []], true, true)[0]
    assert half.f1.value == 0.5 and half.f1.low is not None and half.f1.low < 0.5
    assert half.over_float32.value == -0.5


def test_logits_are_compared_scene_by_scene() -> None:
    """By hand: off by a tenth and by three tenths of their deviation."""
    draw = torch.Generator().manual_seed(0)
    theirs = [torch.randn(5, 2, 4, 8, generator=draw) for _ in range(2)]
    ours = [each + share * each.std() for each, share in zip(theirs, (0.1, 0.3), strict=True)]
    heard: list[list[float]] = [[0.5], [0.7]]
    exact = Reading("float32", "torch", 2.0, theirs, heard)
    found = drift_of(Reading("int8", "torch", 2.0, ours, heard), exact, heard)
    assert found.logits_rms.value == pytest.approx(0.2, abs=1e-4)
    assert found.guided_kl_nats.value == pytest.approx(0, abs=1e-5), (
        "the same shift of all logits changes nothing"
    )
    told = as_lines(DriftReport(2, [found]))
    assert "logits off by 0.2000 of their deviation" in told[1]
    assert told[2].startswith("    onset F1 within  40 ms 1.000, shuffled 0.000, over float32 0.000")
