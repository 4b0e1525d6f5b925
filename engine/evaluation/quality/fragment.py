"""The figures in words: lines for the terminal, and Markdown for the model card, both from what was measured."""

from __future__ import annotations

from collections.abc import Sequence

from engine.evaluation.quality import QualityFigure, Target
from engine.evaluation.quality.report import QualityReport

MARKS = {True: "met", False: "missed", None: ""}


def as_lines(figures: Sequence[QualityFigure]) -> list[str]:
    lines = []
    for figure in figures:
        if figure.value is None:
            lines.append(f"{figure.title}: not measured: {figure.not_measured}")
            continue
        goal = f", target {target_text(figure)}: {MARKS[figure.is_met]}" if figure.target else ""
        lines.append(f"{figure.title}: {value_text(figure)}{goal}")
        beside = details_text(figure)
        lines += [f"    {beside}"] if beside else []
    return lines


def as_markdown(report: QualityReport) -> str:
    """A section of the card: a table, and under it what stands beside each figure."""
    rows = [
        f"| {figure.title} | {value_text(figure)} | {target_text(figure)} | {MARKS[figure.is_met]} |"
        for figure in report.figures
    ]
    beside = [
        f"- {figure.title}: {text}."
        for figure in report.figures
        if (text := figure.not_measured or details_text(figure))
    ]
    met = [is_met for is_met in report.met.values() if is_met is not None]
    size = report.size
    return "\n".join(
        [
            f"`foley evaluate default`, weights in {report.dtype}, {report.threads} threads, seed {report.seed}; "
            f"takes without a picture, {size.pool_seeds} a label. {sum(met)} of {len(met)} targets are met. "
            "In brackets: 95 % intervals.",
            "",
            "| figure | measured | target | |",
            "|---|---|---|---|",
            *rows,
            "",
            *beside,
            "",
        ]
    )


def value_text(figure: QualityFigure) -> str:
    if figure.value is None:
        return "not measured"
    unit = f" {figure.unit}" if figure.unit else ""
    said = _number(figure.value.value, figure.decimals) + unit
    low, high = figure.value.low, figure.value.high
    if low is None or high is None:
        return said
    return f"{said} ({_number(low, figure.decimals)} to {_number(high, figure.decimals)})"


def target_text(figure: QualityFigure) -> str:
    target: Target | None = figure.target
    return "" if target is None else f"{target.direction} {_number(target.bound, figure.decimals)}"


def details_text(figure: QualityFigure) -> str:
    """Whole numbers as such, others with the figure's decimals, but two at least."""
    parts = [f"{name} {_detail(value, figure.decimals)}" for name, value in figure.details.items()]
    return ", ".join([*parts, *([figure.remark] if figure.remark else [])])


def _detail(value: float, decimals: int) -> str:
    return (
        f"{value:.0f}" if float(value).is_integer() and abs(value) > 1 else _number(value, max(decimals, 2))
    )


def _number(value: float, decimals: int) -> str:
    said = f"{value:.{decimals}f}"
    return said.removeprefix("-") if float(said) == 0 else said
