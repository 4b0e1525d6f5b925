"""Opening a cut with all that was ever said of where its media lie. The panel and the command line come here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.protocol import Rational
from foley_plugin.jobs.errors import NoRoom
from foley_plugin.jobs.project import default_project_folder
from foley_plugin.takes.media_memory import (
    read_media_places,
    read_reading,
    write_media_places,
    write_reading,
)
from foley_plugin.timeline.client import read_cut
from foley_plugin.timeline.errors import SeveralTimelines
from foley_plugin.timeline.media_places import MediaPlaces
from foley_plugin.timeline.records import AS_IT_STANDS, CutRecord, Reading

NOTHING = MediaPlaces()
CHECK_LIMIT_S = 300.0
"""For a cut that is shown already: disks may have to wake up, and nobody waits."""


def open_cut(
    cut: Path,
    given: MediaPlaces = NOTHING,
    *,
    reading: Reading = AS_IT_STANDS,
    project: Path | None = None,
) -> CutRecord:
    """Read a cut and look its media up, where the project remembers and where it is said now.

    What is said now is remembered once the cut could be read.

    Raises:
        TimelineError, ProjectError.
    """
    folder = project if project is not None else memory_folder(cut)
    remembered = NOTHING if folder is None else read_media_places(folder)
    places = remembered.and_also(given)
    known = AS_IT_STANDS if folder is None else read_reading(folder, cut.name)
    reading = known if reading == AS_IT_STANDS else reading
    record = read_cut(cut, reading=reading, places=places)
    if folder is not None and reading != known:
        write_reading(folder, cut.name, reading)
    if folder is not None and places != remembered:
        write_media_places(folder, places)
    return record


@dataclass(frozen=True)
class TimelineChoice:
    """A file holds several timelines: their names, in the file's order."""

    cut: Path
    names: list[str]


def show_cut(cut: Path) -> CutRecord | TimelineChoice:
    """The cut at once, its media not looked for yet; `check_cut` follows. Or what there is to choose from.

    Raises:
        TimelineError.
    """
    try:
        return read_cut(cut, reading=_known_reading(cut), checks=False)
    except SeveralTimelines as error:
        return TimelineChoice(cut, error.choices)


def choose_timeline(cut: Path, number: int) -> None:
    """From now on this one of a file's timelines is meant, counted from 1.

    Raises:
        ProjectError, NoRoom.
    """
    write_reading(default_project_folder(cut.absolute()), cut.name, Reading(sequence=str(number)))


def check_cut(cut: Path) -> CutRecord:
    """The cut again, its media looked for where the project remembers.

    Raises:
        TimelineError.
    """
    folder = memory_folder(cut)
    places = NOTHING if folder is None else read_media_places(folder)
    return read_cut(cut, reading=_known_reading(cut), places=places, timeout_s=CHECK_LIMIT_S)


def remember(cut: Path, given: MediaPlaces) -> None:
    """Keep the user's word in the cut's own project.

    Raises:
        ProjectError, NoRoom.
    """
    folder = default_project_folder(cut.absolute())
    write_media_places(folder, read_media_places(folder).and_also(given))


def set_rate(cut: Path, rate: Rational) -> None:
    """From now on an EDL is read with so many frames a second; it names none itself.

    Raises:
        ProjectError, NoRoom.
    """
    known = _known_reading(cut)
    write_reading(default_project_folder(cut.absolute()), cut.name, Reading(known.sequence, rate))


def _known_reading(cut: Path) -> Reading:
    folder = memory_folder(cut)
    return AS_IT_STANDS if folder is None else read_reading(folder, cut.name)


def memory_folder(cut: Path) -> Path | None:
    """The cut's project, which need not be there; None where none can be."""
    try:
        return default_project_folder(cut.absolute())
    except NoRoom:
        return None


@dataclass(frozen=True)
class Whereabouts:
    """The media of a cut's clips, as the timeline names them, without repeats."""

    found: list[str]
    offline: list[str]


def whereabouts(cut: CutRecord) -> Whereabouts:
    named = {clip.named: clip for clip in cut.clips if clip.named and clip.kind != "title"}
    offline = [name for name, clip in named.items() if clip.is_offline]
    return Whereabouts([name for name in named if name not in offline], offline)
