"""Numbers as people read them, and who may be called best."""

from __future__ import annotations

import pytest

from engine.evaluation.bootstrap import Interval
from engine.evaluation.metrics import About, Direction
from engine.evaluation.page.text import best_system, number, span
from engine.evaluation.report import FORMAT, Difference, Lengths, MetricResult, Report, SystemFacts

ABOUT = About("m", "M", "ms", "higher", "Made up.", decimals=1)


def report_of(*names: str) -> Report:
    systems = [
        SystemFacts(
            name, "reference" if name == "reference" else "samples", None, {}, 9, [], [], Lengths(), {}
        )
        for name in names
    ]
    return Report(FORMAT, "", {}, {}, [], [], systems, [], [])


def difference(first: str, second: str, low: float, high: float) -> Difference:
    return Difference(first, second, 9, Interval((low + high) / 2, low, high))


@pytest.mark.parametrize(
    ("direction", "expected"), [("higher", "a"), ("lower", "c"), ("zero", None), ("none", None)]
)
def test_best_is_who_is_told_apart_from_all_rivals(direction: Direction, expected: str | None) -> None:
    about = About("m", "M", "", direction, "Made up.")
    differences = [
        difference("reference", "a", 1, 2),
        difference("a", "b", 0.1, 0.3),
        difference("a", "c", 0.2, 0.6),
        difference("b", "c", 0.1, 0.4),
    ]
    report = report_of("reference", "a", "b", "c")
    assert best_system(MetricResult(about, "clips", differences=differences), report) == expected
    unsure = [differences[0], difference("a", "b", -0.1, 0.3), *differences[2:3]]
    assert best_system(MetricResult(about, "clips", differences=unsure), report) is None


def test_numbers_have_a_true_minus_and_no_negative_zero() -> None:
    assert [number(value, ABOUT) for value in (-1.26, -0.04, 0.04, 12.0)] == ["−1.3", "0.0", "0.0", "12.0"]
    assert span(Interval(1.0, 0.5, 2.0), ABOUT) == "0.5 to 2.0"
    assert span(Interval(1.0, 1.0, 1.01), ABOUT) == span(Interval(1.0), ABOUT) == ""
