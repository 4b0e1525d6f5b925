"""Which media a file is, whatever it is called and wherever it lies."""

from __future__ import annotations

import hashlib
import os

from engine.protocol import image_sequence

EDGE_BYTES = 256 * 1024
"""Read at either end; whole camera files are too long to hash before every take."""


def media_identity(path: str) -> str:
    """A digest of a file's length and of both its ends; of the path where there is no file to read.

    An image sequence is known by how many images it has and by its first and last.
    """
    sequence = image_sequence(path)
    if sequence is not None:
        edges = [media_identity(sequence.path_of(number)) for number in (sequence.first, sequence.last)]
        return "images:" + hashlib.sha256(repr((sequence.num_images, edges)).encode()).hexdigest()
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            digest.update(f"{size}\n".encode())
            digest.update(file.read(EDGE_BYTES))
            file.seek(max(0, size - EDGE_BYTES))
            digest.update(file.read(EDGE_BYTES))
    except (OSError, ValueError):
        return "path:" + hashlib.sha256(path.encode("utf-8", "replace")).hexdigest()
    return "media:" + digest.hexdigest()
