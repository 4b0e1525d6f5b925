"""The cue sheet and the markers: what an editor reads, and what a spreadsheet must not run."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from fractions import Fraction
from html.parser import HTMLParser

import opentimelineio as otio
import pytest

from engine.protocol import ImageSequence
from foley_plugin.jobs.meant import meant_takes
from foley_plugin.services.delivery.cue_page import html_page
from foley_plugin.services.delivery.cue_sheet import COLUMNS, csv_sheet
from foley_plugin.services.delivery.cues import CueList, cue_list, reel_of
from foley_plugin.services.delivery.markers import csv_markers, edl_markers
from foley_plugin.takes.store import Store

from .small_project import NTSC, clip_at, cut_of, make_take, renamed


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


class Page(HTMLParser):
    """The words of each row, and every tag."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.feed(content.decode("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag == "tr":
            self.rows.append([])

    def handle_data(self, data: str) -> None:
        if self.rows and data.strip():
            self.rows[-1].append(data.strip())


@pytest.fixture
def drop_frame_cues(store: Store) -> CueList:
    """29.97 drop-frame over a minute's edge, with hits on both sides of it."""
    clip = clip_at(1, 1790, 60, NTSC, name='=cmd|" /C calc"!A0 <b>.mov')
    cut = cut_of(clip, rate=NTSC, start_frames=107892, drop_frame=True, frames=1850)
    job = make_take(store, cut, clip, "hammer", [0.0, float(10 / NTSC), 1.0, 1.01, 5.0])
    store.cue_book.set_note(job.cue.id, "+softer,\nplease | thanks")
    return cue_list(cut, meant_takes(store, cut), store.cue_book.notes())


def test_the_table_says_where_what_and_how_often(cues: CueList) -> None:
    content = csv_sheet(cues)
    assert content.startswith(b"\xef\xbb\xbfCue,In,Out")
    rows = table(content)
    assert [row["Cue"] for row in rows] == ["1", "2", "3", "4"]
    assert list(rows[0]) == list(COLUMNS)
    assert rows[1] == {
        "Cue": "2",
        "In": "01:00:03:00",
        "Out": "01:00:05:00",
        "Seconds": "2.00",
        "Family": "Footsteps",
        "Label": "footstep_wood",
        "Track": "FOLEY – Footsteps",
        "Clip": "shot_2.mov",
        "Reel": "reel_2.mov",
        "Hits": "3",
        "Hit timecodes": "01:00:03:05 01:00:03:17 01:00:04:05",
        "Take": "shot-2_footstep-wood_0002.wav",
        "Seed": "0",
        "Note": "",
    }


def test_drop_frame_counts_as_the_editor_does(drop_frame_cues: CueList) -> None:
    (row,) = table(csv_sheet(drop_frame_cues))
    assert (row["In"], row["Out"]) == ("01:00:59;20", "01:01:01;22")
    assert row["Hit timecodes"].split() == ["01:00:59;20", "01:01:00;02", "01:01:00;21", "01:01:00;22"]


def test_no_cell_is_a_formula_and_every_row_is_one_line(drop_frame_cues: CueList) -> None:
    for content in (csv_sheet(drop_frame_cues), csv_markers(drop_frame_cues)):
        for row in table(content):
            assert not any(value.lstrip()[:1] in ("=", "+", "-", "@") for value in row.values())
            assert row["Clip"].startswith("'=cmd") and row["Note"] == "'+softer, please | thanks"
        assert content.count(b"\r\n") == len(table(content)) + 1


def test_the_page_says_the_same_and_fetches_nothing(drop_frame_cues: CueList) -> None:
    content = html_page(renamed_list(drop_frame_cues, "<script>alert(1)</script> Reel"), date(2026, 3, 4))
    page = Page(content)
    assert (
        "script" not in page.tags
        and page.addresses == []
        and b"url(" not in content
        and b"@import" not in content
    )
    heading, row = page.rows
    assert heading[:4] == ["Cue", "In", "Out", "Length"]
    assert row[:3] == ["1", "01:00:59;20", "01:01:01;22"]
    assert {"hammer", "Impacts", '=cmd|" /C calc"!A0 <b>.mov', "4", "FOLEY – Impacts, seed 0"} <= set(row)
    assert content.count(b'<path d="M') == 5
    assert b"://" not in content


def test_a_page_of_many_cues_has_a_row_for_each(cues: CueList) -> None:
    assert len(Page(html_page(cues, date(2026, 3, 4))).rows) == 5


def test_markers_are_read_by_an_edl_reader_at_their_frames(cues: CueList) -> None:
    text = edl_markers(cues).decode("utf-8")
    assert text.splitlines()[:2] == ["TITLE: Reel 1", "FCM: NON-DROP FRAME"]
    timeline = otio.adapters.read_from_string(text, "cmx_3600", rate=24)
    starts = [
        clip.transformed_time_range(clip.trimmed_range(), timeline.tracks).start_time.to_frames()
        for clip in timeline.find_clips()
    ]
    origin = timeline.global_start_time.to_frames() if timeline.global_start_time else 0
    hits = sorted({hit.frame for line in cues.lines for hit in line.hits})
    assert [origin + start for start in starts] == hits
    assert hits[0] == 86400 + 11


def test_a_marker_has_the_form_that_resolve_writes(drop_frame_cues: CueList) -> None:
    lines = edl_markers(drop_frame_cues).decode("utf-8").split("\r\n")
    assert lines[1] == "FCM: DROP FRAME"
    assert lines[3] == "001  001      V     C        01:00:59;20 01:00:59;21 01:00:59;20 01:00:59;21  "
    assert lines[4] == "+softer, please / thanks |C:ResolveColorRed |M:hammer 1.1 |D:1"
    assert re.fullmatch(r"002  001 +V +C +01:01:00;02 01:01:00;03 01:01:00;02 01:01:00;03 +", lines[6])


def test_two_hits_in_one_frame_are_one_marker_and_two_rows(store: Store) -> None:
    rate = Fraction(25)
    clip = clip_at(1, 0, 50, rate)
    cut = cut_of(clip, rate=rate)
    make_take(store, cut, clip, "hammer", [0.5, 0.51, 1.5])
    cues = cue_list(cut, meant_takes(store, cut), {})
    assert edl_markers(cues).decode().count("|M:") == 2
    assert [row["Timecode"] for row in table(csv_markers(cues))] == [
        "00:00:00:12",
        "00:00:00:12",
        "00:00:01:12",
    ]


def renamed_list(cues: CueList, name: str) -> CueList:
    return CueList(renamed(cues.cut, name), cues.lines)


def test_the_reel_of_an_image_sequence_is_what_its_images_are_called() -> None:
    images = ImageSequence("/shots/sh [2]/plate.", ".exr", 1001, 1099, 4, Fraction(24))
    assert reel_of(images.media) == "plate.[1001-1099].exr"
    assert reel_of("C:\\footage\\reel_2.mov") == "reel_2.mov"
