"""Tokens on the wire: whole, cut, and damaged."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.protocol import ProtocolError, Tokens, pack_tokens

rows = st.integers(0, 60).flatmap(
    lambda count: st.lists(
        st.lists(st.integers(0, 65535), min_size=count, max_size=count), min_size=1, max_size=5
    )
)


@given(rows)
def test_rows_come_back_also_by_way_of_json(given_rows: list[list[int]]) -> None:
    tokens = pack_tokens(given_rows, 50, "ab")
    crossed = msgspec.json.decode(msgspec.json.encode(tokens), type=Tokens)
    assert crossed == tokens and crossed.rows == given_rows
    assert crossed.num_frames == len(given_rows[0])


def test_an_excerpt_is_the_frames_between() -> None:
    tokens = pack_tokens([[1, 2, 3, 4], [5, 6, 7, 8]], 50, "ab")
    assert tokens.excerpt(1, 2).rows == [[2, 3], [6, 7]] and tokens.excerpt(1, 2).codec_sha256 == "ab"


@pytest.mark.parametrize("data", [b"", b"nonsense", pack_tokens([[1, 2, 3]], 50, "").data])
def test_damaged_tokens_say_so(data: bytes) -> None:
    with pytest.raises(ProtocolError, match="damaged"):
        _ = Tokens(2, 50, "", data).rows
