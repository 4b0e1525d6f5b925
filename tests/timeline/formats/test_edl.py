"""EDLs: the rate that they do not name, drop-frame, order, speeds and media by name."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from engine.protocol import fraction
from foley_plugin.timeline.client import read_cut
from foley_plugin.timeline.errors import SelectionError, TimelineError, TimelineUnreadable
from foley_plugin.timeline.read import cut_record
from foley_plugin.timeline.reading import reading_of
from foley_plugin.timeline.records import CutRecord, Reading
from foley_plugin.timeline.timecode import frames_of_timecode

from .cuts import EDL, written

F = Fraction


def read(text: str, folder: Path, rate: str | None = None) -> CutRecord:
    return cut_record(written(folder, "cut.edl", text), reading=reading_of(None, rate))


def places(cut: CutRecord) -> list[tuple[str, Fraction, Fraction, Fraction]]:
    rate = fraction(cut.rate)
    return [
        (each.name, *(fraction(edge) * rate for edge in (each.record_in, each.record_out, each.source_in)))
        for each in cut.clips
    ]


def test_events_start_at_the_first_record_time(tmp_path: Path) -> None:
    cut = read(EDL, tmp_path, "25")
    assert (fraction(cut.start), fraction(cut.duration)) == (36000, 5)
    assert [place[:3] for place in places(cut)] == [("walk.mov", 0, 50), ("door.mov", 75, 125)]
    assert cut.notices == []


def test_a_clip_named_after_a_file_is_looked_for_beside_the_list(tmp_path: Path) -> None:
    assert [each.media for each in read(EDL, tmp_path).clips] == [
        str(tmp_path / "walk.mov"),
        str(tmp_path / "door.mov"),
    ]


@pytest.mark.parametrize(
    ("frames", "rate"), [("01", (24, 1)), ("24", (25, 1)), ("29", (30, 1)), ("47", (50, 1)), ("59", (60, 1))]
)
def test_the_rate_is_taken_from_the_highest_frame_and_told(
    tmp_path: Path, frames: str, rate: tuple[int, int]
) -> None:
    cut = read(EDL.replace("10:00:03:00 10:00:05:00", f"10:00:03:{frames} 10:00:05:{frames}"), tmp_path)
    assert cut.rate == rate
    assert "names no frame rate" in cut.notices[0] and "--rate" in cut.notices[0]


def test_drop_frame_counts_as_the_clock_does(tmp_path: Path) -> None:
    text = EDL.replace("NON-DROP", "DROP").replace("10:00:0", "00:10:0")
    cut = read(text, tmp_path)
    assert cut.drop_frame and cut.rate == (30000, 1001)
    at = frames_of_timecode("00:10:00;00", F(30000, 1001))
    assert fraction(cut.start) == at * F(1001, 30000)
    assert cut.notices == []


def test_events_out_of_record_order_are_sorted(tmp_path: Path) -> None:
    lines = EDL.splitlines()
    shuffled = "\n".join([*lines[:3], *lines[5:], *lines[3:5]])
    assert places(read(shuffled, tmp_path)) == places(read(EDL, tmp_path))


def test_a_dissolve_lengthens_what_goes_out(tmp_path: Path) -> None:
    text = """TITLE: X
001  A001 V C        00:00:00:00 00:00:02:00 00:00:00:00 00:00:02:00
002  A001 V C        00:00:02:00 00:00:02:00 00:00:02:00 00:00:02:00
002  A002 V D    012 00:01:00:00 00:01:02:00 00:00:02:00 00:00:04:00
"""
    one, two = places(read(text, tmp_path, "24"))
    assert one[1:] == (0, 60, 0)
    assert two[1:3] == (48, 96)


def test_a_speed_change(tmp_path: Path) -> None:
    text = """TITLE: X
001  A001 V C        00:00:00:00 00:00:01:00 00:00:00:00 00:00:02:00
M2   A001       012.0                00:00:00:00
* FROM CLIP NAME: slow
"""
    (found,) = read(text, tmp_path, "24").clips
    assert found.speed_note == "50 %"
    assert [fraction(edge) for edge in (found.record_out, found.source_out)] == [2, 1]


def test_bytes_that_are_no_utf_8_are_read(tmp_path: Path) -> None:
    path = written(tmp_path, "cut.edl", EDL.replace("walk", "caf\xe9").encode("latin-1"))
    assert cut_record(path).clips[0].name == "caf\xe9.mov"


@pytest.mark.parametrize(
    "broken",
    [
        "TITLE: X\nFCM: NON-DROP FRAME\n",
        EDL.replace("V     C ", "V     Q "),
        EDL.replace("10:00:03:00 10:00:05:00", "10:00:01:00 10:00:03:00"),
        EDL.replace("01:00:00:00 01:00:02:00", "01:00:00:00 01:00:07:00"),
        EDL.replace("10:00:03:00", "10:99:03:00"),
        EDL.replace("10:00:03:00", "10:00:03:999"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(tmp_path: Path, broken: str) -> None:
    with pytest.raises(TimelineError) as caught:
        read(broken, tmp_path)
    assert "cut.edl" in caught.value.sentence and caught.value.sentence.endswith(".")


@pytest.mark.parametrize("rate", ["0", "nan", "fast", "24/0", "1000", ""])
def test_a_rate_that_is_none_is_refused(rate: str) -> None:
    with pytest.raises(SelectionError, match="is no frame rate"):
        reading_of(None, rate)


def test_a_wrong_sequence_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TimelineUnreadable, match="no timeline “Other”"):
        cut_record(written(tmp_path, "cut.edl", EDL), reading=Reading(sequence="Other"))


@pytest.mark.shared
def test_every_event_of_the_avid_list_lies_where_its_line_says(shared: Path) -> None:
    source = shared / "timelines" / "avid_speed_effects.edl"
    lines = [line.split() for line in source.read_text().splitlines() if line[:6].isdigit()]
    cut = read_cut(source)
    rate, start = fraction(cut.rate), fraction(cut.start)
    assert len(lines) == len(cut.clips) == 548
    for fields, clip in zip(lines, cut.clips, strict=True):
        record = [frames_of_timecode(text, rate) for text in fields[-2:]]
        assert [(fraction(edge) + start) * rate for edge in (clip.record_in, clip.record_out)] == record
        if clip.speed_note is None:
            assert fraction(clip.source_in) * rate == frames_of_timecode(fields[-4], rate)
    notes = [clip.speed_note for clip in cut.clips if clip.speed_note]
    assert notes.count("freeze frame") == 6 and len(notes) == 16


@pytest.mark.shared
def test_a_list_of_sound_alone_has_no_picture(shared: Path) -> None:
    cut = read_cut(shared / "timelines" / "multi_audio.edl")
    assert cut.clips == []
    assert [(track.track, len(track.items)) for track in cut.tracks] == [("A1", 1), ("A2", 1)]


@pytest.mark.parametrize(("rate", "nominal"), [("23.976", 24), ("29.97", 30), ("59.94", 60)])
def test_ntsc_lists_without_drop_frame_count_every_number(tmp_path: Path, rate: str, nominal: int) -> None:
    cut = read(EDL, tmp_path, rate)
    assert not cut.drop_frame
    assert fraction(cut.start) == 36000 * F(1001, 1000)
    assert [place[1:3] for place in places(cut)] == [(0, 2 * nominal), (3 * nominal, 5 * nominal)]
