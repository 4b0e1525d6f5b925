"""A folder for the mix: broadcast WAVs in a tree by track, stems, the cue sheet and the hits.

    reel_1_foley/
        01_FOLEY-Footsteps/     012_corridor_footstep-wood_0003_5f0c2a.wav
        05_FOLEY-Impacts/       ...
        05_FOLEY-Impacts-2/     where takes overlap
        Stems/                  one WAV a family, from the cut's first frame
        reel_1_cues.csv  .html  reel_1_hits.edl  .csv  reel_1_levels.csv

The folder is there as a whole or not at all, and nothing is overwritten. A file's name ends in a digest of all
that shaped it, so that a name never stands for two sounds: editors and DAWs keep media by name.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import msgspec

from engine.errors import OutputError
from engine.protocol import fraction
from foley_plugin.jobs.project import is_writable
from foley_plugin.services.delivery.cue_page import html_page
from foley_plugin.services.delivery.cue_sheet import csv_bytes, csv_sheet
from foley_plugin.services.delivery.cues import CueList, absolute_frame, tracked
from foley_plugin.services.delivery.files import (
    DeliveredFile,
    clip_files,
    mix_of,
    placement_in,
    samples_of_cut,
    stem_files,
)
from foley_plugin.services.delivery.markers import csv_markers, edl_markers
from foley_plugin.services.delivery.riff import BitDepth
from foley_plugin.services.delivery.sound import handles
from foley_plugin.services.delivery.trim import Trim, trim_of
from foley_plugin.takes.levels import CEILING_DBTP, levelled
from foley_plugin.takes.names import slug
from foley_plugin.timeline.atomic import sync_folder, write_new_file
from foley_plugin.timeline.placement import SAMPLE_RATE
from foley_plugin.timeline.records import Placement

BIT_DEPTHS: dict[str, BitDepth] = {"16": 16, "24": 24, "32": 32}
SAMPLE_RATES = (44_100, 48_000, 88_200, 96_000, 192_000)
LEVEL_COLUMNS = (
    "File",
    "Track",
    "Gain dB",
    "Integrated LUFS",
    "Loudest 400 ms LUFS",
    "True peak dBTP",
)

OnProgress = Callable[[int, int], None]
"""Told how many files of how many are done."""


@dataclass(frozen=True)
class Wanted:
    """How a delivery is asked for.

    Attributes:
        handle_s: sound before and after what is heard; none by default, since a DAW plays a file whole.
        loudness_lufs: of all foley together; None leaves each family at its level.
        width: see `sound.placed_sound`.
    """

    sample_rate: int = SAMPLE_RATE
    bits: BitDepth = 24
    stems: bool = False
    handle_s: Fraction = Fraction(0)
    loudness_lufs: float | None = None
    width: float | None = None


@dataclass(frozen=True)
class Delivery:
    """What was delivered.

    Attributes:
        placements: the delivered files on the timeline, gain and fades in them.
    """

    folder: Path
    files: list[DeliveredFile]
    trim: Trim
    placements: list[Placement]
    ceiling_dbtp: float = CEILING_DBTP


def deliver(cues: CueList, target: Path, wanted: Wanted, on_progress: OnProgress) -> Delivery:
    """Write a delivery to `target`, a folder that is not there yet or is empty.

    Raises:
        OutputError: the folder cannot be made, or holds something.
        TakeUnreadable: a take's WAV is gone.
    """
    target = target.absolute()
    check_delivery_folder(target)
    rate = fraction(cues.cut.rate)
    handle_frames = round(wanted.handle_s * rate)
    cues = _on_tracks(cues, handle_frames)
    placed = [line.meant.placement for line in cues.lines]
    placements = levelled(placed, rate, handle_frames=handle_frames)
    clips = clip_files(cues, placements, wanted.sample_rate, wanted.bits, handle_frames, wanted.width)
    stems = stem_files(cues, clips, wanted.sample_rate, wanted.bits) if wanted.stems else []
    num_samples = samples_of_cut(cues.cut, clips, wanted.sample_rate)
    whole = mix_of(cues.cut, clips, 2, num_samples, wanted.sample_rate)
    trim = trim_of([*clips, *stems], whole, wanted.loudness_lufs)
    clips, stems = ([file.trimmed(trim.gain_db) for file in files] for files in (clips, stems))
    _write(target, cues, clips, stems, on_progress)
    delivered = [
        placement_in(target, clip, placement, cues.cut, handle_frames)
        for clip, placement in zip(clips, placements, strict=True)
    ]
    return Delivery(target, [*clips, *stems], trim, delivered)


def _write(
    target: Path,
    cues: CueList,
    clips: list[DeliveredFile],
    stems: list[DeliveredFile],
    on_progress: OnProgress,
) -> None:
    files = [*clips, *stems]
    try:
        with _folder_in_the_making(target) as folder:
            for number, file in enumerate(files, start=1):
                (folder / file.folder).mkdir(exist_ok=True)
                file.write(folder)
                on_progress(number, len(files))
            _write_sheets(folder, cues, clips, stems)
    except OSError as error:
        raise OutputError(
            f"{target} could not be written ({error.strerror or error}); free some space or choose another "
            "folder with --to."
        ) from error


def _on_tracks(cues: CueList, handle_frames: int) -> CueList:
    """The cues on the tracks that their files need: with handles more of them overlap."""
    if not handle_frames:
        return cues
    earliest_frame = -absolute_frame(cues.cut, 0)
    placements = (line.meant.placement for line in cues.lines)
    covered = [_with_handles(placement, handle_frames, earliest_frame) for placement in placements]
    return replace(cues, lines=tracked(cues.lines, covered))


def _with_handles(placement: Placement, handle_frames: int, earliest_frame: int) -> Placement:
    before, after = handles(placement, handle_frames, earliest_frame)
    return msgspec.structs.replace(
        placement,
        record_frame=placement.record_frame - before,
        duration_frames=before + placement.duration_frames + after,
    )


def check_delivery_folder(target: Path) -> None:
    """Say before any work that the folder cannot be used.

    Raises:
        OutputError.
    """
    if target.is_dir() and not target.is_symlink():
        if any(target.iterdir()):
            raise OutputError(
                f"{target} is not empty, and nothing is overwritten; choose a new folder with --to."
            )
    elif os.path.lexists(target):
        raise OutputError(f"{target} is there already and is no folder; choose a new one with --to.")
    if not is_writable(target.parent):
        raise OutputError(f"{target.parent} cannot be written; choose another folder with --to.")


@contextlib.contextmanager
def _folder_in_the_making(target: Path) -> Iterator[Path]:
    """A folder beside the target that takes its place at the end, or goes away with all that is in it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name[:40]}.", suffix=".part", dir=target.parent))
    try:
        yield folder
        if os.name == "posix":
            mask = os.umask(0)
            os.umask(mask)
            folder.chmod(0o777 & ~mask)
        if target.is_dir():
            target.rmdir()
        os.rename(folder, target)
        sync_folder(target.parent)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_sheets(
    folder: Path, cues: CueList, clips: list[DeliveredFile], stems: list[DeliveredFile]
) -> None:
    stem = slug(cues.title) or "cut"
    names: dict[int, str] = {line.number: clip.name for line, clip in zip(cues.lines, clips, strict=True)}
    write_new_file(folder / f"{stem}_cues.csv", csv_sheet(cues, names))
    write_new_file(folder / f"{stem}_cues.html", html_page(cues, date.today(), names))
    write_new_file(folder / f"{stem}_hits.edl", edl_markers(cues))
    write_new_file(folder / f"{stem}_hits.csv", csv_markers(cues))
    rows = [file.level_row() for file in [*clips, *stems]]
    write_new_file(folder / f"{stem}_levels.csv", csv_bytes(LEVEL_COLUMNS, rows))
