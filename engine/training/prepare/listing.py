"""Which clips there are, in one fixed order: from a folder of films, or from a list in VGGSound's format.

VGGSound's CSV (arXiv 2004.14368) has no header and four columns: YouTube id, start second, label, split. Labels
with commas stand in quotes. The clip of a line is called ID_SSSSSS, the start in six digits; nothing is ever
fetched, so a line whose film is not here is a broken clip.
"""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from msgspec import Struct

from engine.errors import FoleyError
from engine.evaluation.clips import FILM_SUFFIXES, read_truth
from engine.training.prepare.manifest import DataError, read_manifest

SUFFIXES = frozenset({*FILM_SUFFIXES, ".mpeg", ".flv", ".wmv", ".3gp", ".ogv"})

HEADER_WORDS = frozenset({"youtube_id", "youtubeid", "youtube", "ytid", "yt_id", "video_id", "videoid", "id"})
"""How the first column of a list is called, where it has a header."""


class ClipSource(Struct, frozen=True):
    """One clip to be made. `path` is None, and `trouble` says why, where it cannot even be tried."""

    name: str
    path: str | None
    label: str | None
    trouble: str | None = None


@dataclass(frozen=True)
class Listing:
    """All clips, sorted by name, and the labels that they may have, in the order of their numbers."""

    clips: tuple[ClipSource, ...]
    labels: tuple[str, ...]
    split: str

    @property
    def sha256(self) -> str:
        lines = (f"{clip.name}\t{clip.label or ''}\n" for clip in self.clips)
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def no_such_film(name: str) -> str:
    """Why a listed clip is broken whose film may come later."""
    return f"There is no film called {name}.mp4 (or .mkv, …)."


def list_folder(
    folder: Path,
    *,
    split: str = "train",
    labels: tuple[str, ...] | None = None,
    suffixes: Set[str] = SUFFIXES,
) -> Listing:
    """Every film under a folder. Its label is what NAME.json says, or the first sub-folder on the way to it.

    Args:
        labels: the labels' order, where another set fixed it; by name otherwise.
        suffixes: how the files end that count.

    Raises:
        DataError: no such folder, no film in it, or a label that is not among `labels`.
    """
    if not folder.is_dir():
        raise DataError(f"The folder of clips {folder} is not there: give one that holds films with sound.")
    clips = [_clip_in_folder(folder, path) for path in _films(folder, suffixes)]
    if not clips:
        raise DataError(
            f"The folder {folder} holds no film: give one that holds films with sound (.mp4, .mkv, …)."
        )
    return Listing(tuple(clips), _numbered((clip.label for clip in clips), labels), split)


def list_csv(
    path: Path,
    clips: Path,
    *,
    split: str = "train",
    labels: tuple[str, ...] | None = None,
    suffixes: Set[str] = SUFFIXES,
) -> Listing:
    """The lines of one split of a list in VGGSound's format, with their films from the folder `clips`.

    The labels are those of every split, so that a set to train on and a set to test on number them alike. A clip
    that stands in the list twice is taken from its first line, whatever the split: what is tested on must not be
    trained on.

    Raises:
        DataError: the list or the folder is not there, a line is not of the format, or no line is of the split.
    """
    if not clips.is_dir():
        raise DataError(f"The folder of clips {clips} is not there: say with --clips where the films lie.")
    rows = list(_rows(path))
    splits = sorted({row.split for row in rows})
    if split not in splits:
        raise DataError(
            f"No line of {path} is of the split {split!r}: choose of {', '.join(splits) or 'none'}."
        )
    films = {film.stem: film for film in reversed(_films(clips, suffixes))}
    first_lines: dict[str, int] = {}
    found = []
    for row in rows:
        first = first_lines.setdefault(row.name, row.line)
        if row.split == split:
            found.append(_clip_of_row(row, first, films, clips))
    found.sort(key=lambda clip: clip.name)
    return Listing(tuple(found), _numbered((row.label for row in rows), labels), split)


