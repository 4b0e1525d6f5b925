"""What every format that is written anew must keep of a cut, read back by the reader itself."""

from __future__ import annotations

import warnings
import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from engine.protocol import fraction
from foley_plugin.timeline.document import read_document
from foley_plugin.timeline.errors import BadTime
from foley_plugin.timeline.preflight.findings import Severity
from foley_plugin.timeline.read import cut_record
from foley_plugin.timeline.records import CutRecord

from ..building import (
    Json,
    clip,
    dissolve,
    freeze,
    gap,
    images_reference,
    saved,
    stack,
    time,
    time_range,
    timeline,
    track,
    warp,
)
from ..formats.cuts import fcpxml
from ..numbered_video import write_numbered_video
from .cuts import NTSC_24, NTSC_30_DROP, MadeCut, export, make_cut, make_take

SUFFIXES = {"fcp7xml": ".xml", "fcpxml": ".fcpxml", "aaf": ".aaf"}
WRITTEN_ANEW = list(SUFFIXES)
XML = ["fcp7xml", "fcpxml"]
RATE = NTSC_24.written


@pytest.fixture
def made(tmp_path: Path) -> MadeCut:
    return make_cut(tmp_path, NTSC_24)


def read_back(source: Path, target: str, takes: list[Any] | None = None) -> CutRecord:
    path = source.with_name(f"out{SUFFIXES[target]}")
    assert export(source, path, takes or [], target).path == str(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the AAF adapter's own
        return cut_record(path)


def picture(cut: CutRecord) -> list[tuple[str, Fraction, Fraction]]:
    """Names, record in and record out in frames, sound left out."""
    rate = fraction(cut.rate)
    return [(c.name, fraction(c.record_in) * rate, fraction(c.record_out) * rate) for c in cut.clips]


@pytest.mark.parametrize("target", WRITTEN_ANEW)
@pytest.mark.parametrize("count", ["DF", "NDF"])
def test_a_cut_that_starts_at_zero_keeps_its_way_of_counting(
    made: MadeCut, tmp_path: Path, target: str, count: str
) -> None:
    spine = f"""<asset-clip ref="a9" name="a" offset="0s" start="0s" duration="100100/30000s" tcFormat="{count}"/>"""
    asset = f"""<asset id="a9" name="a" src="{made.movie.as_uri()}" start="0s" duration="200200/30000s"
        format="r3" hasVideo="1"/>"""
    sequence = f'format="r3" tcStart="0s" tcFormat="{count}"'
    source = tmp_path / "source.fcpxml"
    source.write_text(fcpxml(spine, resources=asset, sequence=sequence))
    assert cut_record(source).drop_frame is (count == "DF")
    take = make_take(tmp_path, NTSC_30_DROP, 10, 30, click_s=Fraction(1, 2))
    if target == "aaf":
        assert drop_flag_of(source, tmp_path / "out.aaf", [take]) is (count == "DF")
    else:
        assert read_back(source, target, [take]).drop_frame is (count == "DF")


def drop_flag_of(source: Path, target: Path, takes: list[Any]) -> bool:
    """What the composition's timecode says, by pyaaf2."""
    import aaf2

    assert export(source, target, takes, "aaf").path is not None
    with aaf2.open(str(target)) as file:
        (composition,) = file.content.toplevel()
        codes = [s.segment for s in composition.slots if type(s.segment).__name__ == "Timecode"]
        return bool(codes[0]["Drop"].value)


@pytest.mark.parametrize("target", WRITTEN_ANEW)
def test_media_over_midnight_keep_their_pictures(tmp_path: Path, target: str) -> None:
    """A clip across it, and one after it that counts from zero again, as lists do."""
    film = write_numbered_video(tmp_path / "night.mov", NTSC_24.rate, 6 * 24, "23:59:58:00")
    day = 24 * NTSC_24.one_hour
    across = clip("across.mov", time_range(day - 24, 48, RATE), url=str(film))
    after = clip("after.mov", time_range(2 * 24, 24, RATE), url=str(film))
    root = timeline(track(across, after), start=time(NTSC_24.one_hour, RATE))
    source = saved(root, tmp_path, "source.otio")
    cut = read_back(source, target, [make_take(tmp_path, NTSC_24, 10, 30, click_s=Fraction(1, 2))])
    for read in (cut_record(source), cut):
        frames = [
            (fraction(c.source_in) * NTSC_24.rate, fraction(c.source_out) * NTSC_24.rate) for c in read.clips
        ]
        assert frames == [(24, 72), (96, 120)]


@pytest.mark.parametrize("target", WRITTEN_ANEW)
def test_a_clip_without_ranges_is_as_long_as_its_media(made: MadeCut, tmp_path: Path, target: str) -> None:
    whole = clip("whole.mov", None, url=str(made.movie))
    after = clip("after.mov", time_range(made.media_start + 10, 24, RATE), url=str(made.movie))
    room = clip("room.wav", None, url=str(made.sound))
    later = clip("later.wav", time_range(0, 24, RATE), url=str(made.sound))
    sounds = track(room, later, kind="Audio")
    source = saved(timeline(track(whole, after), sounds, start=time(0, RATE)), tmp_path, "source.otio")
    take = make_take(tmp_path, NTSC_24, 210, 10, click_s=Fraction(1, 10))
    before, cut = cut_record(source), read_back(source, target, [take])
    edges = [(start, end) for _, start, end in picture(before)]
    assert edges == [(0, 200), (200, 224)]
    assert [(start, end) for _, start, end in picture(cut)] == edges
    assert [(c.source_in, c.source_out) for c in cut.clips] == [
        (c.source_in, c.source_out) for c in before.clips
    ]
    heard = next(t for t in cut.tracks if t.kind == "audio").items
    frames = [fraction(item.record_in) * NTSC_24.rate for item in heard]
    assert frames == [0, round(8 * NTSC_24.rate)]


@pytest.mark.parametrize("target", XML)
def test_images_without_ranges_keep_their_place(made: MadeCut, tmp_path: Path, target: str) -> None:
    """They are left out, as the preflight says; what follows stays where it was."""
    write_images(tmp_path, 36)
    images = clip("images", None, reference=images_reference(str(tmp_path), RATE))
    after = clip("after.mov", time_range(made.media_start, 24, RATE), url=str(made.movie))
    source = saved(timeline(track(images, after), start=time(0, RATE)), tmp_path, "source.otio")
    assert picture(cut_record(source))[1:] == picture(read_back(source, target)) == [("after.mov", 36, 60)]


def write_images(folder: Path, count: int) -> None:
    from PIL import Image

    for number in range(count):
        Image.new("RGB", (16, 16), (number, 0, 0)).save(folder / f"a.{number + 1:04d}.png")


@pytest.mark.parametrize("target", WRITTEN_ANEW)
def test_a_clip_whose_length_nobody_knows_is_refused(made: MadeCut, tmp_path: Path, target: str) -> None:
    """By the words of the reader, which does not place what follows such a picture either."""
    lost = clip("gone.wav", None, url="/nowhere/gone.wav")
    shot = clip("shot.mov", time_range(made.media_start, 48, RATE), url=str(made.movie))
    source = saved(timeline(track(shot), track(lost, kind="Audio")), tmp_path, "source.otio")
    path = tmp_path / f"out{SUFFIXES[target]}"
    with pytest.raises(BadTime, match=r"“gone.wav” \(A1:1\) has no source range"):
        export(source, path, [], target)
    assert not path.exists()


def flags(root: ET.Element) -> list[tuple[str | None, list[str | None]]]:
    """Each track's own flag and those of its clips."""
    tracks = root.findall("sequence/media/video/track")
    return [(t.findtext("enabled"), [c.findtext("enabled") for c in t.findall("clipitem")]) for t in tracks]


def test_the_clips_of_a_disabled_track_keep_their_own_flags(made: MadeCut, tmp_path: Path) -> None:
    def shot(**more: Any) -> Json:
        return clip("shot.mov", time_range(made.media_start, 24, RATE), url=str(made.movie), **more)

    nest = stack(track(shot()), track(shot(), enabled=False))
    root = timeline(track(shot(), shot(enabled=False), nest, enabled=False), track(shot()))
    source = saved(root, tmp_path, "source.otio")
    export(source, tmp_path / "out.xml", [], "fcp7xml")
    assert flags(ET.parse(tmp_path / "out.xml").getroot()) == [
        ("FALSE", ["TRUE", "FALSE", "TRUE"]),
        ("FALSE", ["FALSE"]),
        ("TRUE", ["TRUE"]),
    ]
    reasons = [c.eligible for c in cut_record(tmp_path / "out.xml").clips]
    assert reasons == [False] * 4 + [True]
    found = export(source, tmp_path / "out.aaf", [], "aaf").findings
    assert sum("disabled" in each.what for each in found) == 4


WITHOUT_NEIGHBOUR = {
    "fade in at the head": [dissolve(0, 12, RATE), "shot"],
    "fade in from a gap": [gap(24, RATE), dissolve(0, 12, RATE), "shot"],
    "fade out at the end": ["shot", dissolve(12, 0, RATE)],
    "fade out to a gap": ["shot", dissolve(12, 0, RATE), gap(24, RATE), "shot"],
}
WITH_NEIGHBOUR = {
    "ends at the cut": ["shot", dissolve(12, 0, RATE), "shot"],
    "begins at the cut": ["shot", dissolve(0, 12, RATE), "shot"],
    "around the cut": ["shot", dissolve(6, 6, RATE), "shot"],
    "into a reversed clip": ["shot", dissolve(6, 6, RATE), "reversed"],
    "out of a reversed clip": ["reversed", dissolve(6, 6, RATE), "shot"],
}
CARRIED = WITHOUT_NEIGHBOUR | WITH_NEIGHBOUR


def with_shots(made: MadeCut, *items: Json | str, kind: str = "Video") -> Json:
    """A track in which words stand for clips with media on either side."""

    def shot(number: int, word: str) -> Json:
        effects = [warp(-1.0)] if word == "reversed" else []
        first = made.media_start + (190 if word == "at the end" else 60)
        length = 10 if word == "at the end" else 48
        return clip(
            f"{number}.mov",
            time_range(first, length, RATE),
            url=str(made.movie),
            available=time_range(made.media_start, 200, RATE),
            effects=[freeze()] if word == "frozen" else effects,
        )

    return track(
        *(shot(n, each) if isinstance(each, str) else each for n, each in enumerate(items)), kind=kind
    )


def transitions_of(path: Path) -> list[tuple[int, float, float]]:
    """Place on the lowest track, in offset, out offset, as the reader converts them."""
    children = read_document(path).root["tracks"]["children"][0]["children"]
    return [
        (n, round(each["in_offset"]["value"]), round(each["out_offset"]["value"]))
        for n, each in enumerate(children)
        if each["OTIO_SCHEMA"].startswith("Transition")
    ]


@pytest.mark.parametrize("target", XML)
@pytest.mark.parametrize("items", CARRIED.values(), ids=list(CARRIED))
def test_transitions_arrive_where_they_were(
    made: MadeCut, tmp_path: Path, target: str, items: list[Json | str]
) -> None:
    source = saved(timeline(with_shots(made, *items), start=time(0, RATE)), tmp_path, "source.otio")
    path = tmp_path / f"out{SUFFIXES[target]}"
    assert export(source, path, [], target).findings == []
    assert transitions_of(path) == transitions_of(source)
    before, after = cut_record(source), cut_record(path)
    assert picture(before) == picture(after)
    assert [c.spans for c in before.clips] == [c.spans for c in after.clips]


LOST: dict[str, tuple[list[Json | str], str]] = {
    "straddles its clip's edge": ([gap(24, RATE), dissolve(6, 6, RATE), "shot"], "becomes a cut"),
    "no media beyond the cut": (["at the end", dissolve(0, 12, RATE), "shot"], "becomes a cut"),
    "too little media": (["shot", dissolve(80, 0, RATE), "shot"], "becomes 32 frames shorter"),
    "a frozen frame": (["frozen", dissolve(6, 6, RATE), "shot"], "becomes a cut"),
    "between nests": (
        [stack(track(gap(24, RATE))), dissolve(6, 6, RATE), stack(track(gap(24, RATE)))],
        "becomes a cut",
    ),
    "a wipe": (
        ["shot", dissolve(6, 6, RATE) | {"transition_type": "Custom_Transition"}, "shot"],
        "becomes a cross dissolve",
    ),
}


@pytest.mark.parametrize("target", XML)
@pytest.mark.parametrize(("items", "words"), LOST.values(), ids=list(LOST))
def test_transitions_that_are_lost_or_changed_are_named(
    made: MadeCut, tmp_path: Path, target: str, items: list[Json | str], words: str
) -> None:
    source = saved(timeline(with_shots(made, *items), start=time(0, RATE)), tmp_path, "source.otio")
    found = export(source, tmp_path / f"out{SUFFIXES[target]}", [], target).findings
    (told,) = [each for each in found if "transition" in each.what]
    assert words in told.what and told.severity is Severity.WARNING


def test_transitions_that_fcpxml_has_no_place_for_are_named(made: MadeCut, tmp_path: Path) -> None:
    items = ["shot", dissolve(6, 6, RATE), "shot"]
    tracks = [with_shots(made, "shot"), with_shots(made, *items), with_shots(made, *items, kind="Audio")]
    source = saved(timeline(*tracks, start=time(0, RATE)), tmp_path, "source.otio")
    words = [each.what for each in export(source, tmp_path / "out.fcpxml", [], "fcpxml").findings]
    assert [each.split(")")[0][-4:] for each in words if "becomes a cut" in each] == ["V2:2", "A1:2"]
    assert export(source, tmp_path / "out.xml", [], "fcp7xml").findings == []
    root = ET.parse(tmp_path / "out.xml").getroot()
    kinds = [each.findtext("effect/mediatype") for each in root.iter("transitionitem")]
    assert kinds == ["video", "audio", "audio"]  # both halves of the sound


def marker(name: str, frame: int, length: int = 1) -> Json:
    return {
        "OTIO_SCHEMA": "Marker.2",
        "metadata": {},
        "name": name,
        "color": "RED",
        "marked_range": time_range(frame, length, RATE),
    }


def test_markers_of_clips_arrive_on_their_frames(made: MadeCut, tmp_path: Path) -> None:
    start = made.media_start
    source_range, marks = time_range(start + 20, 48, RATE), [marker("fix me", start + 30)]
    shot = clip("a.mov", source_range, url=str(made.movie), markers=[*marks, marker("unseen", start)])
    slow = clip("b.mov", source_range, url=str(made.movie), markers=marks, effects=[warp(0.5)])
    source = saved(timeline(track(shot, slow), start=time(0, RATE)), tmp_path, "source.otio")
    for target in XML:
        assert export(source, tmp_path / f"out{SUFFIXES[target]}", [], target).findings == []
    items = ET.parse(tmp_path / "out.xml").getroot().findall("sequence/media/video/track/clipitem")
    # In points are 20 and, of the media at half speed, 40.
    assert [[m.findtext("in") for m in each.iter("marker")] for each in items] == [["30"], ["60"]]
    clips = list(ET.parse(tmp_path / "out.fcpxml").getroot().iter("asset-clip"))
    frames = []
    for each in clips:
        (mark,) = each.iter("marker")
        since = Fraction(mark.attrib["start"][:-1]) - Fraction(each.attrib["start"][:-1])
        frames.append(since * NTSC_24.rate)
    assert frames == [10, 20]


def test_markers_of_ranges_stay_as_long_as_they_are_seen(made: MadeCut, tmp_path: Path) -> None:
    """
    shot, source 20 .. 68    |  30====40       60=|===80      a marker from 0 to 24: |==24
    slow, 50 %, reversed: twice as long, and from its other end
    """
    start = made.media_start
    source_range = time_range(start + 20, 48, RATE)
    marks = [
        marker("whole", start + 30, 10),
        marker("ends later", start + 60, 20),
        marker("began", start, 24),
    ]
    shot = clip("a.mov", source_range, url=str(made.movie), markers=marks)
    slow = clip("b.mov", source_range, url=str(made.movie), markers=marks[:1], effects=[warp(0.5)])
    back = clip("c.mov", source_range, url=str(made.movie), markers=marks[:1], effects=[warp(-1.0)])
    root = timeline(track(shot, slow, back), start=time(0, RATE))
    root["tracks"]["markers"] = [marker("reel", 5, 50)]
    source = saved(root, tmp_path, "source.otio")
    for target in XML:
        assert export(source, tmp_path / f"out{SUFFIXES[target]}", [], target).findings == []
    sequence = ET.parse(tmp_path / "out.xml").getroot().find("sequence")
    assert sequence is not None
    items = sequence.findall("media/video/track/clipitem")
    spans = [[(m.findtext("in"), m.findtext("out")) for m in each.iter("marker")] for each in items]
    assert spans[:2] == [[("30", "40"), ("60", "68"), ("20", "24")], [("60", "80")]]
    assert [(m.findtext("in"), m.findtext("out")) for m in sequence.findall("marker")] == [("5", "55")]
    clips = list(ET.parse(tmp_path / "out.fcpxml").getroot().iter("asset-clip"))
    frames = [
        [Fraction(mark.attrib["duration"][:-1]) * NTSC_24.rate for mark in each.findall("marker")]
        for each in clips
    ]
    assert frames[1:] == [[20], [10]] and sorted(frames[0])[:3] == [4, 8, 10]
    (mark,) = clips[2].findall("marker")
    since = Fraction(mark.attrib["start"][:-1]) - Fraction(clips[2].attrib["start"][:-1])
    assert since * NTSC_24.rate == 48 - 20


@pytest.mark.parametrize("target", WRITTEN_ANEW)
def test_markers_that_are_lost_are_named(made: MadeCut, tmp_path: Path, target: str) -> None:
    shot = clip("a.mov", time_range(made.media_start, 48, RATE), url=str(made.movie))
    hole = gap(24, RATE) | {"markers": [marker("in a gap", 3)]}
    root = timeline(
        track(shot | {"markers": [marker("a", made.media_start)]}, hole, markers=[marker("b", 0)])
    )
    root["tracks"]["markers"] = [marker("c", 4)]
    source = saved(root, tmp_path, "source.otio")
    found = export(source, tmp_path / f"out{SUFFIXES[target]}", [], target).findings
    lost = [each.what for each in found if "markers" in each.what]
    loose = ["The track V1 comes without", "The gap “without a name” on V1 comes without"]
    placed = ["Clip “a.mov” (V1:1) comes without", "The timeline comes without"]
    expected = placed + loose if target == "aaf" else loose
    assert [each.removesuffix(" its markers.") for each in lost] == expected


@pytest.mark.parametrize("target", XML)
def test_markers_of_a_trimmed_cut_stay_on_their_pictures(made: MadeCut, tmp_path: Path, target: str) -> None:
    shot = clip("shot.mov", time_range(made.media_start, 96, RATE), url=str(made.movie))
    root = timeline(track(shot))
    root["tracks"]["source_range"] = time_range(24, 48, RATE)
    root["tracks"]["markers"] = [marker("kept", 30), marker("cut off", 10)]
    path = tmp_path / f"out{SUFFIXES[target]}"
    export(saved(root, tmp_path, "trimmed.otio"), path, [], target)
    text = path.read_text()
    assert "kept" in text and "cut off" not in text
    if target == "fcp7xml":
        assert "<in>6</in>" in text
