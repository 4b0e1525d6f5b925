"""The cue sheet as a table that Excel, Numbers and LibreOffice open by a click."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from foley_plugin.services.delivery.cues import CueLine, CueList

COLUMNS = (
    "Cue",
    "In",
    "Out",
    "Seconds",
    "Family",
    "Label",
    "Track",
    "Clip",
    "Reel",
    "Hits",
    "Hit timecodes",
    "Take",
    "Seed",
    "Note",
)

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins with one of these is calculated by a spreadsheet, whoever wrote it."""


def csv_sheet(cues: CueList, files: Mapping[int, str] | None = None) -> bytes:
    """The sheet as CSV: UTF-8 with a byte order mark, by which Excel knows it.

    Args:
        files: delivered files by cue number, told in a column of their own.
    """
    if files is None:
        return csv_bytes(COLUMNS, (_row(line) for line in cues.lines))
    return csv_bytes((*COLUMNS, "File"), ([*_row(line), files[line.number]] for line in cues.lines))


def csv_bytes(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A table as CSV that no spreadsheet takes for formulas, one line a row."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig", "replace")


def _row(line: CueLine) -> list[object]:
    return [
        line.number,
        line.timecode_in,
        line.timecode_out,
        f"{line.duration_s:.2f}",
        line.family.name,
        line.label,
        line.track,
        line.clip,
        line.reel,
        len(line.hits),
        " ".join(hit.timecode for hit in line.hits),
        line.take_name,
        line.seed,
        line.note,
    ]


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    one_line = " ".join(value.split("\0")[0].split()) if any(sign in value for sign in "\r\n\t\0") else value
    return f"'{one_line}" if one_line.lstrip().startswith(FORMULA_SIGNS) else one_line
