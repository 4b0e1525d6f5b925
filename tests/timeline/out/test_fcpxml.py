"""FCPXML, read back by a parser of the test's own, in exact fractions, by the meaning that the DTD gives."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from ..building import clip, saved, time, time_range, timeline, track
from .cuts import NTSC_24, STANDARDS, MadeCut, export, make_cut, make_take, with_dissolve

HALF = Fraction(1, 2)
ORDER_IN_DTD = ["conform-rate", "timeMap", "gap", "asset-clip", "marker"]


@pytest.fixture(params=STANDARDS.values(), ids=list(STANDARDS))
def made(request: pytest.FixtureRequest, tmp_path: Path) -> MadeCut:
    return make_cut(tmp_path, request.param)


def seconds(text: str | None) -> Fraction:
    assert text is not None and text.endswith("s"), text
    return Fraction(text[:-1])


@dataclass(frozen=True)
class Heard:
    """A clip as a reader sees it: where it lies and which media times it plays."""

    name: str
    lane: int
    record_in: Fraction
    duration: Fraction
    media_in: Fraction
    media_out: Fraction
    role: str | None


def clips_of(root: ET.Element) -> Iterator[Heard]:
    """Offsets of the spine count in the sequence's time, those of children in their parent's."""
    sequence = root.find("library/event/project/sequence")
    assert sequence is not None
    origin = seconds(sequence.get("tcStart"))
    for item in sequence.iterfind("spine/*"):
        if item.tag == "transition":
            continue
        record_in = seconds(item.get("offset")) - origin
        if item.tag == "asset-clip":
            yield heard(root, item, record_in)
        for child in item.iterfind("asset-clip"):
            since = seconds(child.get("offset")) - seconds(item.get("start"))
            yield heard(root, child, record_in + since)


def heard(root: ET.Element, clip: ET.Element, record_in: Fraction) -> Heard:
    start, duration = seconds(clip.get("start")), seconds(clip.get("duration"))
    asset = root.find(f"resources/asset[@id='{clip.get('ref')}']")
    assert asset is not None
    first = seconds(asset.get("start"))
    ends = (mapped(clip, start) - first, mapped(clip, start + duration) - first)
    lane, role = int(clip.get("lane", "0")), clip.get("audioRole")
    return Heard(clip.get("name", ""), lane, record_in, duration, *ends, role)


def mapped(clip: ET.Element, time: Fraction) -> Fraction:
    """A clip's own time to its media's, by its time map."""
    points = [(seconds(p.get("time")), seconds(p.get("value"))) for p in clip.iterfind("timeMap/timept")]
    if not points:
        return time
    (t0, v0), (t1, v1) = points
    return v0 + (time - t0) * (v1 - v0) / (t1 - t0)


def written(made: MadeCut, folder: Path, **more: Any) -> ET.Element:
    takes = [
        make_take(folder, made.standard, 30, 50, click_s=HALF, name="take_0001.wav", **more),
        make_take(
            folder,
            made.standard,
            60,
            50,
            click_s=HALF,
            name="take_0002.wav",
            num_channels=2,
            track_name="FOLEY – Footsteps",
        ),
    ]
    target = folder / "out.fcpxml"
    assert export(made.path, target, takes, "fcpxml").path == str(target)
    return ET.parse(target).getroot()


def test_every_clip_plays_exactly_what_it_did(made: MadeCut, tmp_path: Path) -> None:
    frame = 1 / made.standard.rate
    found = {
        (c.lane, c.record_in / frame): (c.duration / frame, c.media_in / frame, c.media_out / frame)
        for c in clips_of(written(made, tmp_path))
    }
    assert found == {
        (0, 0): (48, 10, 58),
        (0, 60): (40, 20, 40),
        (0, 100): (24, 124, 100),
        (0, 124): (36, 64, 100),
        (-1, 0): (48, 5, 53),
        (-2, 60): (50, 12, 62),
        (-3, 30): (50, 12, 62),
    }


def test_foley_has_roles_of_its_own(made: MadeCut, tmp_path: Path) -> None:
    roles = {clip.name: clip.role for clip in clips_of(written(made, tmp_path))}
    assert roles["take_0001.wav"] == "effects.foley"
    assert roles["take_0002.wav"] == "effects.foley-footsteps"
    assert roles["room tone.wav"] == "dialogue"


def test_rates_and_starts_are_exact(made: MadeCut, tmp_path: Path) -> None:
    root = written(made, tmp_path)
    rate = made.standard.rate
    sequence = root.find("library/event/project/sequence")
    assert sequence is not None
    sequence_format = root.find(f"resources/format[@id='{sequence.get('format')}']")
    assert sequence_format is not None
    assert seconds(sequence_format.get("frameDuration")) == 1 / rate
    assert seconds(sequence.get("tcStart")) == made.standard.one_hour / rate
    assert seconds(sequence.get("duration")) == 160 / rate
    assert sequence.get("tcFormat") == ("DF" if made.standard.drop_frame else "NDF")
    movie, *sounds = root.findall("resources/asset")
    assert seconds(movie.get("start")) == made.media_start / rate
    assert seconds(movie.get("duration")) == 200 / rate
    assert [(s.get("audioChannels"), s.get("audioRate")) for s in sounds] == [
        ("2", "48000"),
        ("2", "48000"),
        ("1", "48000"),
    ]
    source = movie.find("media-rep")
    assert source is not None and source.get("src") == "file://" + str(made.movie).replace(
        " ", "%20"
    ).replace("#", "%23").replace("50%.", "50%25.")


def test_all_edges_lie_on_frames_and_children_in_the_dtds_order(made: MadeCut, tmp_path: Path) -> None:
    root = written(made, tmp_path, hit_frames=[20])
    for element in root.iter("asset-clip"):
        for key in ("offset", "duration"):
            assert (seconds(element.get(key)) * made.standard.rate).denominator == 1
        places = [ORDER_IN_DTD.index(child.tag) for child in element]
        assert places == sorted(places)
    identifiers = [each.get("id") for each in root.iterfind("resources/*")]
    assert len(set(identifiers)) == len(identifiers)


def test_hits_are_marked_on_the_take(made: MadeCut, tmp_path: Path) -> None:
    root = written(made, tmp_path, hit_frames=[20])
    (marker,) = root.iter("marker")
    assert seconds(marker.get("start")) == 20 / made.standard.rate


def test_a_dissolve_lies_over_the_cut(tmp_path: Path) -> None:
    made = make_cut(tmp_path, NTSC_24)
    path = saved(with_dissolve(made), tmp_path, "dissolve.otio")
    export(path, tmp_path / "out.fcpxml", [], "fcpxml")
    spine = ET.parse(tmp_path / "out.fcpxml").getroot().find("library/event/project/sequence/spine")
    assert spine is not None
    assert [each.tag for each in spine] == ["asset-clip", "transition", "asset-clip"]
    origin = made.standard.one_hour / made.standard.rate
    offset, length = (seconds(spine[1].get(key)) for key in ("offset", "duration"))
    assert (offset - origin) * made.standard.rate == 35
    assert length * made.standard.rate == 10


def test_sound_without_any_picture_hangs_on_a_gap(tmp_path: Path) -> None:
    made = make_cut(tmp_path, NTSC_24)
    room = clip("room tone.wav", time_range(0, 48, 23.976), url=str(made.sound))
    start = time(86_400, 23.976)
    path = saved(timeline(track(room, kind="Audio"), start=start), tmp_path, "sound.otio")
    export(path, tmp_path / "out.fcpxml", [], "fcpxml")
    (found,) = clips_of(ET.parse(tmp_path / "out.fcpxml").getroot())
    assert (found.record_in, found.duration * NTSC_24.rate, found.lane) == (0, 48, -1)
