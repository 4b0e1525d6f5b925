"""What an export will do, before it is done: for whom, to which file, what lies where, what can be mended. No Qt."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from msgspec.structs import replace

from foley_plugin.jobs.project import default_output, is_writable
from foley_plugin.nle.targets import TARGETS
from foley_plugin.timeline.lanes import lanes_of
from foley_plugin.timeline.out.records import ExportOptions
from foley_plugin.timeline.preflight.findings import Finding, MendChoice, Severity
from foley_plugin.timeline.records import Placement

FILES = "files"
"""The target that is no timeline: a folder of broadcast WAVs."""

TARGET_ORDER = ("resolve", "fcp7xml", "premiere", "fcpxml", "aaf", "otioz", "plain", FILES)
HOLDING_MEDIA = frozenset({"otioz", "aaf"})
"""Targets whose file can hold the cut's own media too."""


@dataclass(frozen=True)
class ExportOrder:
    """A timeline to write."""

    target_name: str
    path: Path
    mends: tuple[MendChoice, ...] = ()
    bundle_media: bool = False

    @property
    def options(self) -> ExportOptions:
        """What stands in the way of the import is told before, so that it does not stop the writing."""
        return ExportOptions(
            mend=bool(self.mends), anyway=True, bundle_media=self.bundle_media, mends=list(self.mends)
        )


@dataclass(frozen=True)
class DeliveryOrder:
    """A folder of WAVs to write.

    Attributes:
        width: of the stereo picture, 0 to 1; None writes points as mono.
    """

    folder: Path
    stems: bool = False
    width: float | None = None


@dataclass(frozen=True)
class Whereabouts:
    """What will lie where.

    Attributes:
        tracks: each new track and how many takes lie on it.
        takes_folder: where the WAVs are and stay; None where they travel in the file.
    """

    tracks: list[tuple[str, int]]
    takes_folder: Path | None
    has_sheets: bool
    """Whether the cue sheet, hits and levels come along."""


@dataclass
class MendBoard:
    """The findings of a preflight, and which of them are to be mended.

    Mends of takes are ticked already; those that touch the cut's own clips wait to be asked for.
    """

    findings: Sequence[Finding] = ()
    _ticked: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        able = enumerate(self.findings)
        self._ticked = {row for row, found in able if found.mend is not None and not found.alters_the_cut}

    def can_mend(self, row: int) -> bool:
        return self.findings[row].mend is not None

    def is_ticked(self, row: int) -> bool:
        return row in self._ticked

    def tick(self, row: int, is_ticked: bool) -> None:
        if is_ticked and self.can_mend(row):
            self._ticked.add(row)
        else:
            self._ticked.discard(row)

    def tick_all(self) -> None:
        self._ticked = {row for row in range(len(self.findings)) if self.can_mend(row)}

    def follow(self, before: MendBoard) -> None:
        """Tick the findings that were on another board as they were there, whatever their takes' numbers are now."""
        ticks = {
            replace(found, take=None): before.is_ticked(row) for row, found in enumerate(before.findings)
        }
        for row, found in enumerate(self.findings):
            self.tick(row, ticks.get(replace(found, take=None), self.is_ticked(row)))

    @property
    def num_mendable(self) -> int:
        return sum(found.mend is not None for found in self.findings)

    @property
    def num_unticked(self) -> int:
        return self.num_mendable - len(self._ticked)

    @property
    def mends(self) -> tuple[MendChoice, ...]:
        chosen = (self.findings[row].mend_choice for row in sorted(self._ticked))
        return tuple(dict.fromkeys(mend for mend in chosen if mend is not None))

    @property
    def num_errors_left(self) -> int:
        """Errors that will still be in the file as it is ticked now."""
        return sum(
            found.severity is Severity.ERROR and row not in self._ticked
            for row, found in enumerate(self.findings)
        )


def suffix_of(target_name: str) -> str:
    """What files for a target end in; "" for a folder."""
    return "" if target_name == FILES else TARGETS[target_name].suffix


def suggested_path(cut: Path, project: Path, target_name: str) -> Path:
    """A new file, or folder, beside the cut, under a name that is not taken."""
    if target_name == FILES:
        beside = cut.parent if is_writable(cut.parent) else project
        return next_free(beside / f"{cut.stem}_foley")
    return default_output(cut, project, suffix_of(target_name))


def path_for(path: Path, target_name: str) -> Path:
    """The same name for another target, with a number where that is taken.

    Only endings of timelines are taken off: `cut.v2` is a name.
    """
    known = {target.suffix for target in TARGETS.values()}
    stem = path.with_suffix("") if path.suffix.lower() in known else path
    return next_free(stem.with_name(stem.name + suffix_of(target_name)))


def next_free(path: Path) -> Path:
    """This path where nothing is there, else with the first number that is free."""
    if not os.path.lexists(path):
        return path
    suffix = path.suffix if path.suffix else ""
    stem = path.name.removesuffix(suffix)
    for number in count(2):
        other = path.with_name(f"{stem}_{number}{suffix}")
        if not os.path.lexists(other):
            return other
    raise AssertionError("unreachable")


def hindrance_of(path: Path) -> str | None:
    """Why nothing can be written under a name: "name", "taken", "folder"; None where it can."""
    if not path.name or not path.is_absolute():
        return "name"
    if os.path.lexists(path) and not _is_empty_folder(path):
        return "taken"
    return None if is_writable(path.parent) else "folder"


def _is_empty_folder(path: Path) -> bool:
    """Not one that may not be looked into: nobody knows what lies there."""
    try:
        return path.is_dir() and not any(path.iterdir())
    except OSError:
        return False


def whereabouts(placements: Sequence[Placement], target_name: str) -> Whereabouts:
    tracks = [(lane.name, len(lane.placements)) for lane in lanes_of(placements)]
    folders = {Path(placement.wav).parent for placement in placements}
    travels = target_name in HOLDING_MEDIA or target_name == FILES
    return Whereabouts(tracks, None if travels or not folders else sorted(folders)[0], target_name == FILES)
