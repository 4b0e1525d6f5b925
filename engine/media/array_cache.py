"""Arrays that took long to make, kept on disk between processes: a bounded folder, the longest unused goes first.

An entry is the sha256 of its content and the content, a safetensors file. One that is damaged, or cannot be
read or written, is as good as none: a cache never stops a take.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import platformdirs
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from engine.errors import OutputError
from engine.media.atomic import new_file

CACHE_VARIABLE = "FOLEY_CACHE"
"""A folder to use instead of the user's cache folder."""

MAX_BYTES = 2 * 10**9
KEPT_SHARE = 0.8
"""Of the bound, when something had to go."""

SUFFIX = ".arrays"
DIGEST_BYTES = 32

Arrays = dict[str, NDArray[Any]]


class ArrayCache:
    """Named arrays under keys of bytes. Safe to share between processes: entries come whole or not at all."""

    def __init__(self, folder: Path, *, max_bytes: int = MAX_BYTES) -> None:
        self.folder, self._max_bytes = folder, max_bytes
        self._known_bytes: int | None = None
        """What the folder held when last counted, and what was added since; None before the first count."""

    @classmethod
    def of_user(cls) -> ArrayCache:
        """In FOLEY_CACHE, or where this system keeps a user's caches."""
        chosen = os.environ.get(CACHE_VARIABLE)
        folder = Path(chosen) if chosen else platformdirs.user_cache_path("foley", appauthor=False)
        return cls(folder / "arrays")

    def recall(self, key: bytes, make: Callable[[], Arrays]) -> Arrays:
        """What is kept under the key, or what `make` makes, kept from now on."""
        arrays = self.load(key)
        if arrays is None:
            arrays = make()
            self.store(key, arrays)
        return arrays

    def load(self, key: bytes) -> Arrays | None:
        """The arrays of an entry, bit for bit, or None. Reading makes it young again."""
        path = self._path(key)
        try:
            content = path.read_bytes()
        except OSError:
            return None
        digest, content = content[:DIGEST_BYTES], content[DIGEST_BYTES:]
        try:
            if hashlib.sha256(content).digest() != digest:
                raise SafetensorError("damaged")
            arrays = load(content)
        except SafetensorError:
            with contextlib.suppress(OSError):
                path.unlink()
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return arrays

    def store(self, key: bytes, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Keep arrays; where they are kept already, or the disk is full, nothing happens."""
        content = save(dict(arrays))
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with new_file(self._path(key)) as temporary:
                temporary.write_bytes(hashlib.sha256(content).digest() + content)
            self._make_room(DIGEST_BYTES + len(content))
        except (OSError, OutputError):
            return

    def _path(self, key: bytes) -> Path:
        return self.folder / f"{hashlib.sha256(key).hexdigest()}{SUFFIX}"

    def _make_room(self, added_bytes: int) -> None:
        if self._known_bytes is not None:
            self._known_bytes += added_bytes
            if self._known_bytes <= self._max_bytes:
                return
        entries = sorted(_entries(self.folder), key=lambda entry: entry[1].st_mtime_ns)
        total = sum(status.st_size for _, status in entries)
        if total > self._max_bytes:
            for path, status in entries:
                if total <= KEPT_SHARE * self._max_bytes:
                    break
                with contextlib.suppress(OSError):
                    path.unlink()
                    total -= status.st_size
        self._known_bytes = total


def _entries(folder: Path) -> list[tuple[Path, os.stat_result]]:
    """The entries of a cache folder; one that another process takes away meanwhile is left out."""
    found = []
    for entry in os.scandir(folder):
        if entry.name.endswith(SUFFIX):
            with contextlib.suppress(OSError):
                found.append((Path(entry.path), entry.stat()))
    return found
