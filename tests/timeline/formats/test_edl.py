"""EDLs: the rate that they do not name, drop-frame, order, speeds and media by name."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from engine.protocol import fraction
from foley_plugin.timeline.client import read_cut
from foley_plugin.timeline.document import read_document
from foley_plugin.timeline.errors import SelectionError, TimelineError, TimelineUnreadable
from foley_plugin.timeline.guards import schema_name
from foley_plugin.timeline.read import cut_record
from foley_plugin.timeline.reading import reading_of
from foley_plugin.timeline.records import CutRecord, Reading
from foley_plugin.timeline.timecode import frames_of_timecode

from ..numbered_video import write_numbered_video
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


NON_DROP = "TITLE: X\nFCM: NON-DROP FRAME\n"
DROP = "TITLE: X\nFCM: DROP FRAME\n"
TWO_SECONDS = "001  AX V C 00:00:00:00 00:00:02:00 01:00:00:00 01:00:02:00\n"


@pytest.mark.parametrize(
    ("fps", "note", "source_frames"),
    [
        ("-024.0", "reversed", 48),
        ("036.0", "150 %", 72),
        ("000.0", "freeze frame", 0),
        ("024.0", None, 48),
        ("+023.9", None, 48),
    ],
)
def test_a_speed_is_kept_where_source_and_record_are_equally_long(
    tmp_path: Path, fps: str, note: str | None, source_frames: int
) -> None:
    cut = read(
        f"{NON_DROP}{TWO_SECONDS}M2   AX   {fps}   00:00:00:00\n* FROM CLIP NAME: a FF\n", tmp_path, "24"
    )
    (found,) = cut.clips
    assert found.speed_note == note
    assert fraction(found.source_out) * 24 == source_frames
    assert found.name == ("a" if note == "freeze frame" else "a FF")


def test_a_speed_at_an_ntsc_rate_counts_from_its_nominal_number(tmp_path: Path) -> None:
    text = f"{NON_DROP}{TWO_SECONDS}M2   AX   -030.0   00:00:00:00\n"
    assert read(text, tmp_path, "29.97").clips[0].speed_note == "reversed"


@pytest.mark.parametrize("code", ["00:00:00;00", "00;00;00;00", ""])
def test_a_speed_is_read_in_a_drop_frame_list(tmp_path: Path, code: str) -> None:
    event = "001  AX V C 00:00:00;00 00:00:04;00 01:00:00;00 01:00:02;00\n"
    (found,) = read(f"{DROP}{event}M2   tape 7   59.94   {code}\n", tmp_path).clips
    assert found.speed_note == "200 %"


def test_a_speed_of_several_channels_is_given_to_each_and_leaves_no_trace(tmp_path: Path) -> None:
    event = TWO_SECONDS.replace("V C", "B C")
    path = written(tmp_path, "cut.edl", f"{NON_DROP}{event}M2   AX   -024.0   00:00:00:00\n")
    tracks = read_document(path, reading_of(None, "24")).root["tracks"]["children"]
    clips = [track["children"][0] for track in tracks]
    assert [[effect["time_scalar"] for effect in clip["effects"]] for clip in clips] == [[-1], [-1]]
    assert [clip["metadata"] for clip in clips] == [{}, {}]


def test_a_speed_that_is_no_number_is_told(tmp_path: Path) -> None:
    cut = read(f"{NON_DROP}{TWO_SECONDS}M2   AX   fast   00:00:00:00\n", tmp_path, "24")
    assert cut.clips[0].speed_note is None
    assert cut.notices == ["The speed change of “001” cannot be read; it is taken to play at normal speed."]


def test_of_a_dissolve_the_speed_of_what_comes_in_is_taken(tmp_path: Path) -> None:
    text = """TITLE: X
