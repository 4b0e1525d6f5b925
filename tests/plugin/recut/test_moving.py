"""A curve is read at the moments of the media that another time map shows."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foley_plugin.jobs.recut.moving import moved_curve
from foley_plugin.timeline.ranges import Piece

HEAD = Fraction(1)
RAMP = [number / 300 for number in range(300)]
"""A second of handle, four of picture, a second of handle."""


def piece(start: int, duration: int, inner_start: int, speed: int | Fraction = 1) -> Piece:
    return Piece(Fraction(start), Fraction(duration), Fraction(inner_start), Fraction(speed))


FOUR = [piece(0, 4, 10)]


@given(st.lists(st.floats(0, 1), min_size=300, max_size=300))
def test_under_the_same_picture_it_is_the_same(curve: list[float]) -> None:
    assert moved_curve(curve, FOUR, FOUR, head=HEAD, num_points=300) == pytest.approx(curve, abs=1e-3)


def test_in_reverse_it_runs_backwards() -> None:
    found = moved_curve(RAMP, FOUR, [piece(0, 4, 14, -1)], head=HEAD, num_points=300)
    assert found[1:] == pytest.approx(RAMP[:0:-1])


def test_at_half_speed_it_is_read_between_its_points() -> None:
    found = moved_curve(RAMP, FOUR, [piece(0, 8, 10, Fraction(1, 2))], head=HEAD, num_points=500)
    assert found[50:450] == pytest.approx([RAMP[50] + number / 600 for number in range(400)])


def test_a_held_picture_holds_it() -> None:
    found = moved_curve(RAMP, FOUR, [piece(0, 2, 10), piece(2, 2, 12, 0)], head=HEAD, num_points=300)
    assert found[:150] == pytest.approx(RAMP[:150])
    assert found[150:] == pytest.approx([RAMP[150]] * 150)


def test_what_was_not_drawn_has_the_nearest_value_and_another_picture_none() -> None:
    found = moved_curve(RAMP, FOUR, [piece(0, 8, 8)], head=HEAD, num_points=500)
    assert found[:100] == pytest.approx([0.0] * 100)
    assert found[100:400] == pytest.approx(RAMP)
    assert found[400:] == pytest.approx([RAMP[-1]] * 100)
    assert moved_curve(RAMP, FOUR, [piece(0, 4, 90)], head=HEAD, num_points=300) == ()
