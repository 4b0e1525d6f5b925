"""Which media file is this? By its content, in milliseconds, however long the film is."""

from __future__ import annotations

import hashlib
from pathlib import Path

from engine.protocol import ImageSequence, image_sequence

EDGE_BYTES = 1 << 20
NUM_BLOCKS = 64
BLOCK_BYTES = 1 << 16
IMAGE_BLOCKS, IMAGE_BLOCK_BYTES = 16, 1 << 12
"""Of every image of a sequence, evenly from its start to its end."""
WHOLE_BYTES = 2 * EDGE_BYTES + NUM_BLOCKS * BLOCK_BYTES
"""Files up to this size are read whole: 6 MiB."""


def picture_fingerprint(media: str) -> str:
    """The fingerprint of what a picture's `media` names: a film's, or one of an image sequence.

    Raises:
        OSError: it cannot be read. ProtocolError: a sequence of an unknown form.
    """
    sequence = image_sequence(media)
    return media_fingerprint(Path(media)) if sequence is None else _sequence_fingerprint(sequence)


def _sequence_fingerprint(sequence: ImageSequence) -> str:
    """All that decides what is seen when, the size and 16 blocks of every image, and both ends of 64 of them."""
    digest = hashlib.sha256(repr((sequence.num_images, sequence.rate, sequence.missing)).encode())
    stride = max(1, sequence.num_images // NUM_BLOCKS)
    for index in range(sequence.num_images):
        path = Path(sequence.path_of(sequence.number_of(index)))
        if not path.is_file():
            digest.update(b"missing")
            continue
        size = path.stat().st_size
        digest.update(size.to_bytes(8, "little"))
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
    """A sha256 over the file's size, its first and last MiB, and 64 blocks of 64 KiB evenly between.

    Name, place and times of the file do not count: a copy is the same media. What it covers: any change of
    length; headers and indexes, which every container writes at its ends, with the time of the export; and any
    change that reaches as far as a sixty-fourth of the file. An edit in place that keeps the length and touches
    only bytes between the blocks is not seen.

    Raises:
        OSError: the file cannot be read.
    """
    with open(path, "rb") as file:
        size = file.seek(0, 2)
        digest = hashlib.sha256(size.to_bytes(8, "little"))
        for start, length in _stretches(size):
            file.seek(start)
            digest.update(file.read(length))
    return digest.hexdigest()


def _stretches(size: int) -> list[tuple[int, int]]:
    """Starts and lengths of what is read of a file of `size` bytes, in order."""
    if size <= WHOLE_BYTES:
        return [(0, size)]
    between = size - 2 * EDGE_BYTES - BLOCK_BYTES
    blocks = [(EDGE_BYTES + between * i // (NUM_BLOCKS - 1), BLOCK_BYTES) for i in range(NUM_BLOCKS)]
    return [(0, EDGE_BYTES), *blocks, (size - EDGE_BYTES, EDGE_BYTES)]
