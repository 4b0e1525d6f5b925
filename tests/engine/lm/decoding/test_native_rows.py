"""Rows of attention as the own kernels keep and multiply them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.lm.decoding.native.machine import can_compile

pytestmark = pytest.mark.skipif(not can_compile(), reason="this machine compiles no kernels")

SIZES = st.lists(st.floats(0, 1e4, width=32), min_size=1, max_size=70).map(lambda x: np.array(x, np.float32))


@settings(deadline=None)
@given(shares=SIZES)
def test_shares_in_two_rows_of_bytes_are_within_half_a_fine_unit(shares: NDArray[np.float32]) -> None:
    from engine.lm.decoding.native.arithmetic import to_two_bytes

    parts = np.empty((2, len(shares)), np.int8)
    unit, coarse, fine = to_two_bytes(shares, parts)
    exact = parts.astype(np.float64)
    found = unit * (exact[0] + exact[1] / 128)
    assert np.all(np.abs(found - shares) <= unit / 256 * 1.001 + 1e-12)
    assert (coarse, fine) == (exact[0].sum(), exact[1].sum())
    assert np.all(parts[0] >= 0) and np.all(parts[1] >= -64) and np.all(parts[1] <= 63)


@settings(deadline=None)
@given(scores=st.lists(st.floats(-80, 80, width=32), min_size=1, max_size=70))
def test_softmax_is_numpys(scores: list[float]) -> None:
    from engine.lm.decoding.native.arithmetic import softmax

    own = np.array(scores, np.float32)
    softmax(own)
    powers = np.exp(np.array(scores) - max(scores))
    assert own == pytest.approx(powers / powers.sum(), rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("blocks", [1, 2, 4, 5, 8, 9, 33])
def test_no_two_lines_of_the_cache_are_in_one_place(blocks: int) -> None:
    from engine.lm.decoding.native.attention import place_of

    line, lines = 64, 16
    stride = line * lines
    places = [
        first + number * step
        for first, step in (place_of(block, blocks, stride, line) for block in range(blocks))
        for number in range(lines)
    ]
    assert sorted(places) == list(range(0, blocks * stride, line))


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.uint32])
def test_a_value_is_put_beside_those_of_other_positions(kind: type[np.unsignedinteger]) -> None:
    from engine.lm.decoding.native.attention import put

    rng = np.random.default_rng(0)
    most = np.iinfo(kind).max
    words = rng.integers(0, 2**32, 16, np.uint32)
    for own in range(4 // np.dtype(kind).itemsize):
        values = rng.integers(0, most, 16, kind, endpoint=True)
        expected = words.view(kind).reshape(16, -1).copy()
        expected[:, own] = values
        put(values, words, own)
        assert np.array_equal(words.view(kind).reshape(16, -1), expected)
