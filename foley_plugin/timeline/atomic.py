"""New files that are whole or not there at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO


class AlreadyThere(Exception):
    """The target exists; nothing is overwritten."""


class WrittenWrongly(OSError):
    """The disk gave back something else than was written."""


def write_new_file(target: Path, content: bytes) -> None:
    """Write a file that must not exist yet, through a temporary one beside it.

    A full disk, a crash or a short write leaves no file under the target's name.

    Raises:
        AlreadyThere, OSError.
    """
    _write_whole(target, content, may_replace=False)


def replace_file(target: Path, content: bytes) -> None:
    """Write a file, through a temporary one beside it; one that is there stays until the new one is whole.

    Raises:
        OSError.
    """
    _write_whole(target, content, may_replace=True)


def stream_new_file(
    target: Path, write: Callable[[BinaryIO], None], check: Callable[[BinaryIO], None]
) -> None:
    """Write a file that must not exist yet and is too long to hold in memory, through a temporary one.

    Args:
        write: fills the file, which it may also read and seek in.
        check: reads what came back from the disk; raises `OSError` where that is not what was written.

    Raises:
        AlreadyThere, OSError, and what `write` and `check` raise.
    """
    with _put_in_place(target, may_replace=False) as (descriptor, temporary):
        with os.fdopen(descriptor, "w+b") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        with temporary.open("rb") as file:
            check(file)


def sync_folder(folder: Path) -> None:
    """Make a new name in a folder outlast a power cut, where the system can."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_whole(target: Path, content: bytes, *, may_replace: bool) -> None:
    with _put_in_place(target, may_replace=may_replace) as (descriptor, temporary):
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            _write_all(file.fileno(), content)
            os.fsync(file.fileno())
        if temporary.read_bytes() != content:
            raise WrittenWrongly(f"{target.name} came back from the disk changed")


@contextlib.contextmanager
def _put_in_place(target: Path, *, may_replace: bool) -> Iterator[tuple[int, Path]]:
    """A new file beside the target, open and by its path, which takes the target's name once it is filled."""
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name[:40]}.", suffix=".part", dir=target.parent)
    temporary = Path(name)
    try:
        yield descriptor, temporary
        _give_usual_permissions(temporary)
        if not may_replace and os.path.lexists(target):
            raise AlreadyThere(str(target))
        os.replace(temporary, target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
    sync_folder(target.parent)


def _write_all(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        written = os.write(descriptor, rest)
        if written <= 0:
            raise WrittenWrongly("the disk took nothing more")
        rest = rest[written:]


def _give_usual_permissions(temporary: Path) -> None:
    """mkstemp's are for the owner alone; a timeline is shared. Windows has no such bits to mend."""
    if os.name == "posix":
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
