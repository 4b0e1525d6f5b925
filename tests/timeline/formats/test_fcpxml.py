"""FCPXML at real rates: storylines, connected clips, retimes, nests, angles."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from engine.protocol import fraction
from foley_plugin.timeline.errors import BadTime, TimelineError, TimelineUnreadable
from foley_plugin.timeline.read import cut_record
from foley_plugin.timeline.records import ClipRecord, CutRecord, Reading

from .cuts import fcpxml, fcpxml_of, written

F = Fraction
FRAME = F(1001, 24000)
HOUR = F(86486400, 24000)
"""86,400 frames at 23.976: 01:00:00:00."""


def read(text: str, folder: Path, reading: Reading | None = None) -> CutRecord:
    return cut_record(written(folder, "cut.fcpxml", text), reading=reading or Reading())


def edges(clip: ClipRecord) -> tuple[Fraction, ...]:
    return tuple(
        fraction(edge) for edge in (clip.record_in, clip.record_out, clip.source_in, clip.source_out)
    )


def test_a_storyline_at_23_976_is_exact(tmp_path: Path) -> None:
    spine = """
      <asset-clip ref="a1" name="walk" offset="0s" start="86510424/24000s" duration="24024/24000s"/>
      <gap name="Gap" offset="24024/24000s" start="3600s" duration="12012/24000s"/>
      <asset-clip ref="a1" name="walk" offset="36036/24000s" duration="24024/24000s" enabled="0"/>"""
    cut = read(fcpxml(spine), tmp_path)
    assert (cut.rate, cut.name, cut.format, cut.drop_frame) == ((24000, 1001), "Reel 1", "FCPXML", False)
    first, second = cut.clips
    assert edges(first) == (0, 24 * FRAME, 24 * FRAME, 48 * FRAME)
    assert fraction(first.media_in or (0, 1)) == HOUR
    assert first.media == "/media/walk one.mov"
    assert edges(second) == (36 * FRAME, 60 * FRAME, 0, 24 * FRAME)
    assert second.reason is not None and "disabled" in second.reason


def test_a_start_and_drop_frame_are_kept(tmp_path: Path) -> None:
    sequence = 'format="r3" tcStart="107999892/30000s" tcFormat="DF"'
    spine = '<asset-clip ref="a2" name="x" offset="107999892/30000s" duration="1001/30000s"/>'
    cut = read(fcpxml(spine, sequence=sequence), tmp_path)
    assert cut.drop_frame
    assert fraction(cut.start) == F(107999892, 30000)
    assert edges(cut.clips[0])[:2] == (0, F(1001, 30000))


def test_drop_frame_is_known_without_a_start(tmp_path: Path) -> None:
    spine = '<asset-clip ref="a2" name="x" offset="0s" duration="1001/30000s"/>'
    assert read(fcpxml(spine, sequence='format="r3" tcStart="0s" tcFormat="DF"'), tmp_path).drop_frame


def test_connected_clips_count_in_the_time_of_what_they_hang_on(tmp_path: Path) -> None:
    """
    lane 1          [pal]
    spine  [gap ][walk      ]
    lane -1      [door]
    """
    spine = """
      <gap name="Gap" offset="0s" duration="24024/24000s"/>
      <asset-clip ref="a1" name="walk" offset="24024/24000s" start="86510424/24000s" duration="48048/24000s">
        <asset-clip ref="a2" name="pal" lane="1" offset="86522436/24000s" duration="12012/24000s"/>
        <asset-clip ref="a3" name="door" lane="-1" offset="86510424/24000s" duration="1001/1000s"/>
      </asset-clip>"""
    cut = read(fcpxml(spine), tmp_path)
    assert [(each.track, each.kind) for each in cut.tracks] == [
        ("V1", "video"),
        ("V2", "video"),
        ("A1", "audio"),
    ]
    walk, pal = cut.clips
    assert (walk.name, walk.track, pal.name, pal.track) == ("walk", "V1", "pal", "V2")
    assert edges(pal)[:2] == (36 * FRAME, 48 * FRAME)
    assert edges(walk)[:2] == (24 * FRAME, 72 * FRAME)


def test_a_connected_storyline_has_a_time_of_its_own(tmp_path: Path) -> None:
    spine = """
      <asset-clip ref="a1" name="walk" offset="0s" duration="96096/24000s">
        <spine lane="1" offset="86510424/24000s">
          <asset-clip ref="a2" name="one" offset="0s" duration="12012/24000s"/>
          <asset-clip ref="a2" name="two" offset="12012/24000s" duration="12012/24000s"/>
        </spine>
      </asset-clip>"""
    cut = read(fcpxml(spine), tmp_path)
    places = {each.name: edges(each)[:2] for each in cut.clips}
    assert places["one"] == (24 * FRAME, 36 * FRAME)
    assert places["two"] == (36 * FRAME, 48 * FRAME)


@pytest.mark.parametrize(
    ("points", "start_frames", "note", "source"),
    [
        (((0, 0), (480, 240)), 48, "50 %", (24, 36)),
        (((0, 0), (120, 240)), 24, "200 %", (48, 96)),
        (((0, 240), (240, 0)), 24, "reversed", (192, 216)),
        (((0, 30), (240, 30)), 0, "freeze frame", (30, 30)),
    ],
)
def test_constant_speeds(
    tmp_path: Path,
    points: tuple[tuple[int, int], ...],
    start_frames: int,
    note: str,
    source: tuple[int, int],
) -> None:
    """24 frames on the timeline; times count from the media's timecode, an hour."""
    timepts = "".join(
        f'<timept time="{(86400 + time) * 1001}/24000s" value="{(86400 + value) * 1001}/24000s"/>'
        for time, value in points
    )
    spine = (
        f'<asset-clip ref="a1" name="walk" offset="0s" start="{(86400 + start_frames) * 1001}/24000s" '
        f'duration="24024/24000s"><timeMap>{timepts}</timeMap></asset-clip>'
    )
    (found,) = read(fcpxml(spine), tmp_path).clips
    assert found.speed_note == note
    assert edges(found) == (0, 24 * FRAME, source[0] * FRAME, source[1] * FRAME)


