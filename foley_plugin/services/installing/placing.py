"""Putting an installation's files in place, and taking exactly those away again."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct

from foley_plugin.services.installing.records import (
    Installation,
    InstalledFile,
    InstallFailed,
    PlannedFile,
    read_installation,
    remove_record,
    sha256_of,
    write_file,
    write_installation,
)


class Placed(Struct, frozen=True):
    """What was written or removed, and what was left because somebody has changed it."""

    done: list[Path]
    kept: list[Path]


def put_in_place(editor: str, planned: Sequence[PlannedFile], command: list[str], records: Path) -> Placed:
    """Write the files, over older ones of ours; one that is not ours or was changed by hand is kept.

    Raises:
        InstallFailed: a folder cannot be written; nothing that was there is lost.
    """
    known = read_installation(editor, records)
    folders = list(known.folders) if known else []
    files = {file.path: file for file in known.files if file.is_there()} if known else {}
    done: list[Path] = []
    kept: list[Path] = []
    for file in planned:
        path = str(file.path)
        is_ours = path in files and files[path].is_ours()
        if os.path.lexists(file.path) and not is_ours and not _holds(file):
            kept.append(file.path)
            continue
        folders += [str(folder) for folder in _write(file) if str(folder) not in folders]
        files[path] = InstalledFile(path, sha256_of(file.content))
        done.append(file.path)
        write_installation(Installation(editor, command, list(files.values()), folders), records)
    return Placed(done, kept)


def take_away(editor: str, records: Path) -> Placed:
    """Remove what was put in place; what was changed by hand since is kept.

    Raises:
        InstallFailed: nothing is installed, or a file cannot be removed.
    """
    known = read_installation(editor, records)
    if known is None:
        raise InstallFailed(f"Nothing of foley is installed for {editor}; there is nothing to take away.")
    done: list[Path] = []
    kept: list[Path] = []
    for file in filter(InstalledFile.is_there, known.files):
        if not file.is_ours():
            kept.append(Path(file.path))
            continue
        try:
            Path(file.path).unlink()
        except OSError as error:
            raise InstallFailed(
                f"{file.path} cannot be removed ({error.strerror}); close the editor, or run this as the "
                "user who installed it."
            ) from error
        done.append(Path(file.path))
    _remove_empty(known.folders)
    remove_record(editor, records)
    return Placed(done, kept)


def _holds(file: PlannedFile) -> bool:
    """Whether the very same content is there already."""
    try:
        return file.path.read_bytes() == file.content
    except OSError:
        return False


def _write(file: PlannedFile) -> list[Path]:
    """Write one file; the folders that had to be made for it, inner ones first."""
    made: list[Path] = []
    folder = file.path.parent
    while not folder.exists() and folder != folder.parent:
        made.append(folder)
        folder = folder.parent
    try:
        file.path.parent.mkdir(parents=True, exist_ok=True)
        write_file(file)
    except OSError as error:
        raise InstallFailed(
            f"{file.path.parent} cannot be written ({error.strerror}); run this with the rights for that "
            "folder, or name another with --folder."
        ) from error
    return made


def _remove_empty(folders: Iterable[str]) -> None:
    for folder in sorted(folders, key=len, reverse=True):
        with contextlib.suppress(OSError):
            Path(folder).rmdir()
