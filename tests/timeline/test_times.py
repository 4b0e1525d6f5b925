"""Rates, timecodes and maps of time: exact, and against naive code."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foley_plugin.timeline.errors import SelectionError
from foley_plugin.timeline.ranges import Piece, composed, extended, runs, shifted, trimmed
from foley_plugin.timeline.rates import NotATime, exact, seconds, snapped_rate, tidy
from foley_plugin.timeline.timecode import (
    counts_drop_frame,
    frames_of_timecode,
    timecode_of_frames,
)

FILM, NTSC, NTSC_60 = Fraction(24000, 1001), Fraction(30000, 1001), Fraction(60000, 1001)
RATES = [FILM, Fraction(24), Fraction(25), NTSC, Fraction(30), Fraction(50), NTSC_60, Fraction(60)]


@pytest.mark.parametrize("written", [23.976, 23.98, 23.976023976, 23.97602397602398, 24000 / 1001])
def test_all_spellings_of_film_rate_are_one(written: float) -> None:
    assert snapped_rate(written) == FILM


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (29.97, NTSC),
        (59.94, NTSC_60),
        (59.9400599401, NTSC_60),
        (119.88, Fraction(120000, 1001)),
        (24.0, Fraction(24)),
        (1.0, Fraction(1)),
        (12.5, Fraction(25, 2)),
        (48000.0, Fraction(48000)),
        (29.83, Fraction(2983, 100)),
    ],
)
def test_other_rates_are_what_they_say(written: float, meant: Fraction) -> None:
    assert snapped_rate(written) == meant


@pytest.mark.parametrize("rate", [0.0, -24.0, math.nan, math.inf, 1e300])
def test_what_is_no_rate_is_refused(rate: float) -> None:
    with pytest.raises(NotATime):
        snapped_rate(rate)


@pytest.mark.parametrize("value", [math.nan, -math.inf, 1e300])
def test_what_is_no_time_is_refused(value: float) -> None:
    with pytest.raises(NotATime):
        exact(value)


def test_fractional_durations_are_decimal() -> None:
    assert seconds(100.05, 25.0) == Fraction(2001, 500)
    assert seconds(1.2000000000000002, 1.0) == Fraction(6, 5)


@given(st.fractions(min_value=0, max_value=10**6))
def test_tidy_times_fit_in_64_bits_and_stay_put(time_s: Fraction) -> None:
    tidied = tidy(time_s)
    assert abs(tidied - time_s) <= Fraction(1, 10**9)
    assert tidied.numerator < 2**63 and tidied.denominator <= 10**9


@given(st.sampled_from(RATES), st.integers(0, 24 * 3600 * 60), st.booleans())
def test_timecode_there_and_back_is_the_same_frame(rate: Fraction, count: int, drop_frame: bool) -> None:
    text = timecode_of_frames(count, rate, drop_frame=drop_frame)
    if int(text.split(":")[0]) < 100:
        assert frames_of_timecode(text, rate) == count


@given(st.integers(0, 200_000))
def test_drop_frame_numbers_are_counted_one_by_one(count: int) -> None:
    text = timecode_of_frames(count, NTSC, drop_frame=True)
    following = timecode_of_frames(count + 1, NTSC, drop_frame=True)
    minutes, seconds_, frames = int(text[3:5]), int(text[6:8]), int(text[9:])
    if (seconds_, frames) == (59, 29) and (minutes + 1) % 10:
        assert following.endswith(":00;02")
    elif frames < 29:
        assert following == f"{text[:9]}{frames + 1:02d}"


def test_drop_frame_keeps_up_with_the_clock() -> None:
    assert frames_of_timecode("01:00:00;00", NTSC) == 107_892
    assert frames_of_timecode("01:00:00:00", NTSC) == 108_000
    assert frames_of_timecode("01:00:00:00", NTSC, drop_frame=True) == 107_892
    assert frames_of_timecode("01:00:00;00", NTSC_60) == 215_784
    assert frames_of_timecode("01:00:00:00", FILM) / FILM == Fraction(18018, 5)


@pytest.mark.parametrize("text", ["00:01:00;00", "00:01:00;01", "10:59:00;00"])
def test_dropped_numbers_do_not_exist(text: str) -> None:
    with pytest.raises(SelectionError, match="does not exist"):
        frames_of_timecode(text, NTSC)
    assert frames_of_timecode("00:10:00;00", NTSC) == 17_982


@pytest.mark.parametrize(
    "text", ["", "12", "00:00:00", "00:00:00:24", "00:60:00:00", "a:b:c:d", "-1:00:00:00"]
)
def test_what_is_no_timecode_is_refused(text: str) -> None:
    with pytest.raises(SelectionError, match="is not a timecode"):
        frames_of_timecode(text, Fraction(24))


def test_drop_frame_exists_at_ntsc_rates_only() -> None:
    with pytest.raises(SelectionError, match="write it with colons"):
        frames_of_timecode("00:00:01;00", Fraction(25))


def test_round_start_tells_how_a_timeline_counts() -> None:
    assert counts_drop_frame(Fraction(107_892), NTSC)
    assert not counts_drop_frame(Fraction(108_000), NTSC)
    assert not counts_drop_frame(Fraction(0), NTSC)
    assert not counts_drop_frame(Fraction(86_400), Fraction(24))


times = st.fractions(min_value=-50, max_value=50, max_denominator=20)
speeds = st.sampled_from(
    [Fraction(n) for n in (1, 2, -1, -2)] + [Fraction(1, 2), Fraction(-7, 10), Fraction(0)]
)


@st.composite
def maps(draw: st.DrawFn) -> list[Piece]:
    """One to three pieces that follow each other."""
    start = draw(times)
    pieces = []
    for _ in range(draw(st.integers(1, 3))):
        duration = draw(st.fractions(min_value=Fraction(1, 10), max_value=30, max_denominator=10))
        pieces.append(Piece(start, duration, draw(times), draw(speeds)))
        start += duration
    return pieces


def value_at(pieces: list[Piece], time: Fraction) -> Fraction | None:
    """Naive: the inner time at a moment strictly inside a piece."""
    inside = [piece for piece in pieces if piece.start < time < piece.end]
    return inside[0].inner_at(time) if inside else None


@given(maps(), maps(), times)
def test_composed_maps_say_what_one_says_of_the_other(
    outer: list[Piece], inner: list[Piece], time: Fraction
) -> None:
    middle = value_at(outer, time)
    expected = None if middle is None else value_at(inner, middle)
    if expected is not None:
        assert value_at(composed(outer, inner), time) in (expected, None)
        through = [piece for piece in composed(outer, inner) if piece.start <= time <= piece.end]
        assert expected in [piece.inner_at(time) for piece in through]


@given(maps(), maps())
def test_composed_pieces_lie_inside_the_outer_ones_and_do_not_overlap(
    outer: list[Piece], inner: list[Piece]
) -> None:
    through = composed(outer, inner)
    assert all(piece.duration > 0 for piece in through)
    assert all(outer[0].start <= piece.start and piece.end <= outer[-1].end for piece in through)
    assert all(one.end <= two.start for one, two in pairwise(through))


@given(maps(), times)
def test_shifting_and_trimming_keep_what_is_seen(pieces: list[Piece], by: Fraction) -> None:
    moved = shifted(pieces, by)
    middle = (pieces[0].start + pieces[-1].end) / 2
    first_half = trimmed(moved, moved[0].start, middle + by)
    assert sum(piece.duration for piece in first_half) * 2 == sum(piece.duration for piece in pieces)
    assert first_half[0].inner_start == pieces[0].inner_start


@given(maps(), st.fractions(0, 5), st.fractions(0, 5))
def test_handles_go_on_at_the_edge_speeds(pieces: list[Piece], head: Fraction, tail: Fraction) -> None:
    longer = extended(pieces, head, tail)
    assert longer[0].start == pieces[0].start - head and longer[-1].end == pieces[-1].end + tail
    assert longer[0].inner_at(pieces[0].start) == pieces[0].inner_start
    assert longer[-1].inner_end == pieces[-1].inner_end + tail * pieces[-1].speed


def test_pieces_that_join_are_one_run() -> None:
    one, two = Piece(Fraction(0), Fraction(1), Fraction(5)), Piece(Fraction(1), Fraction(2), Fraction(6))
    apart = Piece(Fraction(4), Fraction(1), Fraction(9))
    assert runs([one, two, apart]) == [[Piece(Fraction(0), Fraction(3), Fraction(5))], [apart]]
