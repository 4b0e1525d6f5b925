"""The page's clips: each system's film, its spectrogram with hits above and what was heard below."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from engine.evaluation.page.players import Player, Shown
from engine.evaluation.page.spectrogram import height_of
from engine.evaluation.page.text import number
from engine.evaluation.report import ClipFacts, Report, SystemFacts
from engine.media.matching import match, times_of
from engine.protocol import Hit

HEARD_WITHIN_S = 0.1
PITCHES = ((250.0, "250 Hz"), (1000.0, "1 kHz"), (4000.0, "4 kHz"))

KEY = """<p class="key small soft">
<span><svg width="10" height="12" aria-hidden="true"><line x1="5" x2="5" y1="0" y2="12" stroke="#1a5fb4"
stroke-width="2.5"/></svg>hit (above the spectrogram)</span>
<span><svg width="10" height="12" aria-hidden="true"><line x1="5" x2="5" y1="0" y2="12" stroke="#b3460f"
stroke-width="2.5"/></svg>onset heard within 100 ms of a hit (below)</span>
<span><svg width="10" height="12" aria-hidden="true"><line x1="5" x2="5" y1="0" y2="12" stroke="#b3460f"
stroke-width="2.5" stroke-dasharray="2 2"/></svg>onset heard elsewhere (below, dashed)</span></p>"""


def clip_sections(report: Report, shown: Sequence[Shown]) -> str:
    facts = {clip.name: clip for clip in report.clips}
    sections = [_section(report, facts[each.clip], each) for each in shown if each.clip in facts]
    return KEY + "".join(sections)


def _section(report: Report, clip: ClipFacts, shown: Shown) -> str:
    players = {player.system: player for player in shown.players}
    cards = "".join(_card(report, clip, system, players.get(system.name)) for system in report.systems)
    source = "named beside the film" if clip.hits_from == "file" else "onsets of its own sound"
    label = f"label {escape(clip.label)}, " if clip.label else ""
    return (
        f'<section class="clip"><h3>{escape(clip.name)}</h3><p class="small soft">{label}{len(clip.hits)} hits '
        f"({source}), {clip.duration_s:.1f} s, {clip.frame_rate:g} frames a second</p>"
        f'<div class="cards">{cards}</div>{_values(report, clip)}</section>'
    )


def _card(report: Report, clip: ClipFacts, system: SystemFacts, player: Player | None) -> str:
    name = escape(system.name)
    if player is None:
        return f'<div class="card"><h4>{name}</h4><p class="none">no sample that can be played</p></div>'
    heard = system.onsets.get(clip.name, [])
    matched = {found for found, _ in match(times_of(heard), times_of(clip.hits), HEARD_WITHIN_S)}
    said = f"{len(clip.hits)} hits, {len(heard)} onsets heard, {len(matched)} of them within 100 ms"
    pitches = "".join(
        f'<span class="pitch" style="bottom:{100 * height_of(frequency_hz):.0f}%" aria-hidden="true">{text}</span>'
        for frequency_hz, text in PITCHES
    )
    over = _over(clip.hits, player.duration_s)
    return (
        f'<div class="card"><h4>{name}</h4>'
        f'<video controls preload="metadata" src="{escape(player.film)}" '
        f'aria-label="{escape(clip.name)} with the sound of {name}"></video>'
        f"<figure>{_lane(clip.hits, player.duration_s)}"
        f'<div class="sight" data-duration="{player.duration_s:.4f}"><img src="{player.spectrogram}" '
        f'alt="Spectrogram of {name} on {escape(clip.name)}: {said}">{pitches}{over}<div class="head"></div></div>'
        f"{_lane(heard, player.duration_s, matched)}{_axis(player.duration_s)}"
        f"<figcaption>{said}</figcaption></figure></div>"
    )


def _lane(hits: Sequence[Hit], duration_s: float, matched: set[int] | None = None) -> str:
    """A strip of marks: hits where `matched` is None, else onsets, those that match nothing dashed."""
    lines = []
    for index, hit in enumerate(hits):
        kind = "hit" if matched is None else ("heard" if index in matched else "stray")
        at = 1000 * hit.time_s / duration_s
        lines.append(f'<line class="{kind}" x1="{at:.1f}" x2="{at:.1f}" y1="0" y2="12"/>')
    drawn = "".join(lines)
    return (
        f'<div class="lane"><svg viewBox="0 0 1000 12" preserveAspectRatio="none" aria-hidden="true">{drawn}'
        "</svg></div>"
    )


def _over(hits: Sequence[Hit], duration_s: float) -> str:
    """Fine lines over the spectrogram where the hits are, so that a missed one is seen."""
    lines = "".join(
        f'<line x1="{at:.1f}" x2="{at:.1f}" y1="0" y2="12"/>'
        for at in (1000 * hit.time_s / duration_s for hit in hits)
    )
    return (
        f'<svg class="over" viewBox="0 0 1000 12" preserveAspectRatio="none" aria-hidden="true">{lines}</svg>'
    )


def _axis(duration_s: float) -> str:
    """Seconds, about six of them."""
    step_s = next((step for step in (0.5, 1, 2, 5, 10, 30, 60) if duration_s / step <= 8), 300)
    labels = []
    time_s = 0.0
    while time_s <= duration_s + 1e-6:
        share = time_s / duration_s
        if share < 0.97:
            labels.append(f'<span style="left:{100 * share:.2f}%">{time_s:g}</span>')
        time_s += step_s
    return (
        f'<div class="axis-labels" aria-hidden="true">{"".join(labels)}<span style="left:98%">s</span></div>'
    )


def _values(report: Report, clip: ClipFacts) -> str:
    """All figures of one clip, one row a system."""
    results = [result for result in report.metrics if result.values]
    if not results:
        return ""
    heads = "".join(f'<th scope="col">{escape(result.about.title)}</th>' for result in results)
    rows = []
    for system in report.systems:
        cells = []
        for result in results:
            found = result.values.get(system.name, {}).get(clip.name)
            text = "" if found is None else "–" if found.value is None else number(found.value, result.about)
            unit = f" {result.about.unit}" if text not in ("", "–") and result.about.unit else ""
            cells.append(f"<td>{text}{escape(unit)}</td>")
        rows.append(f'<tr><th scope="row">{escape(system.name)}</th>{"".join(cells)}</tr>')
    return (
        '<details><summary class="small">Figures of this clip</summary><div class="wide"><table class="values">'
        f'<thead><tr><th scope="col">System</th>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
        "</details>"
    )
