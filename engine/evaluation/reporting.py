"""`foley evaluate report`: a folder of clips and some systems in, report.json and index.html out."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from engine.errors import OutputError
from engine.evaluation.measuring import evaluate
from engine.evaluation.metrics import Metric
from engine.evaluation.page.players import MEDIA_FOLDER, make_players
from engine.evaluation.page.writing import page_html
from engine.evaluation.report import Report
from engine.evaluation.samples import System

REPORT_FILE = "report.json"
PAGE_FILE = "index.html"

Log = Callable[[str], None]


def claim_folder(out: Path) -> None:
    """
    Raises:
        OutputError: it cannot be made.
    """
    try:
        (out / MEDIA_FOLDER).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"The folder {out} cannot be made ({error}); choose another --out.") from error


def make_report(
    films: Sequence[Path],
    systems: Sequence[System],
    metrics: Sequence[Metric],
    out: Path,
    *,
    seed: int = 0,
    num_players: int = 24,
    settings: dict[str, str] | None = None,
    log: Log = lambda line: None,
) -> Report:
    """Measure, and write report.json and index.html with its films into `out`; a report there is replaced.

    `num_players`: how many clips the page shows; all are measured.

    Raises:
        RequestError: see `evaluate`. OutputError: `out` cannot be written.
    """
    claim_folder(out)
    report = evaluate(
        films,
        systems,
        metrics,
        seed=seed,
        settings=settings,
        on_clip=lambda done, total: (
            log(f"measured {done} of {total} clips") if _is_told(done, total) else None
        ),
    )
    _replace(out / REPORT_FILE, msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n")
    readable = {clip.film for clip in report.clips}
    shown_films = [film for film in films if str(film.absolute()) in readable][:num_players]
    shown = make_players(
        shown_films,
        systems,
        out,
        on_clip=lambda done: (
            log(f"players of {done} of {len(shown_films)} clips")
            if _is_told(done, len(shown_films))
            else None
        ),
    )
    _replace(out / PAGE_FILE, page_html(report, shown).encode())
    return report


def _is_told(done: int, total: int) -> bool:
    return done == total or done % 25 == 0


def _replace(path: Path, content: bytes) -> None:
    """Whole or not at all; what was there gives way.

    Raises:
        OutputError: it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    except OSError as error:
        raise OutputError(f"The file {path} could not be written ({error}); free some space.") from error
    finally:
        temporary.unlink(missing_ok=True)
