"""Which timelines of a folder are there, whole, and not foley's own."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

TIMELINE_SUFFIXES = (".otio", ".otioz", ".xml", ".fcpxml", ".aaf", ".edl")
"""What an editor exports; whether it can be read is the reader's to say."""

_OURS = re.compile(r"_foley(_\d+)?$")


class _Seen(Struct):
    """A file as it was when it last changed."""

    size: int
    mtime_ns: int
    since_s: float
    is_handed_out: bool = False


class Inbox:
    """Looks at one folder, not into the folders within.

    An editor writes a timeline in place for seconds, or under another name that it changes at the end, so a
    file counts once its size and its time of change have stood still. One that changes again counts again.

    Args:
        settle_s: how long a file must stand still.
    """

    def __init__(self, folder: Path, settle_s: float) -> None:
        self._folder = folder
        self._settle_s = settle_s
        self._seen: dict[str, _Seen] = {}

    @property
    def is_settling(self) -> bool:
        """Whether a file is there that has not been handed out."""
        return any(not seen.is_handed_out for seen in self._seen.values())

    def settled(self, now_s: float) -> list[Path]:
        """Timelines that have come to rest since the last call, by name.

        Raises:
            OSError: the folder cannot be read.
        """
        there = {entry.name: entry for entry in _timelines(self._folder)}
        self._seen = {name: seen for name, seen in self._seen.items() if name in there}
        settled: list[Path] = []
        for name in sorted(there):
            try:
                stat = there[name].stat()
            except OSError:
                continue  # renamed away meanwhile
            seen = self._seen.get(name)
            if seen is None or (seen.size, seen.mtime_ns) != (stat.st_size, stat.st_mtime_ns):
                self._seen[name] = _Seen(stat.st_size, stat.st_mtime_ns, now_s)
            elif not seen.is_handed_out and now_s - seen.since_s >= self._settle_s:
                seen.is_handed_out = True
                settled.append(self._folder / name)
        return settled

    def put_back(self, path: Path, now_s: float) -> None:
        """Hand a file out again once it has stood still for as long again."""
        seen = self._seen.get(path.name)
        if seen is not None:
            seen.since_s, seen.is_handed_out = now_s, False


def newest_timeline(folder: Path) -> Path | None:
    """The timeline of a folder that was changed last, foley's own left out."""
    entries = [(entry.stat().st_mtime_ns, entry.name) for entry in _timelines(folder)]
    return folder / max(entries)[1] if entries else None


def _timelines(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            stem, suffix = os.path.splitext(entry.name)
            is_timeline = suffix.lower() in TIMELINE_SUFFIXES and not entry.name.startswith((".", "~"))
            if is_timeline and not _OURS.search(stem) and entry.is_file():
                yield entry
