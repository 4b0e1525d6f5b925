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
    """The interval's ends; empty where there is none, or where every clip has the same value."""
    if interval.low is None or interval.high is None or interval.low == interval.high:
        return ""
    return f"{number(interval.low, about)} to {number(interval.high, about)}"


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
    """Of two systems or more, the films' own sound left out; None where nothing is better than anything."""
    rivals = [system.name for system in report.systems if system.kind != "reference"]
    values = {
        name: figure.mean.value
        for name, figure in result.figures.items()
        if name in rivals and figure.mean is not None
    }
    if len(values) < 2 or result.about.direction == "none":
        return None
    if result.about.direction == "higher":
        return max(values, key=lambda name: values[name])
    return min(
        values, key=lambda name: abs(values[name]) if result.about.direction == "zero" else values[name]
    )