def test_a_ramp_plays_the_frames_that_its_points_name(tmp_path: Path) -> None:
    """Half speed for 48 frames, then double: frame 48 shows source frame 24, frame 72 source frame 72."""
    spine = """
      <asset-clip ref="a2" name="pal" offset="0s" duration="4s">
        <timeMap><timept time="0s" value="0s"/><timept time="2s" value="1s"/><timept time="4s" value="5s"/></timeMap>
      </asset-clip>"""
    (found,) = read(fcpxml(spine, sequence='format="r2" tcStart="0s"'), tmp_path).clips
    assert found.speed_note == "speed ramp"
    assert [(fraction(s.duration), fraction(s.source_start), fraction(s.speed)) for s in found.spans] == [
        (2, 0, F(1, 2)),
        (2, 1, 2),
    ]


@pytest.mark.parametrize(
    ("rate", "conform", "note"),
    [("r1", 'srcFrameRate="25"', "95.9 %"), ("r1", 'scaleEnabled="0" srcFrameRate="25"', None)],
)
def test_rates_that_are_conformed(tmp_path: Path, rate: str, conform: str, note: str | None) -> None:
    spine = (
        '<asset-clip ref="a2" name="pal" offset="0s" duration="24024/24000s">'
        f"<conform-rate {conform}/></asset-clip>"
    )
    (found,) = read(fcpxml(spine), tmp_path).clips
    assert found.speed_note == note
    if note:
        assert edges(found)[3] == F(24, 25), "24 frames of the timeline are 24 frames of the media"


def test_a_dissolve_widens_the_clips_on_both_sides(tmp_path: Path) -> None:
    spine = """
      <asset-clip ref="a1" name="one" offset="0s" start="86498412/24000s" duration="48048/24000s"/>
      <transition name="Cross Dissolve" offset="36036/24000s" duration="24024/24000s"/>
      <asset-clip ref="a1" name="two" offset="48048/24000s" start="86534448/24000s" duration="48048/24000s"/>"""
    one, two = read(fcpxml(spine), tmp_path).clips
    assert edges(one)[:2] == (0, 60 * FRAME)
    assert edges(two) == (36 * FRAME, 96 * FRAME, 36 * FRAME, 96 * FRAME)


