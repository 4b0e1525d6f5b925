"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

from engine.errors import OutputError


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`; what was written there becomes `path` when the block ends well.

    The block's file is flushed to the disk before it takes its name. If the block raises, nothing is left.

    Raises:
        OutputError: `path` exists, its folder does not, or the disk is full or read-only.
    """
    _refuse_existing(path)
    temporary = path.with_name(f".{path.name[:80]}.{secrets.token_hex(4)}.part")
    try:
        yield temporary
        _flush_to_disk(temporary)
        _refuse_existing(path)
        os.replace(temporary, path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(
            f"The file {path} could not be written ({reason.lower()}); free some space or choose another folder."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    _flush_folder(path.parent)


def write_new_file(path: Path, content: bytes) -> None:
    """All of `content`, read back and compared, or an OutputError and no file."""
    write_new_file_in_pieces(path, [content])


def write_new_file_in_pieces(path: Path, pieces: Iterable[bytes]) -> str:
    """All of the pieces, read back and compared, or an OutputError and no file. No two are in memory at once.

    Returns:
        The file's sha256, in hexadecimal.
    """
    with new_file(path) as temporary:
        written = hashlib.sha256()
        with open(temporary, "xb") as file:
            for piece in pieces:
                written.update(piece)
                if file.write(piece) != len(piece):
                    raise OSError(None, "short write")
        with open(temporary, "rb") as file:
            if hashlib.file_digest(file, "sha256").digest() != written.digest():
                raise OSError(None, "what was read back differs")
    return written.hexdigest()


def refuse_existing(paths: Iterable[Path]) -> None:
    """
    Raises:
        OutputError: one of them is there.
    """
    for path in paths:
        _refuse_existing(path)


def replace_file(path: Path, content: bytes, *, partial_in: Path) -> None:
    """Write `content` and let it take `path`'s place in one step.

    Several processes may do so at once: whoever is last wins, and no reader sees half a file. What a killed process
    leaves behind lies in the folder `partial_in`, of the same disk.

    Raises:
        OutputError: a folder does not exist, or the disk is full or read-only.
    """
    temporary = partial_in / f"{path.name[:80]}.{secrets.token_hex(4)}.part"
    try:
        with open(temporary, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(
            f"The file {path} could not be written ({reason.lower()}); free some space or choose another folder."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    _flush_folder(path.parent)


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise OutputError(f"The file {path} is there already and is not overwritten; choose another name.")


def _flush_to_disk(path: Path) -> None:
    with open(path, "rb+") as file:
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Make the new name itself durable, where folders can be opened (not on Windows)."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
