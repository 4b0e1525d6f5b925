"""Which media a file is, whatever it is called and wherever it lies."""

from __future__ import annotations

import hashlib
import os

from engine.protocol import image_sequence

SAMPLES = 8
"""Stretches of an image sequence, an image at the ends of each."""

EDGE_BYTES = 256 * 1024
"""Read at either end; whole camera files are too long to hash before every take."""


def media_identity(path: str) -> str:
    """A digest of a file's length and of both its ends; of the path where there is no file to read.

    An image sequence is known by how many images it has and by a few of them: the first ones may be black.
    """
    sequence = image_sequence(path)
    if sequence is not None:
        last = sequence.num_images - 1
        numbers = [sequence.number_of(last * part // SAMPLES) for part in range(SAMPLES + 1)]
        paths = [sequence.path_of(number) for number in numbers]
        images = [_of_file(path) if os.path.exists(path) else "missing" for path in paths]
        return "images:" + hashlib.sha256(repr((sequence.num_images, images)).encode()).hexdigest()
    return _of_file(path)


def _of_file(path: str) -> str:
    """Its length and both its ends, or its path."""
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
