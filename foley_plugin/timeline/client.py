"""Reading and writing timelines without OpenTimelineIO in this process: a child does it and may be killed.

    cut = read_cut(Path("cut_v1.otio"))
    ...
    write_cut(Path("cut_v1.otio"), Path("cut_v1_foley.otio"), placements)

Both block until the child has answered; a panel calls them from a worker thread.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from foley_plugin.timeline.errors import ReaderFailed
from foley_plugin.timeline.exchange import (
    CutExported,
    CutRead,
    CutWritten,
    ExportCut,
    ReadCut,
    Refused,
    Reply,
    Request,
    WriteCut,
    error_of,
)
from foley_plugin.timeline.media_places import MediaPlaces
from foley_plugin.timeline.out.records import Exported, ExportOptions
from foley_plugin.timeline.records import AS_IT_STANDS, CutRecord, Placement, Reading

CHILD_MODULE = "foley_plugin.timeline.child"
UNPACKED_BYTES_PER_S = 20e6
PACKAGE_ROOT = Path(__file__).resolve().parents[2]

_log = logging.getLogger(__name__)


def read_cut(
    path: Path,
    *,
    reading: Reading = AS_IT_STANDS,
    places: MediaPlaces | None = None,
    checks: bool = True,
    timeout_s: float = 60,
) -> CutRecord:
    """Read a timeline of any format: its tracks and clips, and whether foley can be made for each.

    Args:
        reading: which of several timelines, and an EDL's frame rate.
        places: the user's word on where media lie.
        checks: False leaves the media alone, so that the cut is there at once; its clips are then being
            checked (`is_checking`), and a second reading tells.
        timeout_s: the child is killed after this long, and the time that a bundle's media takes to unpack.

    Raises:
        TimelineError: any of its leaves, with one sentence for the user.
    """
    request = ReadCut(os.path.abspath(path), reading, places or MediaPlaces(), checks)
    reply = _ask(request, path.name, timeout_s + _unpacking_s(path))
    assert isinstance(reply, CutRead)
    return reply.cut


def write_cut(
    source: Path,
    target: Path,
    placements: Sequence[Placement],
    *,
    target_nle: str = "resolve",
    source_sha256: str | None = None,
    reading: Reading = AS_IT_STANDS,
    timeout_s: float = 60,
) -> Path:
    """Write the source timeline with new audio tracks to a new file; see `write.write_cut`.

    Raises:
        TimelineError: any of its leaves, with one sentence for the user.
    """
    request = WriteCut(
        os.path.abspath(source), os.path.abspath(target), list(placements), target_nle, source_sha256, reading
    )
    reply = _ask(request, source.name, timeout_s + _unpacking_s(source))
    assert isinstance(reply, CutWritten)
    return Path(reply.path)


def export_cut(
    source: Path,
    target: Path,
    placements: Sequence[Placement],
    *,
    target_name: str,
    options: ExportOptions,
    source_sha256: str | None = None,
    reading: Reading = AS_IT_STANDS,
    timeout_s: float = 600,
) -> Exported:
    """Preflight the source timeline and write it for one target; see `out.export.export_cut`.

    Args:
        timeout_s: long, since bundles copy media.

    Raises:
        TimelineError: any of its leaves, with one sentence for the user.
    """
    request = ExportCut(
        os.path.abspath(source),
        os.path.abspath(target),
        list(placements),
        target_name,
        options,
        source_sha256,
        reading,
    )
    reply = _ask(request, source.name, timeout_s + _unpacking_s(source))
    assert isinstance(reply, CutExported)
    return reply.exported


def _unpacking_s(path: Path) -> float:
    """Longer for large files: the media of a bundle is copied to disk."""
    try:
        return path.stat().st_size / UNPACKED_BYTES_PER_S
    except (OSError, ValueError):
        return 0


def _ask(request: Request, file_name: str, timeout_s: float) -> Reply:
    """One request to a fresh child.

    Raises:
        TimelineError: what the child refused with, or `ReaderFailed` where it hung or crashed.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", CHILD_MODULE],
            input=msgspec.json.encode(request),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=timeout_s,
            env=_environment(),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ReaderFailed(
            f"{file_name} was not finished within {timeout_s:g} seconds and was given up; "
            "check that its media is on a disk that answers, or export a shorter part of the cut."
        ) from None
    except OSError as error:
        raise ReaderFailed(
            f"The timeline reader did not start ({error.strerror}); install foley anew."
        ) from None
    return _reply(done, file_name)


def _reply(done: subprocess.CompletedProcess[bytes], file_name: str) -> Reply:
    try:
        reply: Reply = msgspec.json.decode(done.stdout, type=Reply)
    except msgspec.MsgspecError:
        raise ReaderFailed(
            f"{file_name} made the timeline reader crash (exit status {done.returncode}); "
            "it is broken: export the cut again from your editor."
        ) from None
    if isinstance(reply, Refused):
        if reply.detail:
            _log.error("%s: %s\n%s", file_name, reply.sentence, reply.detail)
        raise error_of(reply)
    return reply


def _environment() -> dict[str, str]:
    """Ours, with this package found wherever it runs from (`-P` keeps the current folder out)."""
    environment = dict(os.environ)
    places = [environment["PYTHONPATH"]] if environment.get("PYTHONPATH") else []
    environment["PYTHONPATH"] = os.pathsep.join([*places, str(PACKAGE_ROOT)])
    environment["PYTHONIOENCODING"] = "utf-8"
    return environment
