"""Numbers and names as they stand on the page and in the terminal's table."""

from __future__ import annotations

from engine.evaluation.bootstrap import Interval
from engine.evaluation.metrics import About
from engine.evaluation.report import Figure, MetricResult, Report

DIRECTIONS = {
    "higher": "higher is better",
    "lower": "lower is better",
    "zero": "nearer to 0 is better",
    "none": "",
}


def number(value: float, about: About) -> str:
    """With the metric's decimals and a true minus sign, but none before a zero."""
    said = f"{value:.{about.decimals}f}"
    return said.removeprefix("-") if float(said) == 0 else said.replace("-", "\N{MINUS SIGN}")


def span(interval: Interval, about: About) -> str:
    """The interval's ends; empty where there is none, or none that can be seen at the metric's decimals."""
    if interval.low is None or interval.high is None:
        return ""
    low, high = number(interval.low, about), number(interval.high, about)
    return "" if low == high == number(interval.value, about) else f"{low} to {high}"


def reading(about: About) -> str:
    """Unit and direction, as far as there are any."""
    return ", ".join(part for part in (about.unit, DIRECTIONS[about.direction]) if part)


def controls(figure: Figure, about: About) -> str:
    """What stands beside the figure, in words."""
    parts = []
    if figure.shuffled is not None:
        parts.append(f"shuffled {number(figure.shuffled.value, about)}")
    if figure.chance is not None:
        parts.append(f"chance {number(figure.chance, about)}")
    if figure.pooled is not None:
        parts.append(f"pooled {number(figure.pooled.value, about)}")
    if figure.undefined:
        parts.append(f"undefined on {figure.undefined}")
    if figure.remark:
        parts.append(figure.remark)
    return ", ".join(parts)


def best_system(result: MetricResult, report: Report) -> str | None:
    """The system, the films' own sound left out, that is told apart from all others; None where none is.

    Told apart: the interval of the paired difference leaves out 0, on the better side.
    """
    rivals = [system.name for system in report.systems if system.kind != "reference"]
    sign = {"higher": 1, "lower": -1}.get(result.about.direction, 0)
    if sign == 0 or len(rivals) < 2:
        return None
    beaten: dict[str, set[str]] = {name: set() for name in rivals}
    for each in result.differences:
        low, high = each.interval.low, each.interval.high
        if low is None or high is None or low <= 0 <= high or {each.first, each.second} - set(rivals):
            continue
        first_is_better = sign * low > 0
        winner, loser = (each.first, each.second) if first_is_better else (each.second, each.first)
        beaten[winner].add(loser)
    return next((name for name, others in beaten.items() if len(others) == len(rivals) - 1), None)
