"""Which media file is this? By its content, in milliseconds, however long the film is.

What is too large to be read whole is read in samples, and its time of change counts beside them: an edit in place may
lie between the samples. Whoever moves media to another disk keeps that time, and with it what was seen of them; a copy
with a time of its own is looked at once more, which costs a decode and never an answer for pictures that are gone.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from engine.protocol import ImageSequence, image_sequence

EDGE_BYTES = 1 << 20
NUM_BLOCKS = 64
BLOCK_BYTES = 1 << 16
IMAGE_BLOCKS, IMAGE_BLOCK_BYTES = 16, 1 << 12
"""Of every image of a sequence, evenly from its start to its end."""
WHOLE_BYTES = 2 * EDGE_BYTES + NUM_BLOCKS * BLOCK_BYTES
"""Files up to this size are read whole: 6 MiB."""
NS_PER_S = 10**9


def picture_fingerprint(media: str) -> str:
    """The fingerprint of what a picture's `media` names: a film's, or one of an image sequence.

    Raises:
        OSError: it cannot be read. ProtocolError: a sequence of an unknown form.
    """
    sequence = image_sequence(media)
    return media_fingerprint(Path(media)) if sequence is None else _sequence_fingerprint(sequence)


def _sequence_fingerprint(sequence: ImageSequence) -> str:
    """All that decides what is seen when, the size and 16 blocks of every image, and both ends of 64 of them.

    Images of more than those blocks count with their time of change.
    """
    digest = hashlib.sha256(repr((sequence.num_images, sequence.rate, sequence.missing)).encode())
    stride = max(1, sequence.num_images // NUM_BLOCKS)
    for index in range(sequence.num_images):
        path = Path(sequence.path_of(sequence.number_of(index)))
        if not path.is_file():
            digest.update(b"missing")
            continue
        status = path.stat()
        size = status.st_size
        digest.update(size.to_bytes(8, "little"))
        if size > IMAGE_BLOCKS * IMAGE_BLOCK_BYTES:
            digest.update(_changed_at_s(status))
        with path.open("rb", buffering=0) as file:
            # Formats without compression keep their size and their ends when they are rendered anew in place.
            for block in range(IMAGE_BLOCKS):
                file.seek(max(0, size - IMAGE_BLOCK_BYTES) * block // (IMAGE_BLOCKS - 1))
                digest.update(file.read(IMAGE_BLOCK_BYTES))
            if index % stride == 0:
                for start in (0, max(0, size - BLOCK_BYTES)):
                    file.seek(start)
                    digest.update(file.read(BLOCK_BYTES))
    return digest.hexdigest()


def media_fingerprint(path: Path) -> str:
    """A sha256 over a file's size, its first and last MiB, 64 blocks of 64 KiB evenly between, and its time of change.

    Of a file that is read whole the time does not count. Name and place never do: the same media elsewhere is the same.

    Raises:
        OSError: the file cannot be read.
    """
    with open(path, "rb") as file:
        status = os.fstat(file.fileno())
        size = file.seek(0, 2)
        digest = hashlib.sha256(size.to_bytes(8, "little"))
        if size > WHOLE_BYTES:
            digest.update(_changed_at_s(status))
        for start, length in _stretches(size):
            file.seek(start)
            digest.update(file.read(length))
    return digest.hexdigest()


def _changed_at_s(status: os.stat_result) -> bytes:
    """In whole seconds: disks that media travel on (exFAT, HFS+) keep less than a modern file system's nanoseconds."""
    return (status.st_mtime_ns // NS_PER_S).to_bytes(8, "little", signed=True)


def _stretches(size: int) -> list[tuple[int, int]]:
    """Starts and lengths of what is read of a file of `size` bytes, in order."""
    if size <= WHOLE_BYTES:
        return [(0, size)]
    between = size - 2 * EDGE_BYTES - BLOCK_BYTES
    blocks = [(EDGE_BYTES + between * i // (NUM_BLOCKS - 1), BLOCK_BYTES) for i in range(NUM_BLOCKS)]
    return [(0, EDGE_BYTES), *blocks, (size - EDGE_BYTES, EDGE_BYTES)]
