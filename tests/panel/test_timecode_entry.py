"""Where an editor goes by typing."""

from __future__ import annotations

from fractions import Fraction

import pytest

from foley_plugin.qtmodels.timecode_entry import inside, typed_frame
from foley_plugin.qtmodels.timecode_ruler import TimecodeRuler
from foley_plugin.timeline.errors import SelectionError

PLAIN = TimecodeRuler(Fraction(24), Fraction(3600))
NTSC = Fraction(30000, 1001)
DROP = TimecodeRuler(NTSC, 107892 / NTSC, drop_frame=True)
MINUTE = 60 * 24


@pytest.mark.parametrize(
    ("typed", "frame"),
    [
        ("01:00:10:05", 245),
        ("1:00:10:05", 245),
        (" 1.00.10.05 ", 245),
        ("01001005", 245),
        ("1001005", 245),
        ("100505", 10 * MINUTE + 125),
        ("10:05:05", 10 * MINUTE + 125),
        ("1005", 2 * MINUTE + 245),
        ("5", 2 * MINUTE + 24 + 5),
        ("+10", 2 * MINUTE + 24 + 10),
        ("-1:00", 2 * MINUTE),
        ("+1:00:00", 3 * MINUTE + 24),
        ("00:59:59:23", -1),
    ],
)
def test_a_timecode_digits_or_a_way_from_here(typed: str, frame: int) -> None:
    assert typed_frame(typed, PLAIN, 2 * MINUTE + 24) == frame


@pytest.mark.parametrize(
    ("typed", "frame"),
    [
        ("1:00:59;29", 1799),
        ("1:01:00;02", 1800),
        ("1;00;10;05", 305),
        ("01010002", 1800),
        ("1:10:00;00", 17982),
        ("+1", 1),
    ],
)
def test_drop_frame_skips_numbers_not_pictures(typed: str, frame: int) -> None:
    assert typed_frame(typed, DROP, 0) == frame
    assert DROP.text_of_frame(1800) == "01:01:00;02"


@pytest.mark.parametrize(
    ("typed", "ruler", "why"),
    [
        ("1:01:00;00", DROP, "does not exist in drop-frame"),
        ("01:00:00:24", PLAIN, "frames up to 23"),
        ("01:61:00:00", PLAIN, "up to 59"),
        ("here", PLAIN, "not a timecode"),
        ("", PLAIN, "not a timecode"),
        ("+", PLAIN, "not a timecode"),
        ("1:2:3:4:5", PLAIN, "not a timecode"),
        ("²", PLAIN, "not a timecode"),
    ],
)
def test_what_is_no_timecode_is_told_in_one_sentence(typed: str, ruler: TimecodeRuler, why: str) -> None:
    with pytest.raises(SelectionError, match=why) as told:
        typed_frame(typed, ruler, 0)
    assert told.value.sentence.count(". ") == 0


def test_a_frame_outside_of_the_cut_is_told_with_the_cuts_edges() -> None:
    assert inside(48, PLAIN, 2.0) == 48
    for frame in (-1, 49):
        with pytest.raises(SelectionError, match="from 01:00:00:00 to 01:00:02:00"):
            inside(frame, PLAIN, 2.0)
