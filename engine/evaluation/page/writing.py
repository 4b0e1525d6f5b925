"""The page as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib.resources import files

from engine.evaluation.page.clips import clip_sections
from engine.evaluation.page.figures import differences, explanations, figures_table, not_measured
from engine.evaluation.page.players import Shown
from engine.evaluation.report import LeftOut, Report, SystemFacts

POLICY = (
    "default-src 'none'; img-src data:; media-src 'self' file: data:; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'"
)
"""Nothing is fetched, whatever stands in a name."""


def page_html(report: Report, shown: Sequence[Shown]) -> str:
    """A whole HTML document; films are relative to it."""
    count = len(report.clips)
    names = ", ".join(system.name for system in report.systems)
    of_all = f"the first {len(shown)} of {count}" if len(shown) < count else f"all {count}"
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>Foley evaluation: {escape(names)}</title>
<style>{_part("page.css")}</style></head>
<body>
<header><h1>How well do the sounds fit the picture?</h1>
<p class="soft">{count} test clips, {len(report.systems)} rows, {escape(report.made_at)}</p>
<nav aria-label="Sections"><ul><li><a href="#figures">Figures</a></li><li><a href="#sets">Clips and samples</a></li>
<li><a href="#listen">Listen and look</a></li><li><a href="#how">How it was measured</a></li></ul></nav></header>
<main>
<section id="figures"><h2>Figures</h2>
<p>Mean over clips; the interval says how far the mean may be off for other clips of this kind. The reference is the
films’ own sound measured by the same code: a ceiling, not a rival. “Best” stands where the paired differences from
all other systems leave out 0.</p>
{figures_table(report)}{differences(report)}{not_measured(report)}</section>
<section id="sets"><h2>Clips and samples</h2>{_sets(report)}</section>
<section id="listen"><h2>Listen and look</h2>
<p>Here are {of_all} clips. Every sound plays at its own level. Click a spectrogram to go to that moment.</p>
{clip_sections(report, shown)}</section>
<section id="how"><h2>How it was measured</h2>{explanations(report)}
<h3>Settings</h3>{_list({**report.settings, **report.versions})}</section>
</main>
<script>{_part("page.js")}</script>
</body></html>
"""


def _part(name: str) -> str:
    return (files("engine.evaluation.page") / name).read_text(encoding="utf-8")


def _sets(report: Report) -> str:
    systems = "".join(_system(system) for system in report.systems)
    from_file = sum(clip.hits_from == "file" for clip in report.clips)
    hits = sum(len(clip.hits) for clip in report.clips)
    length_s = sum(clip.duration_s for clip in report.clips)
    return (
        f"<p>{len(report.clips)} clips, {length_s:.0f} s, {hits} hits. Of {from_file} clips the hits are named in a "
        f"file beside the film, of {len(report.clips) - from_file} they are the onsets of the film’s own sound.</p>"
        f"{_left_out('Clips left out', report.left_out)}{_troubles(report.troubles)}{systems}"
    )


def _system(system: SystemFacts) -> str:
    lengths = system.lengths
    rows = {"samples measured": str(system.num_measured)}
    if system.missing:
        rows["missing"] = f"{len(system.missing)}: {', '.join(system.missing)}"
    if lengths.shorter or lengths.longer:
        rows["lengths"] = (
            f"{lengths.equal} as long as the clip, {lengths.shorter} shorter (by up to "
            f"{lengths.most_missing_s:.2f} s), {lengths.longer} longer; both cut to the shorter"
        )
    if system.folder is not None:
        rows["folder"] = system.folder
    return (
        f"<h3>{escape(system.name)}</h3>{_list({**rows, **system.facts})}"
        f"{_left_out('Samples that could not be measured', system.broken)}"
    )


def _left_out(title: str, rows: Sequence[LeftOut]) -> str:
    if not rows:
        return ""
    items = "".join(f"<dt>{escape(row.name)}</dt><dd>{escape(row.reason)}</dd>" for row in rows)
    return f"<details open><summary>{title}: {len(rows)}</summary><dl>{items}</dl></details>"


def _troubles(sentences: Sequence[str]) -> str:
    if not sentences:
        return ""
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    return f"<details open><summary>Measurements that failed: {len(sentences)}</summary><ul>{items}</ul></details>"


def _list(rows: dict[str, str]) -> str:
    items = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows.items())
    return f'<dl class="small">{items}</dl>'
