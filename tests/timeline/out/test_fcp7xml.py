"""FCP7 XML, read back by OpenTimelineIO's own adapter and by a plain XML parser."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

from foley_plugin.nle.xml_text import file_url

from ..building import clip, ramp, saved, time_range, timeline, track
from .cuts import NTSC_24, STANDARDS, MadeCut, Standard, export, make_cut, make_take, with_dissolve

HALF = Fraction(1, 2)


@pytest.fixture(params=STANDARDS.values(), ids=list(STANDARDS))
def made(request: pytest.FixtureRequest, tmp_path: Path) -> MadeCut:
    return make_cut(tmp_path, request.param)


def written(made: MadeCut, folder: Path, **more: Any) -> Path:
    takes = [
        make_take(folder, made.standard, 30, 50, click_s=HALF, name="take_0001.wav", **more),
        make_take(folder, made.standard, 60, 50, click_s=HALF, name="take_0002.wav", num_channels=2),
    ]
    target = folder / "out.xml"
    assert export(made.path, target, takes, "fcp7xml").path == str(target)
    return target


def by_the_adapter(path: Path) -> Any:
    return otio.adapters.read_from_string(path.read_text(encoding="utf-8"), "fcp_xml")


def seats(track: Any) -> list[tuple[float, float, float]]:
    """Record in, source in, duration, in frames."""
    return [
        (c.range_in_parent().start_time.value, c.source_range.start_time.value, c.source_range.duration.value)
        for c in track
        if isinstance(c, otio.schema.Clip)
    ]


def test_the_adapter_finds_every_clip_where_it_was(made: MadeCut, tmp_path: Path) -> None:
    cut = by_the_adapter(written(made, tmp_path))
    start = made.media_start
    assert cut.global_start_time.value == made.standard.one_hour
    picture, room, foley, stereo = cut.tracks
    # At 50 % the in-point is frame 20 of the media, frame 40 of it retimed; reversed, 124 of 200 from its end.
    assert seats(picture) == [
        (0, start + 10, 48),
        (60, start + 40, 40),
        (100, start + 76, 24),
        (124, start + 64, 36),
    ]
    assert seats(room) == [(0, 5, 48)]
    assert seats(foley) == [(30, 12, 50)]
    assert seats(stereo) == [(60, 12, 50)]
    take = next(iter(foley.find_clips()))
    assert take.media_reference.target_url == file_url(str(tmp_path / "take_0001.wav"), host="localhost")
    assert take.media_reference.available_range.start_time.value == 0


def items(path: Path) -> tuple[ET.Element, list[ET.Element]]:
    sequence = ET.parse(path).getroot().find("sequence")
    assert sequence is not None
    return sequence, sequence.findall("media/*/track/clipitem")


def text(element: ET.Element, way: str) -> str:
    found = element.findtext(way)
    assert found is not None, way
    return found


def test_timecodes_rates_and_formats_are_the_medias_own(made: MadeCut, tmp_path: Path) -> None:
    sequence, clips = items(written(made, tmp_path))
    is_drop = made.standard.drop_frame
    code = "01:00:00;00" if is_drop else "01:00:00:00"
    assert text(sequence, "timecode/string") == code
    assert text(sequence, "timecode/frame") == str(made.standard.one_hour)
    assert text(sequence, "timecode/displayformat") == ("DF" if is_drop else "NDF")
    assert text(sequence, "rate/ntsc") == "TRUE"
    assert text(sequence, "rate/timebase") == ("30" if is_drop else "24")
    assert text(sequence, "media/video/format/samplecharacteristics/width") == "64"
    file = clips[0].find("file")
    assert file is not None
    assert text(file, "timecode/frame") == str(made.media_start)
    assert text(file, "timecode/string") == code.replace("01:", "02:")
    assert text(file, "pathurl").endswith("/shot%20%231%2050%25.mov")
    assert text(file, "media/video/samplecharacteristics/height") == "16"


def test_stereo_is_exploded_and_linked_as_premiere_wants_it(made: MadeCut, tmp_path: Path) -> None:
    sequence, clips = items(written(made, tmp_path))
    tracks = sequence.findall("media/audio/track")
    exploded = [
        (t.get("premiereTrackType"), t.get("totalExplodedTrackCount"), t.get("currentExplodedTrackIndex"))
        for t in tracks
    ]
    stereo = [("Stereo", "2", "0"), ("Stereo", "2", "1")]
    assert exploded == [*stereo, ("Mono", "1", "0"), *stereo]
    halves = [track.find("clipitem") for track in tracks[3:]]
    channels, links = [], []
    for half in halves:
        assert half is not None
        channels.append(text(half, "sourcetrack/trackindex"))
        links.append([link.findtext("linkclipref") for link in half.findall("link")])
    assert channels == ["1", "2"]
    assert links == [[half.get("id") for half in halves if half is not None]] * 2
    ids = [clip.get("id") for clip in clips]
    assert len(set(ids)) == len(ids)
    # Picture and room tone share a link group, so both halves of the sound are linked to the picture.
    assert [link.findtext("mediatype") for link in clips[0].findall("link")] == ["video", "audio", "audio"]


def test_a_file_is_told_once_and_named_after_that(made: MadeCut, tmp_path: Path) -> None:
    _, clips = items(written(made, tmp_path))
    told: dict[str, int] = {}
    for each in clips:
        file = each.find("file")
        assert file is not None
        told[file.get("id", "")] = told.get(file.get("id", ""), 0) + (file.find("pathurl") is not None)
    assert told == dict.fromkeys(["file-1", "file-2", "file-3", "file-4"], 1)


def parameters(clip: ET.Element) -> Iterator[tuple[str, str]]:
    for parameter in clip.iterfind("filter/effect/parameter"):
        yield text(parameter, "parameterid"), text(parameter, "value")


def test_speeds_are_told_to_those_who_read_them(made: MadeCut, tmp_path: Path) -> None:
    _, clips = items(written(made, tmp_path))
    speeds = [dict(parameters(clip)) for clip in clips[:4]]
    assert [(s.get("speed"), s.get("reverse")) for s in speeds] == [
        (None, None),
        ("50", "FALSE"),
        ("100", "TRUE"),
        (None, None),
    ]
    assert text(clips[1], "duration") == "400"


def test_hits_are_marked_on_the_timeline(made: MadeCut, tmp_path: Path) -> None:
    cut = by_the_adapter(written(made, tmp_path, hit_frames=[20, 5, 70]))
    assert [(m.name, m.marked_range.start_time.value) for m in cut.tracks.markers] == [("hit", 38)]


def test_a_dissolve_reaches_over_the_cut_on_both_sides(tmp_path: Path) -> None:
    made = make_cut(tmp_path, NTSC_24)
    path = saved(with_dissolve(made), tmp_path, "dissolve.otio")
    export(path, tmp_path / "out.xml", [], "fcp7xml")
    picture = by_the_adapter(tmp_path / "out.xml").tracks[0]
    left, transition, right = picture
    assert (transition.in_offset.value, transition.out_offset.value) == (5, 5)
    assert left.source_range.start_time.value == made.media_start + 20
    assert (left.source_range.duration.value, right.source_range.duration.value) == (40, 40)
    assert right.source_range.start_time.value == made.media_start + 100


@pytest.mark.parametrize("standard", STANDARDS.values(), ids=list(STANDARDS))
def test_a_ramp_is_cut_into_speeds_that_show_the_same_frames(tmp_path: Path, standard: Standard) -> None:
    made = make_cut(tmp_path, standard)
    rate = standard.written
    available = time_range(made.media_start, 200, rate)
    keys = [[0.0, 0.0], [1.0, 0.5], [2.0, 2.5]]
    source = time_range(made.media_start, 40, rate)
    shot = clip("ramp.mov", source, url=str(made.movie), available=available, effects=[ramp(keys)])
    path = saved(timeline(track(shot)), tmp_path, "ramp.otio")
    findings = export(path, tmp_path / "out.xml", [], "fcp7xml").findings
    assert any("cut into clips of one speed" in found.what for found in findings)
    _, (slow, fast) = items(tmp_path / "out.xml")
    turn = round(standard.rate)
    assert (text(slow, "start"), text(slow, "end")) == ("0", str(turn))
    assert (text(fast, "start"), text(fast, "end")) == (str(turn), "40")
    assert float(dict(parameters(slow))["speed"]) == pytest.approx(50, abs=0.2)
    assert float(dict(parameters(fast))["speed"]) == pytest.approx(200, abs=3)