def read_labels(path: Path) -> tuple[str, ...]:
    """The labels of a prepared set, or of a text file with one a line, in their order.

    Raises:
        DataError: there are none.
    """
    if path.is_dir():
        return read_manifest(path).plan.labels
    try:
        labels = tuple(line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"The labels {path} cannot be read: give a text file, or the folder of a set."
        ) from error
    if not labels or len(set(labels)) < len(labels):
        raise DataError(f"The labels {path} are none, or one stands there twice: give each label a line.")
    return labels


@dataclass(frozen=True)
class _Row:
    line: int
    youtube_id: str
    start_s: int
    label: str
    split: str

    @property
    def name(self) -> str:
        return f"{self.youtube_id}_{self.start_s:06d}"


def _rows(path: Path) -> Iterator[_Row]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.reader(lines)
            for cells in reader:
                if cells and not (reader.line_num == 1 and _is_header(cells)):
                    yield _row(path, reader.line_num, [cell.strip() for cell in cells])
    except OSError as error:
        raise DataError(
            f"The list of clips {path} cannot be read: give a CSV file or a folder of films."
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"The list of clips {path} is no CSV in UTF-8 ({error}): export it again.") from error


def _row(path: Path, line: int, cells: list[str]) -> _Row:
    if len(cells) != 4 or not all(cells) or not _is_second(cells[1]):
        raise DataError(
            f"Line {line} of {path} is not of the form youtube_id,start_second,label,split (a label with commas "
            "stands in quotes): correct it."
        )
    return _Row(line, cells[0], int(cells[1].partition(".")[0]), cells[2], cells[3])


def _is_header(cells: Sequence[str]) -> bool:
    """Many a YouTube id has "id" in it: a header's first word is one of these, and its second speaks of the start."""
    named = [cell.strip().lower().lstrip("#").strip().replace(" ", "_") for cell in cells]
    return len(cells) == 4 and named[0] in HEADER_WORDS and ("start" in named[1] or "sec" in named[1])


def _is_second(cell: str) -> bool:
    """A whole second, also one that a spreadsheet has written as 30.0."""
    whole, _, rest = cell.strip().partition(".")
    return whole.isdecimal() and not rest.strip("0")


def _clip_of_row(row: _Row, first_line: int, films: dict[str, Path], folder: Path) -> ClipSource:
    if first_line != row.line:
        name = f"{row.name} (line {row.line})"
        reason = f"It stands in the list twice, in lines {first_line} and {row.line}: the first counts."
        return ClipSource(name, None, row.label, reason)
    film = films.get(row.name) or films.get(f"{row.youtube_id}_{row.start_s}")
    if film is None:
        return ClipSource(row.name, None, row.label, no_such_film(row.name))
    return ClipSource(row.name, str(film.absolute()), row.label)


def _clip_in_folder(folder: Path, path: Path) -> ClipSource:
    inside = path.relative_to(folder)
    of_folder = inside.parts[0] if len(inside.parts) > 1 else None
    try:
        truth = read_truth(path.with_suffix(".json"))
    except FoleyError as error:
        return ClipSource(inside.as_posix(), None, of_folder, error.sentence.replace(f"{folder}{os.sep}", ""))
    label = truth.label if truth is not None and truth.label else of_folder
    return ClipSource(inside.as_posix(), str(path.absolute()), label)


def _films(folder: Path, suffixes: Set[str]) -> list[Path]:
    """Every film under a folder, in order of its path; what begins with a dot is not one."""
    found = []
    for here, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if not name.startswith(".") and os.path.splitext(name)[1].lower() in suffixes:
                found.append(Path(here, name))
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def _numbered(found: Iterable[str | None], labels: tuple[str, ...] | None) -> tuple[str, ...]:
    names = sorted({label for label in found if label is not None})
    if labels is None:
        return tuple(names)
    strange = [name for name in names if name not in set(labels)]
    if strange:
        raise DataError(
            f"The label {strange[0]!r} is not among the labels that were given: add it at their end."
        )
    return labels
