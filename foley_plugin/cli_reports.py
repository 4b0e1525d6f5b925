"""`--json FILE`: what may be written there, said before any work, and the writing."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from pathlib import Path

import msgspec
from msgspec import Struct

from engine.errors import OutputError
from foley_plugin.timeline.atomic import replace_file

STDOUT = "-"
LONGEST_REPORT_BYTES = 64 * 1024 * 1024
NOT_OURS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What reading the file of somebody else may end in."""


class Report(Struct, frozen=True):
    """What a command's `--json` tells; each kind of report is a class of its own."""


def check_report_target(target: str | None, *others: Path | None) -> None:
    """Look whether a report may go there, before a command does any work.

    A file that is there is replaced only where it is an earlier report, so that a command can be run again.

    Args:
        others: files that the command reads or writes.

    Raises:
        OutputError: it would take the place of something else.
    """
    if target is None or target == STDOUT:
        return
    for other in others:
        if other is not None and _is_same(Path(target), other):
            raise OutputError(
                f"{target} is named twice, for --json and as another file of this command; "
                "give another file to --json."
            )
    _refuse_what_is_no_report(Path(target))


def write_report(report: Report, target: str) -> None:
    """A report as JSON to a file, or to stdout for `-`.

    Raises:
        OutputError: the file or stdout cannot be written, or there is something else by now.
    """
    content = msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n"
    if target == STDOUT:
        _write_to_stdout(content)
        return
    path = Path(target)
    _refuse_what_is_no_report(path)
    try:
        if path.exists() and not path.is_file():  # a pipe or a device: there is nothing to lose
            path.write_bytes(content)
        else:
            replace_file(Path(os.path.realpath(path)), content)
    except OSError as error:
        raise OutputError(
            f"{target} cannot be written ({error.strerror}); give another file to --json."
        ) from error


def _write_to_stdout(content: bytes) -> None:
    try:
        if sys.stdout is None:  # it was closed before the program began
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    except OSError as error:
        raise OutputError(
            f"The result cannot be written to stdout ({error.strerror}); give a file to --json."
        ) from error


def _is_same(path: Path, other: Path) -> bool:
    with contextlib.suppress(OSError):
        if os.path.samefile(path, other):
            return True
    return os.path.realpath(path) == os.path.realpath(other)


def _refuse_what_is_no_report(path: Path) -> None:
    """
    Raises:
        OutputError: there is a file that is none, or one that cannot be read.
    """
    if not path.is_file():
        return
    try:
        is_report = path.stat().st_size <= LONGEST_REPORT_BYTES and _is_report(path.read_bytes())
    except OSError as error:
        raise OutputError(
            f"{path} is there already and cannot be read ({error.strerror}); give another file to --json."
        ) from error
    if not is_report:
        raise OutputError(
            f"{path} is there already, is no report of foley's and is not overwritten; "
            "give another file to --json."
        )


def _is_report(content: bytes) -> bool:
    """Whether these bytes are an earlier report, of whatever command, or nothing at all."""
    if not content.strip():
        return True
    if not content.lstrip().startswith(b"{"):
        return False
    try:
        names = set(msgspec.json.decode(content, type=dict[str, msgspec.Raw]))
    except NOT_OURS:
        return False
    return any(names <= set(kind.__struct_fields__) and _reads_as(content, kind) for kind in _kinds())


def _kinds() -> list[type[Report]]:
    return Report.__subclasses__()


def _reads_as(content: bytes, kind: type[Report]) -> bool:
    try:
        msgspec.json.decode(content, type=kind)
    except NOT_OURS:
        return False
    return True