001  A001 V C        00:00:00:00 00:00:02:00 00:00:00:00 00:00:02:00
M2   A001       -024.0                00:00:00:00
002  A001 V C        00:00:02:00 00:00:02:00 00:00:02:00 00:00:02:00
002  A002 V D    012 00:01:00:00 00:01:02:00 00:00:02:00 00:00:04:00
M2   A001       -024.0                00:00:00:00
"""
    assert [each.speed_note for each in read(text, tmp_path, "24").clips] == ["reversed", None]
    with_its_own = f"{text}M2   A002       -024.0                00:01:00:00\n"
    assert [each.speed_note for each in read(with_its_own, tmp_path, "24").clips] == ["reversed"] * 2


FADE_IN = """001  BL V C 00:00:00:00 00:00:00:00 01:00:00:00 01:00:00:00
001  AX V {effect} 024 00:00:00:00 00:00:05:00 01:00:00:00 01:00:05:00
* FROM CLIP NAME: BL
* TO CLIP NAME: a.mov
"""


@pytest.mark.parametrize("effect", ["D", "W001"])
@pytest.mark.parametrize("comes_from", ["BL", "A001"])
def test_a_list_that_fades_in_begins_with_the_whole_clip(
    tmp_path: Path, effect: str, comes_from: str
) -> None:
    text = NON_DROP + FADE_IN.format(effect=effect).replace("BL V", f"{comes_from} V")
    cut = read(f"{text}002  AX V C 00:00:00:00 00:00:05:00 01:00:05:00 01:00:10:00\n", tmp_path, "24")
    assert fraction(cut.start) == 3600
    assert places(cut) == [("a.mov", 0, 120, 0), ("002", 120, 240, 0)]


def test_a_fade_in_on_one_channel_leaves_the_dissolve_on_the_other(tmp_path: Path) -> None:
    """
    V    [one     |--two--]
    A1            |--two--]
    """
    text = f"""{NON_DROP}{TWO_SECONDS}002  AX   B C     00:00:02:00 00:00:02:00 01:00:02:00 01:00:02:00
