"""Image sequences as editors name them, and which of their images are on disk."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from engine.protocol import IMAGE_SUFFIXES

HASHES = "#"
MAX_LISTED = 1_000_000

_FORMS = re.compile(r"%(?:0?(\d{1,2}))?d|(#+)|\[(-?\d{1,9})-(-?\d{1,9})\]")


@dataclass(frozen=True)
class ImagePattern:
    """The name of a numbered image, `#` for each digit of its number.

    Attributes:
        digits: the least that a number has.
        first, last: where the name itself says which numbers there are.
    """

    name: str
    digits: int
    first: int | None = None
    last: int | None = None


def image_pattern(file_name: str) -> ImagePattern | None:
    """Read `shot.%04d.exr`, `shot.####.exr` and `shot.[1001-1099].exr`; None for any other name.

    >>> image_pattern("shot.%04d.exr")
    ImagePattern(name='shot.####.exr', digits=4, first=None, last=None)
    """
    matches = list(_FORMS.finditer(file_name))
    if not matches or os.path.splitext(file_name)[1].lower() not in IMAGE_SUFFIXES:
        return None
    match = matches[-1]
    printf, hashes, first, last = match.groups()
    digits = len(hashes or "") or int(printf or 1) or 1
    if first is not None:
        digits = min(len(first.lstrip("-")), len(last.lstrip("-")))
    name = pattern_name(file_name[: match.start()], digits, file_name[match.end() :])
    if first is None:
        return ImagePattern(name, digits)
    low, high = sorted((int(first), int(last)))
    return ImagePattern(name, digits, low, high)


def pattern_name(prefix: str, digits: int, suffix: str) -> str:
    return f"{prefix}{HASHES * digits}{suffix}"


def numbers_on_disk(pattern_path: str, digits: int) -> frozenset[int]:
    """The numbers of the images in a folder that a path with `#` for digits stands for."""
    folder, name = os.path.split(pattern_path)
    prefix, hashes, suffix = name.rpartition(HASHES * digits)
    if not hashes:
        return frozenset()
    number = re.compile(re.escape(prefix) + r"(-?\d{" + str(digits) + r",12})" + re.escape(suffix))
    found: set[int] = set()
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                match = number.fullmatch(entry.name)
                is_padded = match is not None and _is_padded(match[1], digits)
                if match is not None and is_padded and entry.is_file():
                    found.add(int(match[1]))
                if len(found) >= MAX_LISTED:
                    break
    except (OSError, ValueError):
        return frozenset()
    return frozenset(found)


def _is_padded(number: str, digits: int) -> bool:
    """`0012` and `10012` are numbers of four digits, `00012` is not."""
    bare = number.lstrip("-")
    return len(bare) == digits or not bare.startswith("0")
