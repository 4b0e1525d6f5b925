"""Picking clips: by name, by place, by timecode, or what is seen."""

from __future__ import annotations

from fractions import Fraction

import pytest

from engine.protocol import Span, rational
from foley_plugin.timeline.errors import SelectionError
from foley_plugin.timeline.records import ClipRecord, CutRecord
from foley_plugin.timeline.selection import Selected, left_out, select


def seen(track: str, index: int, start: int, end: int, **more: object) -> ClipRecord:
    fields: dict[str, object] = {
        "name": f"{track}-{index}.mov",
        "source_in": (0, 1),
        "source_out": (end - start, 1),
        "media": "/m.mov",
        "eligible": True,
        "reason": None,
        "layer": int(track[1:]),
    }
    return ClipRecord(
        track=track,
        index=index,
        record_in=(start, 1),
        record_out=(end, 1),
        spans=[Span((end - start, 1), (0, 1))],
        **(fields | more),  # type: ignore[arg-type]
    )


def cut(*clips: ClipRecord, rate: Fraction = Fraction(25), start: Fraction = Fraction(0)) -> CutRecord:
    return CutRecord(
        path="/cut.otio",
        name="cut",
        rate=rational(rate),
        start=rational(start),
        drop_frame=False,
        duration=(100, 1),
        tracks=[],
        clips=list(clips),
        notices=[],
        source_sha256="",
    )


def told(selected: list[Selected]) -> list[tuple[str, Fraction, Fraction]]:
    return [(f"{each.clip.track}:{each.clip.index}", each.record_in, each.record_out) for each in selected]


def test_all_means_the_topmost_clip_at_each_moment() -> None:
    record = cut(seen("V1", 1, 0, 10), seen("V1", 2, 10, 20), seen("V2", 1, 4, 6), seen("V3", 1, 15, 30))
    assert told(select(record)) == [
        ("V1:1", 0, 4),
        ("V2:1", 4, 6),
        ("V1:1", 6, 10),
        ("V1:2", 10, 15),
        ("V3:1", 15, 30),
    ]


def test_disabled_clips_and_titles_cover_nothing_and_offline_ones_do() -> None:
    disabled = seen("V2", 1, 0, 4, eligible=False, enabled=False, reason="off.")
    title = seen("V2", 2, 4, 6, eligible=False, kind="title", reason="title.")
    offline = seen("V2", 3, 6, 8, eligible=False, reason="offline.")
    assert told(select(cut(seen("V1", 1, 0, 10), disabled, title, offline))) == [
        ("V1:1", 0, 6),
        ("V1:1", 8, 10),
    ]


def test_what_is_left_out_is_what_is_seen_and_wrong() -> None:
    offline: dict[str, object] = {"eligible": False, "reason": "offline."}
    record = cut(
        seen("V1", 1, 0, 10, **offline),  # seen up to 4
        seen("V1", 2, 10, 20),
        seen("V1", 3, 20, 30, **offline),  # covered
        seen("V1", 4, 40, 50, **offline, name="twice.mov"),
        seen("V1", 5, 50, 60, name="twice.mov"),
        seen("V2", 1, 4, 10),
        seen("V2", 2, 20, 30),
        seen("V3", 1, 60, 62, **offline, enabled=False),
        seen("V3", 2, 62, 64, **offline, kind="title"),
        seen("V3", 3, 64, 66, **offline, is_still=True),
    )

    def places(**limits: str) -> list[str]:
        return [f"{each.track}:{each.index}" for each in left_out(record, **limits)]

    assert places() == ["V1:1", "V1:4"]
    assert places(in_tc="00:00:04:00") == ["V1:4"]
    assert places(out_tc="00:00:40:00") == ["V1:1"]
    picked = left_out(record, clips=["twice.mov", "V1:4", "V1:3"])
    assert [each.index for each in picked] == [4, 3]
    assert [each.index for each in left_out(record, clips=["V1:5"])] == []


