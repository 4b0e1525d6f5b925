"""The cue sheet as a page to print or to send: one HTML file, nothing fetched, no script."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date
from html import escape
from pathlib import PurePath

from engine.protocol import fraction
from foley_plugin.services.delivery.colours import colour_of
from foley_plugin.services.delivery.cues import CueLine, CueList, timecode
from foley_plugin.timeline.families import FAMILIES

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

STRIP_WIDTH, STRIP_HEIGHT = 104, 14
"""Of the little picture of a cue's hits."""

STYLE = """
@page { size: A4 landscape; margin: 12mm 12mm 14mm;
  @bottom-left { content: "Foley cue sheet"; font: 7.5pt system-ui, sans-serif; color: #666; }
  @bottom-right { content: "Page " counter(page) " of " counter(pages);
    font: 7.5pt system-ui, sans-serif; color: #666; } }
* { box-sizing: border-box; }
body { margin: 24px auto; max-width: 1240px; padding: 0 24px; color: #16181d; background: #fff;
  font: 13px/1.4 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
header { display: flex; justify-content: space-between; align-items: flex-end; gap: 32px;
  border-bottom: 2px solid #16181d; padding-bottom: 10px; }
h1 { font-size: 22px; line-height: 1.2; margin: 0; font-weight: 650; overflow-wrap: anywhere; }
.kind { color: #5b6270; margin: 0 0 2px; font-size: 12px; }
dl { display: flex; flex-wrap: wrap; gap: 4px 24px; margin: 0; justify-content: flex-end; }
dt { color: #5b6270; font-size: 11px; } dd { margin: 0; white-space: nowrap; }
dl, td, th { font-variant-numeric: tabular-nums; }
.families { margin: 12px 0 14px; padding: 0; list-style: none; display: flex; flex-wrap: wrap; gap: 4px 16px; }
.swatch { display: inline-block; width: 9px; height: 9px; border-radius: 2px; margin-right: 6px;
  background: hsl(var(--hue) 55% 45%); }
table { width: 100%; border-collapse: collapse; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th { text-align: left; font-size: 11px; font-weight: 600; color: #5b6270; padding: 4px 10px 4px 0;
  border-bottom: 1px solid #16181d; white-space: nowrap; vertical-align: bottom; }
td { padding: 6px 10px 6px 0; border-bottom: 1px solid #dcdfe4; vertical-align: baseline; }
.number { text-align: right; font-weight: 650; }
.number, th:first-child { padding-right: 14px; }
.code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 12px;
  white-space: nowrap; }
.right { text-align: right; }
.under { color: #5b6270; font-size: 11px; overflow-wrap: anywhere; }
.clip, .take { overflow-wrap: anywhere; min-width: 120px; }
.note { min-width: 150px; white-space: pre-line; overflow-wrap: anywhere; }
.empty { border-bottom: 1px dotted #b5bac4; }
.sound { min-width: 124px; }
svg { display: block; margin-top: 2px; }
@media print {
  body { margin: 0; padding: 0; max-width: none; font-size: 9pt; }
  h1 { font-size: 15pt; } th, .under, dt { font-size: 7.5pt; } .code { font-size: 8.5pt; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
"""


def html_page(cues: CueList, printed_on: date, files: Mapping[int, str] | None = None) -> bytes:
    """The sheet as a page.

    Args:
        files: delivered files by cue number, shown in the take's place.
    """
    title = _text(cues.title)
    rows = "\n".join(_row(line, None if files is None else files[line.number]) for line in cues.lines)
    headings = (
        "Cue",
        "In",
        "Out",
        "Length",
        "Sound",
        "Clip",
        "Hits",
        "Take" if files is None else "File",
        "Note",
    )
    head = "".join(
        f'<th class="{"right" if name in ("Cue", "Length") else ""}" scope="col">{name}</th>'
        for name in headings
    )
    page = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}: foley cue sheet</title>