COMPOUND = """
  <media id="m1" name="Fight"><sequence format="r1" tcStart="0s" duration="96096/24000s"><spine>
    <asset-clip ref="a1" name="punch" offset="0s" duration="48048/24000s"/>
    <asset-clip ref="a2" name="fall" offset="48048/24000s" duration="48048/24000s"/>
  </spine></sequence></media>"""


def test_a_compound_clip_lands_on_the_timeline_trimmed(tmp_path: Path) -> None:
    spine = """
      <gap name="Gap" offset="0s" duration="24024/24000s"/>
      <ref-clip ref="m1" name="Fight" offset="24024/24000s" start="36036/24000s" duration="24024/24000s"/>"""
    punch, fall = read(fcpxml(spine, resources=COMPOUND), tmp_path).clips
    assert (punch.name, punch.nest, fall.name) == ("punch", "Fight", "fall")
    assert edges(punch) == (24 * FRAME, 36 * FRAME, 36 * FRAME, 48 * FRAME)
    assert edges(fall) == (36 * FRAME, 48 * FRAME, 0, 12 * FRAME)


def test_a_compound_clip_at_half_speed(tmp_path: Path) -> None:
    spine = """
      <ref-clip ref="m1" name="Fight" offset="0s" duration="48048/24000s"><timeMap>
        <timept time="0s" value="0s"/><timept time="192192/24000s" value="96096/24000s"/></timeMap></ref-clip>"""
    (punch,) = read(fcpxml(spine, resources=COMPOUND), tmp_path).clips
    assert punch.speed_note == "50 %"
    assert edges(punch) == (0, 48 * FRAME, 0, 24 * FRAME)


def test_the_angle_that_is_seen_is_taken(tmp_path: Path) -> None:
    multicam = """
      <media id="m2" name="Interview"><multicam format="r1" tcStart="0s">
        <mc-angle name="Wide" angleID="w"><asset-clip ref="a2" name="wide" offset="0s" duration="10s"/></mc-angle>
        <mc-angle name="Close" angleID="c"><gap name="Gap" offset="0s" duration="24024/24000s"/>
          <asset-clip ref="a1" name="close" offset="24024/24000s" duration="96096/24000s"/></mc-angle>
      </multicam></media>"""
    spine = """
      <mc-clip ref="m2" name="Interview" offset="0s" start="48048/24000s" duration="24024/24000s">
        <mc-source angleID="w" srcEnable="audio"/><mc-source angleID="c" srcEnable="video"/></mc-clip>"""
    (found,) = read(fcpxml(spine, resources=multicam), tmp_path).clips
    assert found.name == "close"
    assert edges(found) == (0, 24 * FRAME, 24 * FRAME, 48 * FRAME)


@pytest.mark.parametrize("start", ["", 'start="3600s" '])
@pytest.mark.parametrize("tag", ["ref-clip", "mc-clip"])
def test_what_hangs_on_a_nest_counts_from_the_nests_own_start(tmp_path: Path, tag: str, start: str) -> None:
    inner = '<asset-clip ref="a2" name="inner" offset="3600s" duration="10s"/>'
    resources = (
        f'<media id="m1"><sequence format="r2" tcStart="3600s"><spine>{inner}</spine></sequence></media>'
        if tag == "ref-clip"
        else f'<media id="m1"><multicam format="r2" tcStart="3600s"><mc-angle angleID="w">{inner}</mc-angle>'
        "</multicam></media>"
    )
    spine = f"""
      <{tag} ref="m1" name="nest" offset="0s" {start}duration="8s"><mc-source angleID="w"/>
        <asset-clip ref="a2" name="connected" lane="1" offset="3602s" duration="1s"/></{tag}>"""
    cut = read(fcpxml(spine, resources=resources, sequence='format="r2" tcStart="0s"'), tmp_path)
    assert {each.name: edges(each)[:3] for each in cut.clips} == {"inner": (0, 8, 0), "connected": (2, 3, 0)}