002  A002 B D 012 00:01:00:00 00:01:02:00 01:00:02:00 01:00:04:00
"""
    cut = read(text, tmp_path, "24")
    assert [place[1:] for place in places(cut)] == [(0, 60, 0), (48, 96, 1440)]
    path = tmp_path / "cut.edl"
    _, sound = read_document(path, reading_of(None, "24")).root["tracks"]["children"]
    assert [schema_name(item) for item in sound["children"]] == ["Gap", "Clip"]


@pytest.mark.parametrize(
    ("source", "first_frame", "record_s"),
    [
        ("01:10:00:00 01:10:02:00", 126000, 2),
        ("01:00:00:00 01:01:02:00", 108000, 62),
        ("01:10:00;00 01:10:02;00", 125874, 2),
    ],
)
def test_a_source_counts_as_its_own_separators_say(
    tmp_path: Path, source: str, first_frame: int, record_s: int
) -> None:
    record_out = "01:00:02;00" if record_s == 2 else "01:01:02;02"
    cut = read(f"{DROP}001  AX V C {source} 01:00:00;00 {record_out}\n", tmp_path)
    assert cut.drop_frame and cut.rate == (30000, 1001)
    assert places(cut) == [("001", 0, record_s * 30, first_frame)]


def test_a_drop_frame_source_in_a_list_without_drop_frame(tmp_path: Path) -> None:
    cut = read(f"{NON_DROP}001  AX V C 01:10:00;00 01:10:02;00 01:00:00:00 01:00:02:00\n", tmp_path)
    assert not cut.drop_frame and cut.rate == (30000, 1001)
    assert fraction(cut.start) == 108000 * F(1001, 30000)
    assert places(cut) == [("001", 0, 60, 125874)]


def test_at_a_rate_without_drop_frame_every_source_counts_alike(tmp_path: Path) -> None:
    cut = read(f"{NON_DROP}001  AX V C 01:10:00;00 01:10:02;00 01:00:00:00 01:00:02:00\n", tmp_path, "25")
    assert not cut.drop_frame and places(cut) == [("001", 0, 50, 4200 * 25)]


def test_a_head_that_says_non_drop_holds_for_a_list_of_one_separator(tmp_path: Path) -> None:
    cut = read(NON_DROP + TWO_SECONDS.replace(":00 ", ";00 ").replace(":00\n", ";00\n"), tmp_path, "29.97")
    assert not cut.drop_frame and fraction(cut.start) == 108000 * F(1001, 30000)


@pytest.mark.parametrize(
    ("frames", "rate"), [("29", (30000, 1001)), ("30", (60000, 1001)), ("59", (60000, 1001))]
)
@pytest.mark.parametrize("separator", [":", ";"])
def test_drop_frame_and_the_highest_frame_tell_the_rate(
    tmp_path: Path, frames: str, rate: tuple[int, int], separator: str
) -> None:
    codes = f"00:10:00{separator}00 00:10:01{separator}{frames}"
    cut = read(f"{DROP}001  AX V C {codes} {codes}\n", tmp_path)
    assert cut.drop_frame and cut.rate == rate and cut.notices == []


@pytest.mark.parametrize(
    ("text", "rate", "what"),
    [
        (
            DROP + TWO_SECONDS.replace("02:00", "02:60"),
            None,
            "counts up to frame 60 in a second; give its rate",
        ),
        (
            DROP + TWO_SECONDS,
            "25",
            "drop-frame, which exists at 29.97 and 59.94 frames a second only; give one",
        ),
        (
            NON_DROP + TWO_SECONDS.replace("02:00", "02:24"),
            "23.976",
            "which 23.976 frames a second never reach",
        ),
    ],
)
def test_a_rate_that_the_list_cannot_have_is_asked_for(
    tmp_path: Path, text: str, rate: str | None, what: str
) -> None:
    with pytest.raises(TimelineUnreadable) as caught:
        read(text, tmp_path, rate)
    assert what in caught.value.sentence and caught.value.sentence.endswith("--rate.")


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


SOUND = TWO_SECONDS.replace(" V C", " A C")
NAMED = "* FROM CLIP NAME: walk.mov\n"


def tracks(text: str, folder: Path) -> dict[str, list[str]]:
    """The clips' names by the list's channels."""
    path = written(folder, "cut.edl", NON_DROP + text)
    root = read_document(path, reading_of(None, "24")).root
    return {
        track["name"]: [item["name"] for item in track["children"] if schema_name(item) == "Clip"]
        for track in root["tracks"]["children"]
    }


@pytest.mark.parametrize("split", ["", "SPLIT: AUDIO DELAY= 00:00:00:10\n"])
def test_picture_and_sound_of_one_number_are_two_events_with_the_comments_of_both(
    tmp_path: Path, split: str
) -> None:
    text = f"{split}{TWO_SECONDS}{SOUND}{NAMED}"
    assert tracks(text, tmp_path) == {"V": ["walk.mov"], "A1": ["walk.mov"]}


@pytest.mark.parametrize("together", [True, False])
def test_dissolves_of_picture_and_sound_under_one_number(tmp_path: Path, together: bool) -> None:
    out = "002  AX {} C 00:00:02:00 00:00:02:00 01:00:02:00 01:00:02:00\n"
    into = "002  BX {} D 012 00:00:00:00 00:00:02:00 01:00:02:00 01:00:04:00\n"
    order = [(out, "V"), (into, "V"), (out, "A"), (into, "A")]
    lines = [line.format(channel) for line, channel in (order if together else sorted(order))]
    text = TWO_SECONDS + SOUND + "".join(lines)
    assert tracks(text, tmp_path) == {"V": ["001", "002"], "A1": ["001", "002"]}
    cut = read(NON_DROP + text, tmp_path, "24")
    assert places(cut) == [("001", 0, 60, 0), ("002", 48, 96, 0)]


def test_the_foreground_of_a_key_lies_over_its_background(tmp_path: Path) -> None:
    key = "002  TITLE V K 000 00:00:00:00 00:00:01:00 01:00:00:12 01:00:01:12\n* FROM CLIP NAME: title.mov\n"
    text = TWO_SECONDS.replace("V C", "V K B (F)") + NAMED + key
    assert tracks(text, tmp_path) == {"V": ["walk.mov"], "V2": ["title.mov"]}
    assert places(read(NON_DROP + text, tmp_path, "24")) == [("walk.mov", 0, 48, 0), ("title.mov", 12, 36, 0)]


@pytest.mark.parametrize(
    ("written_as", "channels"),
    [
        ("NONE", ["A3", "A4"]),
        ("V", ["A3", "A4", "V"]),
        ("VA1A2", ["A1", "A2", "A3", "A4", "V"]),
        ("AA/V", ["A1", "A2", "A3", "A4", "V"]),
    ],
)
def test_channels_of_one_event(tmp_path: Path, written_as: str, channels: list[str]) -> None:
    text = f"{TWO_SECONDS.replace(' V C', f' {written_as} C')}AUD  3  4\n{NAMED}"
    assert tracks(text, tmp_path) == {channel: ["walk.mov"] for channel in channels}


@pytest.mark.parametrize(
    "event",
    [
        TWO_SECONDS.replace("AX", "A001 C002 0714"),
        TWO_SECONDS.replace("AX", "  "),
        TWO_SECONDS.replace("AX V C", "ax v c"),
        TWO_SECONDS + "1st take of the day\n2nd unit 00:00:01:00\n",
        TWO_SECONDS + "* ASC_SOP (1.0e-05 1 1)(0.0 -1e-7 0.0)(1.0 1.0 1.0)\n* ASC_SAT 9.0e-1\n",
        TWO_SECONDS + "ASC_SOP: none\n",
    ],
)
def test_an_event_as_other_houses_write_it(tmp_path: Path, event: str) -> None:
    assert places(read(NON_DROP + event + NAMED, tmp_path, "24")) == [("walk.mov", 0, 48, 0)]


def test_a_plain_grade_stays_with_its_clip(tmp_path: Path) -> None:
    grade = "* ASC_SOP: (1.5 1.0 1.0) (0.0 -0.1 0.0) (1.0 1.0 1.0)\n* ASC_SAT: 0.9\n"
    path = written(tmp_path, "cut.edl", f"{NON_DROP}{TWO_SECONDS}{grade}")
    (track,) = read_document(path, reading_of(None, "24")).root["tracks"]["children"]
    grades = track["children"][0]["metadata"]["cdl"]
    assert grades["asc_sat"] == 0.9
    assert grades["asc_sop"] == {"slope": [1.5, 1, 1], "offset": [0, -0.1, 0], "power": [1, 1, 1]}


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        (TWO_SECONDS + TWO_SECONDS.replace("001", "007"), "01:00:00:00 for clip 007"),
        (TWO_SECONDS + "007  AX V C 00:00:00:00 01:0\n", "an event that cannot be read (“007  AX V C"),
        (TWO_SECONDS + "007  AX V D 00:00:00:00 00:00:02:00 01:00:02:00 01:00:04:00\n", "(“007  AX V D"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_number(tmp_path: Path, broken: str, what: str) -> None:
    with pytest.raises(TimelineUnreadable) as caught:
        read(NON_DROP + broken, tmp_path, "24")
    assert what in caught.value.sentence


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
    assert notes.count("freeze frame") == 7 and len(notes) == 17


@pytest.mark.shared
def test_a_list_of_sound_alone_has_no_picture(shared: Path) -> None:
    cut = read_cut(shared / "timelines" / "multi_audio.edl")
    assert cut.clips == []
    assert [(track.track, len(track.items)) for track in cut.tracks] == [("A1", 1), ("A2", 1), ("A3", 1)]


@pytest.mark.parametrize(("rate", "nominal"), [("23.976", 24), ("29.97", 30), ("59.94", 60)])
def test_ntsc_lists_without_drop_frame_count_every_number(tmp_path: Path, rate: str, nominal: int) -> None:
    cut = read(EDL, tmp_path, rate)
    assert not cut.drop_frame
    assert fraction(cut.start) == 36000 * F(1001, 1000)
    assert [place[1:3] for place in places(cut)] == [(0, 2 * nominal), (3 * nominal, 5 * nominal)]


OVER_MIDNIGHT = """TITLE: REEL 1
FCM: {mode}

