"""Every real timeline lists its clips rightly or ends in one sentence; write-back keeps all of it."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import opentimelineio as otio
import pytest
import soundfile

from engine.protocol import fraction
from foley_plugin.timeline.client import read_cut
from foley_plugin.timeline.errors import UnsupportedSchema, WriteRefused
from foley_plugin.timeline.records import ClipRecord, Placement
from foley_plugin.timeline.surgery import timeline_without_foley
from foley_plugin.timeline.write import write_cut

from .building import clip, saved, time, time_range, timeline, track

pytestmark = pytest.mark.shared

F = Fraction


def listed(clips: list[ClipRecord]) -> list[tuple[str, str, Fraction, Fraction, Fraction, Fraction]]:
    return [
        (
            each.name,
            f"{each.track}:{each.index}",
            *(fraction(edge) for edge in (each.record_in, each.record_out, each.source_in, each.source_out)),
        )
        for each in clips
    ]


MXF = "1128797.mxf"
EXPECTED = {
    "otio_gaps_24fps": [],
    "otio_transition_test": [
        ("A", "V1:1", 0, F(60, 24), 0, F(60, 24)),
        ("B", "V1:2", F(40, 24), F(100, 24), F(-10, 24), F(50, 24)),
        ("C", "V1:3", F(100, 24), F(160, 24), 0, F(60, 24)),
    ],
    "resolve21_audio_two_clips_keyframed": [("1128797", "V1:1", 0, 30, 0, 30)],
    "resolve21_dissolve_50fps_tc10h": [
        (MXF, "V1:1", 0, F(646, 50), 0, F(646, 50)),
        (MXF, "V1:2", F(546, 50), 30, F(546, 50), 30),
    ],
    "resolve21_fairlight_params": [(MXF, "V1:1", 0, 30, 0, 30)],
    "resolve21_retime50": [(MXF, "V1:1", 0, 30, 0, 15)],
    "resolve_clip_imgseq_2x": [("output.[1001-1099].tif", "V1:1", 0, F(11, 24), F(39, 24), F(61, 24))],
    "resolve_clip_winpath_25fps": [("simple_editorial_setup.mp4", "V1:1", 0, F(171, 25), 0, F(171, 25))],
    "tellers_lowercase_kind_rate1": [
        ("DEFAULT_MEDIA", "V2:1", 5, 5 + F(1099, 25), F(76, 25), F(1175, 25)),
        ("_DSC9756 R.jpg", "V3:1", 0, 5, 0, 5),
        ("MACIF_PGEE_50sec.mp4", "V3:2", 5, 52, F(72, 25), F(1247, 25)),
    ],
}


@pytest.mark.parametrize("name", EXPECTED)
def test_clips_of_real_cuts(shared: Path, name: str) -> None:
    cut = read_cut(shared / "timelines" / f"{name}.otio")
    assert listed(cut.clips) == EXPECTED[name]
    for each in cut.clips:
        assert not each.eligible
        assert each.reason is not None and each.reason.endswith(".") and "\n" not in each.reason


def test_every_real_cut_is_known_to_these_tests(shared: Path) -> None:
    told_elsewhere = {
        "otio_nested_example",
        "premiere_xml_as_otio_marker3",
        "resolve21_speedramp_eased",
        "timecode_rates",
    }
    there = {path.stem for path in (shared / "timelines").glob("*.otio")}
    assert there == set(EXPECTED) | told_elsewhere


def test_nests_of_the_nested_example(shared: Path) -> None:
    cut = read_cut(shared / "timelines" / "otio_nested_example.otio")
    assert [(each.name, each.nest, each.speed_note) for each in cut.clips] == [
        ("Normal Clip 1", None, None),
        ("Clip Inside A Stack 1", "Nested Stack 1", None),
        ("Normal Clip 2", None, None),
        ("Clip Inside A Stack 2", "Nested Stack 2 (with effects)", "85.45 %"),
        ("Normal Clip 3", None, None),
        ("Clip Inside A Track", "Nested Track", "freeze frame"),
        ("Normal Clip 4", None, None),
    ]
    starts = [fraction(each.record_in) * 24 for each in cut.clips]
    assert starts == [0, 238, 269, 302, 331, 394, 398]
    assert fraction(cut.duration) * 24 == 636


def test_the_eased_ramp_ends_where_resolve_says(shared: Path) -> None:
    cut = read_cut(shared / "timelines" / "resolve21_speedramp_eased.otio")
    (found,) = cut.clips
    assert found.speed_note == "speed ramp"
    assert fraction(found.record_out) == 60
    assert sum(fraction(span.duration) for span in found.spans) == 60
    at = F(0)
    played = {F(0): F(0)}
    for span in found.spans:
        at += fraction(span.duration)
        played[at] = fraction(span.source_start) + fraction(span.duration) * fraction(span.speed)
    for record_s, source_s in ((12, F(6, 5)), (24, F(24, 5)), (36, F(54, 5)), (48, F(96, 5))):
        assert abs(played[F(record_s)] - source_s) < F(1, 1000)


def test_every_rate_of_the_rates_file_is_exact(shared: Path) -> None:
    cut = read_cut(shared / "timelines" / "timecode_rates.otio")
    ntsc, whole = F(1001, 1000), F(1)
    assert [fraction(each.record_out) for each in cut.clips] == [ntsc, whole] * 3
    assert [each.track for each in cut.clips] == ["V1", "V2", "V3", "V4", "V5", "V6"]


def test_a_newer_schema_ends_in_a_sentence(shared: Path) -> None:
    with pytest.raises(UnsupportedSchema, match=r"uses the schema Marker\.3"):
        read_cut(shared / "timelines" / "premiere_xml_as_otio_marker3.otio")


def test_write_back_keeps_all_of_every_real_cut(shared: Path, tmp_path: Path) -> None:
    wav = tmp_path / "take one.wav"
    soundfile.write(wav, np.zeros(480_000), 48_000, subtype="PCM_24")
    placements = [
        Placement(str(wav), frame, 40, 24, 90, 1, "Foley", {"take": frame}) for frame in (0, 30, 200)
    ]
    written = 0
    for source in sorted((shared / "timelines").glob("*.otio")):
        target = tmp_path / source.name
        root = json.loads(source.read_bytes())
        if not root["OTIO_SCHEMA"].startswith("Timeline"):
            with pytest.raises(WriteRefused, match="holds a single Clip"):
                write_cut(source, target, placements)
            continue
        edited = json.loads(write_cut(source, target, placements).read_bytes())
        assert timeline_without_foley(edited) == root != edited
        written += 1
        if "marker3" not in source.name:
            new_tracks = otio.adapters.read_from_file(str(target), "otio_json").audio_tracks()[-2:]
            starts = [c.range_in_parent().start_time.value for t in new_tracks for c in t.find_clips()]
            assert starts == [0, 200, 30]
    assert written == 11


def test_the_test_pattern_plays_from_its_timecode(shared: Path, tmp_path: Path) -> None:
    media = shared / "video" / "testpattern_24fps_tc01000000.mov"
    shot = clip("pattern", time_range(86400 + 48, 24, 24.0), url=media.as_uri())
    (found,) = read_cut(saved(timeline(track(shot), start=time(86400, 24.0)), tmp_path)).clips
    assert found.eligible
    assert (fraction(found.source_in), fraction(found.source_out)) == (2, 3)
    assert (found.media_in, found.media_duration) == ((3600, 1), (5, 1))


def test_the_real_videos_are_eligible(shared: Path, tmp_path: Path) -> None:
    videos = sorted((shared / "video").glob("*.mp4"))
    cut = read_cut(saved(timeline(track(*(clip(v.name, None, url=str(v)) for v in videos))), tmp_path))
    assert [each.name for each in cut.clips] == [video.name for video in videos]
    assert all(each.eligible for each in cut.clips)
