"""An image sequence as a picture's media: one line of text, wherever a path to a film may stand.

    sequence:/shots/sh010/plate.[1001-1099].exr?digits=4&step=1&rate=24000:1001&missing=hold

Image i (from 0) is `first + i * step`, its number padded with zeros to `digits`, and is seen from i / rate to
(i + 1) / rate seconds. `%`, `?`, `[` and `]` in the path stand percent-encoded. A plain absolute path never begins
with `sequence:`, and nothing but a plain path is ever made of one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, cast, get_args
from urllib.parse import unquote

from engine.protocol.lines import ProtocolError

MissingPolicy = Literal["error", "hold", "black"]
"""What is seen where an image is missing: nothing, since that is refused; the one before it; black."""

SCHEME = "sequence:"
IMAGE_SUFFIXES = frozenset(
    {
        ".png",
        ".tif",
        ".tiff",
        ".exr",
        ".dpx",
        ".tga",
        ".jpg",
        ".jpeg",
        ".jp2",
        ".j2k",
        ".bmp",
        ".webp",
        ".sgi",
    }
    | {".ppm", ".pgm"}
)
"""Kinds of images that are read, in lower case."""
MAX_IMAGES = 10_000_000

_FORM = re.compile(
    r"sequence:([^\[\]?]*)\[(-?\d{1,12})-(-?\d{1,12})\]([^\[\]?]*)"
    r"\?digits=(\d{1,2})&step=(\d{1,6})&rate=(\d{1,12}):(\d{1,12})&missing=(error|hold|black)",
    re.DOTALL,
)


@dataclass(frozen=True)
class ImageSequence:
    """Attributes:
    prefix: plain absolute path of the folder, and what stands before the number.
    suffix: what stands after the number, the extension included.
    first, last: numbers of the first and of the last image, which need not be there.
    rate: images a second.
    """

    prefix: str
    suffix: str
    first: int
    last: int
    digits: int
    rate: Fraction
    step: int = 1
    missing: MissingPolicy = "error"

    @property
    def num_images(self) -> int:
        return (self.last - self.first) // self.step + 1

    @property
    def duration_s(self) -> Fraction:
        return self.num_images / self.rate

    def number_of(self, index: int) -> int:
        return self.first + index * self.step

    def path_of(self, number: int) -> str:
        sign = "-" if number < 0 else ""
        return f"{self.prefix}{sign}{abs(number):0{self.digits}d}{self.suffix}"

    @property
    def media(self) -> str:
        """The line of text that stands for it."""
        rate = f"{self.rate.numerator}:{self.rate.denominator}"
        return (
            f"{SCHEME}{_quoted(self.prefix)}[{self.first}-{self.last}]{_quoted(self.suffix)}"
            f"?digits={self.digits}&step={self.step}&rate={rate}&missing={self.missing}"
        )


def image_sequence(media: str) -> ImageSequence | None:
    """The sequence that `media` stands for; None where it is a plain path.

    Raises:
        ProtocolError: it begins like a sequence and is none.
    """
    if not media.startswith(SCHEME):
        return None
    match = _FORM.fullmatch(media)
    if match is None:
        raise ProtocolError("an image sequence of an unknown form")
    first, last, digits, step, ticks, of_s = (int(match[group]) for group in (2, 3, 5, 6, 7, 8))
    if last < first or step < 1 or ticks < 1 or of_s < 1 or (last - first) // step >= MAX_IMAGES:
        raise ProtocolError("an image sequence without images or without a rate")
    policy = cast(MissingPolicy, match[9])
    assert policy in get_args(MissingPolicy)
    return ImageSequence(
        unquote(match[1]), unquote(match[4]), first, last, digits, Fraction(ticks, of_s), step, policy
    )


def _quoted(text: str) -> str:
    for sign in "%?[]":
        text = text.replace(sign, f"%{ord(sign):02X}")
    return text
