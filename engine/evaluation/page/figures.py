"""The page's table of figures, and what must be read beside it."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from engine.evaluation.metrics import About
from engine.evaluation.page.text import best_system, controls, number, reading, span
from engine.evaluation.report import Figure, MetricResult, Report, SystemFacts

STRIP_WIDTH = 152
MARGIN = 6

KEY = """<p class="key small soft">
<span><svg width="30" height="12" class="strip-key" aria-hidden="true"><line x1="2" x2="28" y1="6" y2="6"
stroke="#1a5fb4" stroke-width="4" opacity=".45"/><circle cx="15" cy="6" r="3.5" fill="#1a5fb4"/></svg>mean
and 95 % interval</span>
<span><svg width="14" height="12" aria-hidden="true"><path d="M7 1 12 6 7 11 2 6Z" fill="#fbfaf7" stroke="#b3460f"
stroke-width="1.6"/></svg>the same sounds against other clips (shuffled)</span>
<span><svg width="8" height="12" aria-hidden="true"><line x1="4" x2="4" y1="0" y2="12" stroke="#5c5852"
stroke-width="1.6"/></svg>as many moments at random (chance)</span></p>"""


def figures_table(report: Report) -> str:
    """One row a metric that was measured, one column a system."""
    measured = [result for result in report.metrics if result.not_measured is None]
    if not measured:
        return '<p class="none">No metric was measured.</p>'
    heads = "".join(f'<th scope="col">{_system_head(system)}</th>' for system in report.systems)
    rows = "".join(_row(result, report) for result in measured)
    return (
        f'{KEY}<div class="wide"><table class="figures"><caption hidden>Figures by metric and system</caption>'
        f'<thead><tr><th scope="col">Metric</th>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def not_measured(report: Report) -> str:
    rows = [
        f"<dt>{escape(result.about.title)}</dt><dd>not measured: {escape(result.not_measured)}</dd>"
        for result in report.metrics
        if result.not_measured is not None
    ]
    return f"<h3>Not measured</h3><dl>{''.join(rows)}</dl>" if rows else ""


def explanations(report: Report) -> str:
    rows = [
        f'<dt id="about-{escape(result.about.name)}">{escape(result.about.title)}</dt>'
        f"<dd>{escape(result.about.explanation)}</dd>"
        for result in report.metrics
    ]
    return f"<dl>{''.join(rows)}</dl>"


def differences(report: Report) -> str:
    """Every two systems on the same clips; those whose interval leaves out 0 are told apart."""
    rows = []
    for result in report.metrics:
        for each in result.differences:
            ends = span(each.interval, result.about)
            is_apart = (
                each.interval.low is not None
                and each.interval.high is not None
                and not each.interval.low <= 0 <= each.interval.high
            )
            rows.append(
                f"<tr><td>{escape(result.about.title)}</td><td>{escape(each.first)} − {escape(each.second)}</td>"
                f"<td>{number(each.interval.value, result.about)} {escape(result.about.unit)}</td><td>{ends}</td>"
                f"<td>{'yes' if is_apart else ('no' if ends else '')}</td><td>{each.num_clips}</td></tr>"
            )
    if not rows:
        return ""
    return (
        "<details><summary>Paired differences between systems</summary>"
        '<p class="small soft">Mean difference over the clips that both systems have a value for, with its own '
        "interval. Many pairs are compared: one in twenty is told apart by luck.</p>"
        '<div class="wide"><table class="values"><thead><tr><th scope="col">Metric</th><th scope="col">Systems</th>'
        '<th scope="col">Difference</th><th scope="col">95 % interval</th><th scope="col">Told apart</th>'
        f'<th scope="col">Clips</th></tr></thead><tbody>{"".join(rows)}</tbody></table></div></details>'
    )


def _system_head(system: SystemFacts) -> str:
    return f'{escape(system.name)}<br><span class="soft small">{system.num_measured} clips</span>'


def _row(result: MetricResult, report: Report) -> str:
    about = result.about
    scale = _Scale(result.figures.values())
    best = best_system(result, report)
    cells = "".join(
        _cell(result.figures.get(system.name), about, scale, is_best=system.name == best)
        for system in report.systems
    )
    return (
        f'<tr><th scope="row"><a href="#about-{escape(about.name)}">{escape(about.title)}</a>'
        f'<span class="soft">{escape(reading(about))}</span></th>{cells}</tr>'
    )


def _cell(figure: Figure | None, about: About, scale: _Scale, *, is_best: bool) -> str:
    if figure is None or figure.mean is None:
        beside = "" if figure is None else controls(figure, about)
        return f'<td><span class="none">no value</span><span class="soft">{escape(beside)}</span></td>'
    ends = span(figure.mean, about)
    unit = f" {escape(about.unit)}" if about.unit else ""
    return (
        f'<td{" class=best" if is_best else ""}><span class="value">{number(figure.mean.value, about)}{unit}</span>'
        f"{scale.strip(figure)}"
        f'<span class="soft">{ends}</span><span class="soft">{escape(controls(figure, about))}</span></td>'
    )


class _Scale:
    """One metric's strip: every system's numbers on one line, 0 included where they are near it."""

    def __init__(self, figures: Iterable[Figure]) -> None:
        numbers = [0.0]
        for figure in figures:
            for interval in (figure.mean, figure.shuffled):
                if interval is not None:
                    ends = (interval.value, interval.low, interval.high)
                    numbers += [each for each in ends if each is not None]
            numbers += [] if figure.chance is None else [figure.chance]
        self._low, self._high = min(numbers), max(numbers)

    def _at(self, value: float) -> float:
        extent = self._high - self._low
        share = (value - self._low) / extent if extent > 0 else 0.5
        return round(MARGIN + share * (STRIP_WIDTH - 2 * MARGIN), 1)

    def strip(self, figure: Figure) -> str:
        """Decoration: the numbers stand beside it."""
        parts = [f'<line class="axis" x1="0" x2="{STRIP_WIDTH}" y1="7" y2="7"/>']
        if figure.chance is not None:
            at = self._at(figure.chance)
            parts.append(f'<line class="chance" x1="{at}" x2="{at}" y1="0" y2="14"/>')
        mean = figure.mean
        if mean is not None and mean.low is not None and mean.high is not None:
            parts.append(
                f'<line class="interval" x1="{self._at(mean.low)}" x2="{self._at(mean.high)}" y1="7" y2="7"/>'
            )
        if figure.shuffled is not None:
            at = self._at(figure.shuffled.value)
            parts.append(f'<path class="shuffled" d="M{at} 2 {at + 5:.1f} 7 {at} 12 {at - 5:.1f} 7Z"/>')
        if mean is not None:
            parts.append(f'<circle class="dot" cx="{self._at(mean.value)}" cy="7" r="3.5"/>')
        return f'<svg class="strip" viewBox="0 0 {STRIP_WIDTH} 14" aria-hidden="true">{"".join(parts)}</svg>'