<style>{STYLE}</style>
</head>
<body>
<header><div><p class="kind">Foley cue sheet</p><h1>{title}</h1></div>{_facts(cues, printed_on)}</header>
{_families(cues)}
<table>
<thead><tr>{head}</tr></thead>
<tbody>
{rows}
</tbody>
</table>
</body>
</html>
"""
    return page.encode("utf-8", "replace")


def _facts(cues: CueList, printed_on: date) -> str:
    cut = cues.cut
    rate = f"{float(fraction(cut.rate)):.3f}".rstrip("0").rstrip(".")
    length = round(fraction(cut.duration) * fraction(cut.rate))
    facts = {
        "Cut": PurePath(cut.path).name,
        "Frame rate": f"{rate} fps{' drop-frame' if cut.drop_frame else ''}",
        "Start": timecode(cut, 0),
        "End": timecode(cut, length),
        "Cues": str(len(cues.lines)),
        "Hits": str(sum(len(line.hits) for line in cues.lines)),
        "Printed": printed_on.isoformat(),
    }
    return (
        "<dl>"
        + "".join(f"<div><dt>{name}</dt><dd>{_text(value)}</dd></div>" for name, value in facts.items())
        + "</dl>"
    )


def _families(cues: CueList) -> str:
    counts = Counter(line.family.name for line in cues.lines)
    items = (
        f'<li><span class="swatch" style="--hue:{colour_of(family).hue}"></span>'
        f"{family.name} {counts[family.name]}</li>"
        for family in FAMILIES
        if counts[family.name]
    )
    return f'<ul class="families">{"".join(items)}</ul>'


def _row(line: CueLine, file: str | None) -> str:
    hue = colour_of(line.family).hue
    reel = "" if line.reel == line.clip else f'<div class="under">{_name(line.reel)}</div>'
    note = _text(line.note) if line.note else '<div class="empty">&nbsp;</div>'
    return (
        f'<tr><td class="number">{line.number}</td>'
        f'<td class="code">{line.timecode_in}</td><td class="code">{line.timecode_out}</td>'
        f'<td class="right">{line.duration_s:.2f} s</td>'
        f'<td class="sound"><span class="swatch" style="--hue:{hue}"></span>{_text(line.label.replace("_", " "))}'
        f'<div class="under">{line.family.name}</div></td>'
        f'<td class="clip">{_name(line.clip)}{reel}</td>'
        f"<td>{_hits(line, hue)}</td>"
        f'<td class="take">{_name(_stem(file or line.take_name))}'
        f'<div class="under">{_text(line.track)}, seed {line.seed}</div></td>'
        f'<td class="note">{note}</td></tr>'
    )


def _hits(line: CueLine, hue: int) -> str:
    """How many, and where in the cue: the higher a stroke, the harder the hit."""
    if not line.hits:
        return '<span class="under">none</span>'
    start_s = float(line.meant.job.selected.record_in)
    strokes = "".join(
        f'<path d="M{1 + (STRIP_WIDTH - 2) * (hit.time_s - start_s) / line.duration_s:.1f} '
        f'{STRIP_HEIGHT - 1}v-{3 + (STRIP_HEIGHT - 4) * hit.strength:.1f}"/>'
        for hit in line.hits
    )
    label = escape(", ".join(hit.timecode for hit in line.hits))
    return (
        f'{len(line.hits)}<svg width="{STRIP_WIDTH}" height="{STRIP_HEIGHT}" role="img" aria-label="{label}">'
        f'<path d="M0 {STRIP_HEIGHT - 0.5}h{STRIP_WIDTH}" stroke="#b5bac4"/>'
        f'<g stroke="hsl({hue} 55% 40%)" stroke-width="2">{strokes}</g></svg>'
    )


def _stem(name: str) -> str:
    """Of a file's path; the folder is the track's."""
    return name.rpartition("/")[2].removesuffix(".wav")


def _name(text: str) -> str:
    """A file's name, which may break after its underscores."""
    return _text(text).replace("_", "_<wbr>")


def _text(text: str) -> str:
    return escape(_UNPRINTABLE.sub(" ", text))
