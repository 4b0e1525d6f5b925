"""What both conversations share: messages as lines of JSON, and exact times in them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

MAX_LINE_BYTES = 8 * 1024 * 1024
"""A longer line ends the conversation: nothing that we say is nearly as long."""

Message = TypeVar("Message")

Rational = Annotated[tuple[int, int], Meta(description="numerator, denominator; seconds")]


def rational(value: Fraction) -> Rational:
    return (value.numerator, value.denominator)


def fraction(value: Rational) -> Fraction:
    return Fraction(value[0], value[1])


class ProtocolError(Exception):
    """A line that is not a message of this protocol."""


def decoded(decoder: msgspec.json.Decoder[Message], line: bytes) -> Message:
    """
    Raises:
        ProtocolError: the line is too long or not such a message.
    """
    if len(line) > MAX_LINE_BYTES:
        raise ProtocolError(f"a line of {len(line)} bytes, longer than {MAX_LINE_BYTES}")
    try:
        return decoder.decode(line)
    except msgspec.MsgspecError as error:
        raise ProtocolError(str(error)) from error


class LineBuffer:
    """Bytes in, whole lines out; keeps the unfinished tail between calls."""

    def __init__(self) -> None:
        self._tail = b""

    def feed(self, data: bytes) -> Sequence[bytes]:
        *lines, self._tail = (self._tail + data).split(b"\n")
        if len(self._tail) > MAX_LINE_BYTES:
            self._tail = b""
            raise ProtocolError(f"a line longer than {MAX_LINE_BYTES} bytes")
        return [line for line in lines if line]
