"""A page to read the figures on, and to hear and see one example a family."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import soundfile

from engine.evaluation.page.spectrogram import as_data_uri, as_png
from engine.evaluation.page.writing import POLICY
from engine.evaluation.quality.examples import SAMPLE_RATE, Example, Wav
from engine.evaluation.quality.fragment import MARKS, details_text, target_text, value_text
from engine.evaluation.quality.report import QualityReport
from engine.evaluation.quality.sheet import levels_of

MEDIA_FOLDER = "media"
PAGE_FILE = "index.html"
REAL_BESIDE = (
    "Of each family a recording that the model has never heard, and a take of the same label, equally loud."
)
TAKES_ALONE = "A take of each family, equally loud. Recordings are their authors' and stay out of this page."

Keep = Callable[[str, Wav], str]
"""Puts the sound of a name somewhere; gives its address."""


def write_page(report: QualityReport, examples: Sequence[Example], out: Path) -> Path:
    """The page and, beside it, its sounds (FLAC). Those of an earlier run are replaced."""
    (out / MEDIA_FOLDER).mkdir(parents=True, exist_ok=True)

    def keep(stem: str, wav: Wav) -> str:
        address = f"{MEDIA_FOLDER}/{stem}.flac"
        soundfile.write(out / address, wav, SAMPLE_RATE, subtype="PCM_24")
        return address

    rows = [_row(e, [("real", e.real), ("generated", e.made)], keep) for e in examples]
    page = out / PAGE_FILE
    page.write_text(_html(report, REAL_BESIDE, "".join(rows)), encoding="utf-8")
    return page


def write_takes(report: QualityReport, examples: Sequence[Example], page: Path) -> None:
    """One file to ship with the model: the figures, and takes with their sounds within."""

    def keep(_stem: str, wav: Wav) -> str:
        file = BytesIO()
        soundfile.write(file, wav, SAMPLE_RATE, format="FLAC", subtype="PCM_16")
        return as_data_uri(file.getvalue(), "audio/flac")

    rows = [_row(e, [("generated", e.made)], keep) for e in examples]
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(_html(report, TAKES_ALONE, "".join(rows)), encoding="utf-8")


def _html(report: QualityReport, said: str, examples: str) -> str:
    style = (files("engine.evaluation.page") / "page.css").read_text(encoding="utf-8")
    figures = "".join(
        f'<tr><th scope="row">{escape(figure.title)}</th><td>{escape(value_text(figure))}</td>'
        f"<td>{escape(target_text(figure))}</td><td>{MARKS[figure.is_met]}</td>"
        f'<td class="small soft">{escape(figure.not_measured or details_text(figure))}</td></tr>'
        for figure in report.figures
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>{escape(report.model)}: figures and sounds</title><style>{style}</style></head>
<body><header><h1>{escape(report.model)}</h1>
<p class="soft">sha256 {escape(report.model_sha256)}, weights in {escape(report.dtype)}, seed {report.seed}</p></header>
<main><section id="figures"><h2>Figures</h2><div class="wide"><table class="values">
<thead><tr><th scope="col">Figure</th>
<th scope="col">Measured</th><th scope="col">Target</th><th scope="col"></th><th scope="col">Beside it</th></tr></thead>
<tbody>{figures}</tbody></table></div></section>
<section id="listen"><h2>Listen and look</h2>
<p>{escape(said)}</p>
{examples}</section></main></body></html>
"""


def _row(example: Example, sounds: Sequence[tuple[str, Wav]], keep: Keep) -> str:
    cards = "".join(
        _card(f"{example.label}, {kind}", wav, keep(f"{example.family}-{kind}", wav)) for kind, wav in sounds
    )
    return (
        f'<section class="clip"><h3>{escape(example.family)}</h3><div class="cards">{cards}</div></section>'
    )


def _card(name: str, wav: Wav, address: str) -> str:
    picture = as_data_uri(as_png(levels_of(wav), 0.0))
    return (
        f'<div class="card"><h4>{escape(name)}</h4>'
        f'<audio controls preload="none" style="width: 100%" aria-label="{escape(name)}" src="{escape(address)}">'
        "</audio>"
        f'<div class="sight"><img src="{picture}" alt="Spectrogram of {escape(name)}"></div></div>'
    )
