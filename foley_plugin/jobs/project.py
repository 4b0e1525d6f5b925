"""Where a cut's project folder and its new timeline go when nobody says."""

from __future__ import annotations

import hashlib
import itertools
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import platformdirs

from foley_plugin.jobs.errors import NoRoom
from foley_plugin.takes.errors import ProjectReadOnly
from foley_plugin.takes.names import slug
from foley_plugin.takes.schema import DATABASE_NAME
from foley_plugin.takes.store import Store

PROJECT_SUFFIX = ".foley"

Done = TypeVar("Done")


def default_project_folder(cut: Path, *, documents: Path | None = None) -> Path:
    """`<cut stem>.foley/` beside the cut; in the user's documents where the cut's folder cannot be written.

    A project that is beside the cut already is the cut's own, even where it can only be read.

    The fallback's name ends in a hash of the cut's path, so that two cuts of one name stay apart.

    Raises:
        NoRoom: neither place can be written.
    """
    beside = cut.parent / f"{cut.stem}{PROJECT_SUFFIX}"
    if (beside / DATABASE_NAME).is_file() or is_writable(beside):
        return beside
    path_hash = hashlib.sha256(str(cut.absolute()).encode("utf-8", "surrogatepass")).hexdigest()[:8]
    home = documents if documents is not None else platformdirs.user_documents_path()
    fallback = home / "foley" / f"{slug(cut.stem) or 'cut'}-{path_hash}{PROJECT_SUFFIX}"
    if is_writable(fallback):
        return fallback
    raise NoRoom(f"Neither {cut.parent} nor {home} can be written; give a project folder with --project.")


def with_project(folder: Path, work: Callable[[Store], Done]) -> Done:
    """Do what mostly reads: for reading only, so that the panel may have the project open at the same time.

    A take that lies between two frames needs a copy of its own; only then is the project opened for writing.

    Raises:
        ProjectError: there is no such project, or somebody else holds it where something must be written.
    """
    try:
        with Store.open(folder, read_only=True) as store:
            return work(store)
    except ProjectReadOnly:
        with Store.open(folder) as store:
            return work(store)


def default_output(cut: Path, project: Path, suffix: str = ".otio") -> Path:
    """`<cut stem>_foley.otio` beside the cut, else in the project; with a number where that is taken."""
    folder = cut.parent if is_writable(cut.parent) else project
    for number in itertools.count(1):
        name = f"{cut.stem}_foley{suffix}" if number == 1 else f"{cut.stem}_foley_{number}{suffix}"
        if not os.path.lexists(folder / name):
            return folder / name
    raise AssertionError("unreachable")


def is_writable(folder: Path) -> bool:
    """Whether files can be made in a folder, which need not be there yet. Tried, not guessed: permission
    bits say little on Windows and on network volumes."""
    while not folder.exists():
        if folder == folder.parent:
            return False
        folder = folder.parent
    try:
        handle, path = tempfile.mkstemp(dir=folder, prefix=".foley-")
        os.close(handle)
        os.unlink(path)
    except OSError:
        return False
    return True