001  A001     V     C        {first} 10:00:00:00 10:00:02:00
* FROM CLIP NAME: night.mov
002  A001     V     C        {second} 10:00:02:00 10:00:04:00
* FROM CLIP NAME: night.mov
"""


@pytest.mark.parametrize(
    ("rate", "mode", "timecode"),
    [
        (F(25), "NON-DROP FRAME", "23:59:58:00"),
        (F(24000, 1001), "NON-DROP FRAME", "23:59:58:00"),
        (F(30000, 1001), "DROP FRAME", "23:59:58;00"),
    ],
)
def test_a_recording_that_runs_over_midnight_goes_on(
    tmp_path: Path, rate: Fraction, mode: str, timecode: str
) -> None:
    """Of a clip across it, and of one after it."""
    nominal = round(rate)
    write_numbered_video(tmp_path / "night.mov", rate, 6 * nominal, timecode)
    text = OVER_MIDNIGHT.format(mode=mode, first="23:59:59:00 00:00:01:00", second="00:00:02:00 00:00:04:00")
    cut = read(text, tmp_path, str(rate))
    in_media = [(fraction(each.source_in) * rate, fraction(each.source_out) * rate) for each in cut.clips]
    assert in_media == [(nominal, 3 * nominal), (4 * nominal, 6 * nominal)]
    assert all(each.eligible for each in cut.clips) and cut.notices == []


def test_a_recording_that_ends_before_midnight_is_counted_from_zero_after_it(tmp_path: Path) -> None:
    write_numbered_video(tmp_path / "night.mov", F(25), 100, "23:59:50:00")
    text = OVER_MIDNIGHT.format(
        mode="NON-DROP FRAME", first="23:59:50:00 23:59:52:00", second="00:00:01:00 00:00:03:00"
    )
    cut = read(text, tmp_path, "25")
    assert [fraction(each.source_in) for each in cut.clips] == [0, 1]
    assert "from zero" in cut.notices[0]


def test_a_cut_that_runs_over_midnight_goes_on(tmp_path: Path) -> None:
    lines = EDL.replace("10:00:00:00 10:00:02:00", "23:59:59:00 00:00:01:00").replace("10:00:0", "00:00:0")
    cut = read(lines, tmp_path, "25")
    assert fraction(cut.start) == 24 * 3600 - 1
    assert [place[:3] for place in places(cut)] == [("walk.mov", 0, 50), ("door.mov", 100, 150)]


def test_a_source_that_runs_backwards_is_not_taken_for_midnight(tmp_path: Path) -> None:
    with pytest.raises(TimelineUnreadable):
        read(EDL.replace("01:00:00:00 01:00:02:00", "01:00:02:00 01:00:00:00"), tmp_path, "25")
