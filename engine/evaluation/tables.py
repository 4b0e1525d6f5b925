"""The report for the terminal."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from engine.evaluation.page.text import best_system, controls, number, reading, span
from engine.evaluation.report import Figure, MetricResult, Report


def as_table(report: Report) -> Table:
    """One row a metric, one column a system; intervals and controls under each figure."""
    table = Table(
        title=f"{len(report.clips)} test clips; mean over clips, 95 % interval in brackets",
        title_justify="left",
    )
    table.add_column("Metric", overflow="fold")
    for system in report.systems:
        table.add_column(f"{escape(system.name)}\n[dim]{system.num_measured} clips[/dim]", overflow="fold")
    for result in report.metrics:
        if result.not_measured is None:
            best = best_system(result, report)
            cells = [
                _cell(result, result.figures.get(system.name), is_best=system.name == best)
                for system in report.systems
            ]
            table.add_row(f"{result.about.title}\n[dim]{reading(result.about)}[/dim]", *cells)
    return table


def notes(report: Report) -> list[str]:
    """What must not be overlooked: metrics that were not measured, clips and samples that are missing."""
    lines = [
        f"{result.about.title}: not measured: {result.not_measured}"
        for result in report.metrics
        if result.not_measured is not None
    ]
    lines += [f"left out: {each.name}: {each.reason}" for each in report.left_out]
    for system in report.systems:
        if system.missing:
            lines.append(f"{system.name}: {len(system.missing)} samples missing: {', '.join(system.missing)}")
        lines += [f"{system.name}: {each.name}: {each.reason}" for each in system.broken]
        if system.lengths.shorter or system.lengths.longer:
            lines.append(
                f"{system.name}: {system.lengths.shorter} samples shorter than their clip (by up to "
                f"{system.lengths.most_missing_s:.2f} s), {system.lengths.longer} longer; both cut to the shorter"
            )
    return lines + report.troubles


def _cell(result: MetricResult, figure: Figure | None, *, is_best: bool) -> str:
    about = result.about
    if figure is None or figure.mean is None:
        return "[dim]no value[/dim]"
    value = number(figure.mean.value, about)
    ends = span(figure.mean, about)
    lines = [f"{f'[bold]{value}[/bold]' if is_best else value}{f' ({ends})' if ends else ''}"]
    beside = controls(figure, about)
    return "\n".join([*lines, f"[dim]{escape(beside)}[/dim]"] if beside else lines)