def test_clips_that_dissolve_into_each_other_are_both_whole() -> None:
    assert told(select(cut(seen("V1", 1, 0, 10), seen("V1", 2, 8, 20)))) == [("V1:1", 0, 10), ("V1:2", 8, 20)]


def test_picked_clips_are_made_though_covered() -> None:
    record = cut(seen("V1", 1, 0, 10), seen("V2", 1, 0, 10))
    assert told(select(record)) == [("V2:1", 0, 10)]
    assert told(select(record, clips=["V1:1"])) == [("V1:1", 0, 10)]


def test_names_pick_every_clip_that_bears_them_once() -> None:
    record = cut(
        seen("V1", 1, 0, 10, name="a.mov"),
        seen("V1", 2, 10, 20, name="b.mov"),
        seen("V2", 1, 30, 40, name="a.mov"),
    )
    assert told(select(record, clips=["a.mov", "V1:1", "v1:1"])) == [("V1:1", 0, 10), ("V2:1", 30, 40)]
    assert told(select(record, clips=["B.MOV"])) == [("V1:2", 10, 20)]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("c.mov", "no clip “c.mov” in the cut; it has “a.mov”"),
        ("V1:2", "no V1:2 in the cut; V1 has one clip"),
        ("V7:1", "no clips on V7 in the cut; tracks with clips: V1"),
        ("V1:0", "no V1:0"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(wanted: str, words: str) -> None:
    with pytest.raises(SelectionError, match=words):
        select(cut(seen("V1", 1, 0, 10, name="a.mov")), clips=[wanted])


def test_picked_clips_that_cannot_be_made_say_why() -> None:
    record = cut(seen("V1", 1, 0, 10, eligible=False, reason="It is a title."), seen("V1", 2, 10, 20))
    with pytest.raises(SelectionError, match="It is a title"):
        select(record, clips=["V1:1"])


def test_nothing_to_make_says_why() -> None:
    with pytest.raises(SelectionError, match="no video clip"):
        select(cut())
    off = [seen("V1", number, 0, 10, eligible=False, reason=f"Reason {number}.") for number in (1, 2)]
    with pytest.raises(SelectionError, match=r"None of the 2 clips can get foley; the first: Reason 1\."):
        select(cut(*off))


def test_the_range_trims_clips_in_absolute_timecode() -> None:
    record = cut(seen("V1", 1, 0, 10), seen("V1", 2, 10, 20), start=Fraction(3600))
    assert told(select(record, in_tc="01:00:05:05", out_tc="01:00:12:00")) == [
        ("V1:1", Fraction(26, 5), 10),
        ("V1:2", 10, 12),
    ]
    assert told(select(record, clips=["V1:2"], in_tc="01:00:05:00")) == [("V1:2", 10, 20)]
    assert told(select(record, out_tc="01:00:02:00")) == [("V1:1", 0, 2)]


def test_drop_frame_timecode_is_real_time() -> None:
    rate = Fraction(30000, 1001)
    record = cut(seen("V1", 1, 0, 90), rate=rate, start=107892 / rate)
    ((_, start, end),) = told(select(record, in_tc="01:00:59;28", out_tc="01:01:00;03"))
    assert (start, end) == (1798 / rate, 1801 / rate)


@pytest.mark.parametrize(
    ("in_tc", "out_tc", "words"),
    [
        ("00:00:05:00", None, "outside the timeline, which runs from 01:00:00:00 to 01:01:40:00"),
        (None, "02:00:00:00", "outside the timeline"),
        ("01:00:10:00", "01:00:05:00", "before it begins"),
        ("01:01:00:00", "01:01:10:00", "in the in/out range"),
        ("noon", None, "not a timecode"),
    ],
)
def test_ranges_that_hold_nothing_say_so(in_tc: str | None, out_tc: str | None, words: str) -> None:
    record = cut(seen("V1", 1, 0, 10), start=Fraction(3600))
    with pytest.raises(SelectionError, match=words):
        select(record, in_tc=in_tc, out_tc=out_tc)