def test_clips_that_hold_their_video_inside(tmp_path: Path) -> None:
    spine = """
      <clip name="walk" offset="0s" start="86510424/24000s" duration="24024/24000s">
        <video ref="a1" offset="86486400/24000s" start="86486400/24000s" duration="240240/24000s">
          <audio ref="a1" lane="-1" offset="86486400/24000s" duration="240240/24000s"/></video></clip>
      <sync-clip name="sync" offset="24024/24000s" start="12012/24000s" duration="24024/24000s">
        <asset-clip ref="a2" name="pal" offset="0s" duration="10s"/>
        <asset-clip ref="a3" name="door" lane="-1" offset="0s" duration="5s"/></sync-clip>
      <title name="Name" ref="t1" offset="48048/24000s" duration="24024/24000s"/>"""
    walk, pal, title = read(fcpxml(spine), tmp_path).clips
    assert (walk.name, walk.nest) == ("walk", None)
    assert edges(walk) == (0, 24 * FRAME, 24 * FRAME, 48 * FRAME)
    assert (pal.name, pal.nest) == ("pal", "sync")
    assert edges(pal) == (24 * FRAME, 48 * FRAME, 12 * FRAME, 36 * FRAME)
    assert title.kind == "title"


def test_several_projects_are_named_and_chosen(tmp_path: Path) -> None:
    projects = "".join(
        f'<project name="{name}"><sequence format="r1"><spine>'
        f'<asset-clip ref="a2" name="in {name}" offset="0s" duration="1s"/></spine></sequence></project>'
        for name in ("Reel 1", "Reel 2")
    )
    with pytest.raises(
        TimelineUnreadable, match="2 timelines, 1 “Reel 1”, 2 “Reel 2”; choose one by --sequence"
    ):
        read(fcpxml_of(projects), tmp_path)
    for wanted in ("Reel 2", "2"):
        (found,) = read(fcpxml_of(projects), tmp_path, Reading(sequence=wanted)).clips
        assert found.name == "in Reel 2"
    with pytest.raises(TimelineUnreadable, match="no timeline “Reel 3”"):
        read(fcpxml_of(projects), tmp_path, Reading(sequence="Reel 3"))


LOOP = """<media id="m1" name="A"><sequence format="r1"><spine>
    <ref-clip ref="m1" name="A" duration="1s"/></spine></sequence></media>"""
ONE_POINT = '<timeMap><timept time="0s" value="0s"/></timeMap>'


@pytest.mark.parametrize(
    ("spine", "resources", "what"),
    [
        ('<asset-clip ref="a1" name="x" offset="soon" duration="1s"/>', "", "“soon”"),
        ('<asset-clip ref="a1" name="x" offset="1/0s" duration="1s"/>', "", "“1/0s”"),
        ('<asset-clip ref="a1" name="x" offset="0s" duration="-1s"/>', "", "negative duration"),
        ('<asset-clip ref="a1" name="x" offset="0s" duration="99999999999s"/>', "", "“x”"),
        ('<title name="x" offset="0s"/>', "", "no duration"),
        ('<ref-clip ref="m1" name="x" duration="1s"/>', LOOP, "contains itself"),
        (
            f'<asset-clip ref="a1" name="x" duration="1s">{ONE_POINT}</asset-clip>',
            "",
            "speed change",
        ),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(tmp_path: Path, spine: str, resources: str, what: str) -> None:
    with pytest.raises(TimelineError) as caught:
        read(fcpxml(spine, resources=resources), tmp_path)
    assert what in caught.value.sentence and caught.value.sentence.endswith(".")


def test_a_file_of_events_without_a_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TimelineUnreadable, match="no project"):
        read(fcpxml_of('<asset-clip ref="a1" name="x" duration="1s"/>'), tmp_path)


def test_nests_that_double_at_every_level_are_refused(tmp_path: Path) -> None:
    """Thirty compound clips, each holding the next one twice: a thousand million clips."""
    media = "".join(
        f'<media id="n{level}" name="N{level}"><sequence format="r1"><spine>'
        + f'<ref-clip ref="n{level + 1}" name="x" duration="1s"/>' * 2
        + "</spine></sequence></media>"
        for level in range(30)
    )
    with pytest.raises(TimelineError, match="too much"):
        read(fcpxml('<ref-clip ref="n0" name="x" duration="1s"/>', resources=media), tmp_path)


def test_a_clip_that_begins_before_the_one_in_front_ends(tmp_path: Path) -> None:
    spine = """
      <asset-clip ref="a2" name="one" offset="0s" duration="2s"/>
      <asset-clip ref="a2" name="two" offset="1s" duration="2s"/>"""
    with pytest.raises(BadTime, match="“two”"):
        read(fcpxml(spine), tmp_path)
