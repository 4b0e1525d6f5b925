"""Tokens as they cross: what a take was decoded from, and what a take is to go on from. Loads no torch."""

from __future__ import annotations

import sys
import zlib
from array import array

from msgspec import Struct

from engine.protocol.lines import ProtocolError

MAX_BYTES = 64 * 2**20
"""Of unpacked codes: hours of them."""


class Tokens(Struct, frozen=True):
    """Codes [K, T], unsigned 16 bits each, one codebook after the other, deflated.

    `codec_sha256` is of the codec's weights: to another codec the numbers mean nothing.
    """

    num_codebooks: int
    frame_rate: int
    codec_sha256: str
    data: bytes

    @property
    def rows(self) -> list[list[int]]:
        """
        Raises:
            ProtocolError: the data is damaged.
        """
        packed = self._unpacked()
        length = len(packed) // self.num_codebooks
        return [packed[k * length : (k + 1) * length].tolist() for k in range(self.num_codebooks)]

    @property
    def num_frames(self) -> int:
        return len(self._unpacked()) // self.num_codebooks

    def excerpt(self, first: int, count: int) -> Tokens:
        """Frames first .. first + count."""
        rows = [row[first : first + count] for row in self.rows]
        return pack_tokens(rows, self.frame_rate, self.codec_sha256)

    def _unpacked(self) -> array[int]:
        packed = array("H")
        try:
            inflater = zlib.decompressobj()
            packed.frombytes(inflater.decompress(self.data, MAX_BYTES))
            is_whole = inflater.eof and self.num_codebooks > 0 and len(packed) % self.num_codebooks == 0
        except (zlib.error, ValueError) as error:
            raise ProtocolError(f"The tokens are damaged ({error}).") from None
        if not is_whole:
            raise ProtocolError("The tokens are damaged (they are cut short).")
        if sys.byteorder == "big":
            packed.byteswap()
        return packed


def pack_tokens(rows: list[list[int]], frame_rate: int, codec_sha256: str) -> Tokens:
    """Codes [K][T], each from 0 to 65535."""
    packed = array("H", [code for row in rows for code in row])
    if sys.byteorder == "big":
        packed.byteswap()
    return Tokens(len(rows), frame_rate, codec_sha256, zlib.compress(packed.tobytes(), 6))
