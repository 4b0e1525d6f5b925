"""Which media a file is, whatever it is called and wherever it lies."""

from __future__ import annotations

import hashlib
import os

EDGE_BYTES = 256 * 1024
"""Read at either end; whole camera files are too long to hash before every take."""


def media_identity(path: str) -> str:
    """A digest of a file's length and of both its ends; of the path where there is no file to read."""
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            digest.update(f"{size}\n".encode())
            digest.update(file.read(EDGE_BYTES))
            file.seek(max(0, size - EDGE_BYTES))
            digest.update(file.read(EDGE_BYTES))
    except (OSError, ValueError):
        return path_identity(path)
    return "media:" + digest.hexdigest()


def path_identity(path: str) -> str:
    """What media are known by that cannot be read."""
    return "path:" + hashlib.sha256(path.encode("utf-8", "replace")).hexdigest()
