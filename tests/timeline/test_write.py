"""Writing back: new tracks, nothing else changed, nothing overwritten, whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import opentimelineio as otio
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from engine.protocol import fraction
from foley_plugin.nle.targets import TARGETS
from foley_plugin.timeline import atomic, client
from foley_plugin.timeline.errors import TimelineError, WriteRefused
from foley_plugin.timeline.lanes import lanes_of
from foley_plugin.timeline.records import Placement
from foley_plugin.timeline.surgery import timeline_with_foley, timeline_without_foley
from foley_plugin.timeline.write import write_cut

from .building import Json, clip, gap, saved, time, time_range, timeline, track, warp

MakePlacement = Callable[..., Placement]

CUT = timeline(
    track(clip("c", time_range(0, 240, 23.976023976), url="x.mov")), start=time(86400, 23.976023976)
)


@pytest.fixture
def place(tmp_path: Path) -> MakePlacement:
    """A placement of a real WAV of ten seconds."""
    folder = tmp_path / "takes"
    folder.mkdir()

    def make(record_frame: int = 24, duration_frames: int = 48, **more: Any) -> Placement:
        num_channels = more.get("num_channels", 1)
        wav = folder / f"take {len(list(folder.iterdir()))}.wav"
        soundfile.write(wav, np.zeros((480_000, num_channels)), 48_000, subtype="PCM_24")
        fields = {
            "wav": str(wav),
            "head_frames": 24,
            "wav_frames": duration_frames + 48,
            "num_channels": 1,
            "track_name": "Foley",
            "metadata": {"take": 1},
        }
        return Placement(record_frame=record_frame, duration_frames=duration_frames, **(fields | more))

    return make


def test_new_clips_read_back_where_they_were_put(tmp_path: Path, place: MakePlacement) -> None:
    placements = [place(24, 48), place(100, 10), place(110, 20)]
    written = write_cut(saved(CUT, tmp_path), tmp_path / "out.otio", placements)
    (foley,) = otio.adapters.read_from_file(str(written), "otio_json").audio_tracks()
    clips = list(foley.find_clips())
    assert foley.name == "Foley"
    for found, placement in zip(clips, placements, strict=True):
        reference = found.media_reference
        assert found.range_in_parent().start_time.value == placement.record_frame
        assert found.source_range.start_time.value == placement.head_frames
        assert found.source_range.duration.value == placement.duration_frames
        assert reference.available_range.start_time.value == 0
        assert reference.available_range.duration.value == placement.wav_frames
        assert found.source_range.duration.rate == 23.976023976
        assert reference.target_url == placement.wav
        assert found.name == reference.name == Path(placement.wav).name
        assert found.metadata["foley"] == {"take": 1}


def test_the_source_is_untouched_and_all_of_it_is_in_the_copy(tmp_path: Path, place: MakePlacement) -> None:
    source = saved(CUT, tmp_path)
    before = source.read_bytes()
    written = write_cut(source, tmp_path / "out.otio", [place()])
    assert source.read_bytes() == before
    assert timeline_without_foley(json.loads(written.read_bytes())) == CUT
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut.otio", "out.otio", "takes"]


def test_numbers_have_a_decimal_point_and_urls_are_plain(tmp_path: Path, place: MakePlacement) -> None:
    placement = place()
    text = write_cut(saved(CUT, tmp_path), tmp_path / "out.otio", [placement]).read_text()
    assert '"value": 24.0' in text and "file:" not in text and "%20" not in text
    assert json.dumps(placement.wav) in text


names = st.sampled_from(["Foley", "Steps"])
spots = st.tuples(st.integers(0, 300), st.integers(1, 80), names, st.sampled_from([1, 2]))


def placements_at(drawn: list[tuple[int, int, str, int]]) -> list[Placement]:
    return [
        Placement(f"/t/{number}.wav", frame, length, 0, length, channels, name, {"n": number})
        for number, (frame, length, name, channels) in enumerate(drawn)
    ]


@given(st.lists(spots, max_size=12))
def test_lanes_hold_every_take_once_without_overlap(drawn: list[tuple[int, int, str, int]]) -> None:
    placements = placements_at(drawn)
    lanes = lanes_of(placements)
    held = [placement for lane in lanes for placement in lane.placements]
    assert sorted(held, key=lambda each: each.wav) == sorted(placements, key=lambda each: each.wav)
    assert len({lane.name for lane in lanes}) == len(lanes)
    for lane in lanes:
        ends = [each.record_frame + each.duration_frames for each in lane.placements]
        starts = [each.record_frame for each in lane.placements]
        assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.lists(spots, max_size=6),
    st.dictionaries(st.text(), json_values, max_size=3),
    st.sampled_from([*TARGETS]),
)
def test_taking_our_tracks_out_gives_back_the_source(
    drawn: list[tuple[int, int, str, int]], metadata: Json, target: str
) -> None:
    source = timeline(track(gap(5, 24.0), name="V"), track(kind="Audio"), metadata=metadata)
    before = json.dumps(source)
    edited = timeline_with_foley(source, placements_at(drawn), TARGETS[target])
    assert json.dumps(source) == before
    assert timeline_without_foley(json.loads(json.dumps(edited))) == source
    assert edited["tracks"]["children"][:2] == source["tracks"]["children"]


@pytest.mark.parametrize("start", [time(24, 24.0), time(12.5, 24.0), time(25, 25.0)])
def test_takes_lie_under_their_picture_where_the_tracks_as_a_whole_are_trimmed(
    tmp_path: Path, place: MakePlacement, start: Json
) -> None:
    """Record time counts from where the trim begins, the tracks' own time from before it."""
    whole = timeline(track(clip("c", time_range(0, 240, 24.0), url="x.mov")), start=time(86400, 24.0))
    whole["tracks"]["source_range"] = time_range(0, 200, 24.0) | {"start_time": start}
    placements = [place(0, 48), place(100, 10), place(110, 20)]
    written = write_cut(saved(whole, tmp_path), tmp_path / "out.otio", placements)
    foley = client.read_cut(written).tracks[-1]
    rate = Fraction(24)
    seen = [(fraction(item.record_in) * rate, fraction(item.record_out) * rate) for item in foley.items]
    assert seen == [(0, 48), (100, 110), (110, 130)]
    assert timeline_without_foley(json.loads(written.read_bytes())) == whole


def test_no_take_is_laid_under_tracks_that_are_retimed_as_a_whole(
    tmp_path: Path, place: MakePlacement
) -> None:
    retimed = timeline(track(clip("c", time_range(0, 240, 24.0), url="x.mov")))
    retimed["tracks"]["effects"] = [warp(2.0)]
    with pytest.raises(WriteRefused, match="retimed"):
        write_cut(saved(retimed, tmp_path), tmp_path / "out.otio", [place()])
    assert not (tmp_path / "out.otio").exists()


def test_no_take_is_laid_before_the_tracks_begin(tmp_path: Path, place: MakePlacement) -> None:
    early = timeline(track(clip("c", time_range(0, 240, 24.0), url="x.mov")))
    early["tracks"]["source_range"] = time_range(-24, 100, 24.0)
    with pytest.raises(WriteRefused, match="before the timeline's tracks begin"):
        write_cut(saved(early, tmp_path), tmp_path / "out.otio", [place(10, 20)])
    write_cut(saved(early, tmp_path), tmp_path / "out.otio", [place(24, 20)])


def test_overlapping_takes_go_to_the_next_free_lane(tmp_path: Path, place: MakePlacement) -> None:
    placements = [place(0, 48), place(40, 48), place(48, 10), place(60, 10), place(80, 10)]
    assert [[each.record_frame for each in lane.placements] for lane in lanes_of(placements)] == [
        [0, 48, 60, 80],
        [40],
    ]
    assert [lane.name for lane in lanes_of(placements)] == ["Foley", "Foley 2"]


def test_resolve_gets_its_metadata_and_no_link(tmp_path: Path, place: MakePlacement) -> None:
    written = write_cut(saved(CUT, tmp_path), tmp_path / "out.otio", [place(), place(num_channels=2)])
    mono, stereo = json.loads(written.read_bytes())["tracks"]["children"][1:]
    assert mono["metadata"]["Resolve_OTIO"]["Audio Type"] == "Mono"
    assert stereo["metadata"]["Resolve_OTIO"]["Audio Type"] == "Stereo"
    assert [len(t["children"][-1]["metadata"]["Resolve_OTIO"]["Channels"]) for t in (mono, stereo)] == [1, 2]
    assert "Link Group ID" not in written.read_text()


@pytest.mark.parametrize("target", [*TARGETS])
def test_every_target_is_read_back(tmp_path: Path, place: MakePlacement, target: str) -> None:
    written = write_cut(saved(CUT, tmp_path), tmp_path / "out.otio", [place()], target_nle=target)
    assert len(list(otio.adapters.read_from_file(str(written), "otio_json").find_clips())) == 2


def test_unknown_targets_are_refused(tmp_path: Path, place: MakePlacement) -> None:
    with pytest.raises(WriteRefused, match="resolve, premiere, plain"):
        write_cut(saved(CUT, tmp_path), tmp_path / "out.otio", [place()], target_nle="moviola")


def test_old_clips_stay_among_their_kind(tmp_path: Path, place: MakePlacement) -> None:
    old = {
        "OTIO_SCHEMA": "Clip.1",
        "name": "c",
        "source_range": time_range(0, 24, 24.0),
        "media_reference": None,
    }
    written = write_cut(saved(timeline(track(old)), tmp_path), tmp_path / "out.otio", [place()])
    new = json.loads(written.read_bytes())["tracks"]["children"][1]["children"][1]
    assert new["OTIO_SCHEMA"] == "Clip.1" and new["media_reference"]["OTIO_SCHEMA"] == "ExternalReference.1"


def test_collections_are_edited_inside(tmp_path: Path, place: MakePlacement) -> None:
    other = clip("loose", time_range(0, 24, 24.0))
    holder = {"OTIO_SCHEMA": "SerializableCollection.1", "name": "", "metadata": {}, "children": [other, CUT]}
    written = json.loads(write_cut(saved(holder, tmp_path), tmp_path / "out.otio", [place()]).read_bytes())
    assert written["children"][0] == other
    assert timeline_without_foley(written["children"][1]) == CUT != written["children"][1]


def test_a_lone_clip_is_refused(tmp_path: Path, place: MakePlacement) -> None:
    source = saved(clip("c", time_range(0, 24, 24.0)), tmp_path)
    with pytest.raises(WriteRefused, match="holds a single Clip"):
        write_cut(source, tmp_path / "out.otio", [place()])


def test_broken_sources_are_refused(tmp_path: Path, place: MakePlacement) -> None:
    with pytest.raises(TimelineError, match="without tracks"):
        write_cut(saved(CUT | {"tracks": None}, tmp_path), tmp_path / "out.otio", [place()])


def test_names_that_are_no_text_come_out_as_they_went_in(tmp_path: Path, place: MakePlacement) -> None:
    source = tmp_path / "latin.otio"
    source.write_bytes(json.dumps(CUT).encode().replace(b'"c"', b'"caf\xe9"'))
    assert b"caf\xe9" in write_cut(source, tmp_path / "out.otio", [place()]).read_bytes()
    odd = saved(timeline(track(clip("a\ud800", time_range(0, 24, 24.0)))), tmp_path, "odd.otio")
    written = json.loads(write_cut(odd, tmp_path / "odd_out.otio", [place()]).read_bytes())
    assert timeline_without_foley(written) == json.loads(odd.read_bytes())


def test_the_source_is_never_the_target(tmp_path: Path, place: MakePlacement) -> None:
    source = saved(CUT, tmp_path)
    before = source.read_bytes()
    links = [source, tmp_path / "takes" / ".." / "cut.otio"]
    hard = tmp_path / "hard.otio"
    os.link(source, hard)
    links.append(hard)
    if os.name == "posix":
        soft = tmp_path / "soft.otio"
        soft.symlink_to(source)
        links.append(soft)
    for link in links:
        with pytest.raises(WriteRefused, match="never overwritten"):
            write_cut(source, link, [place()])
    assert source.read_bytes() == before


def test_existing_files_are_never_overwritten(tmp_path: Path, place: MakePlacement) -> None:
    target = tmp_path / "out.otio"
    target.write_text("precious")
    with pytest.raises(WriteRefused, match="exists already"):
        write_cut(saved(CUT, tmp_path), target, [place()])
    assert target.read_text() == "precious"


def test_a_file_that_appears_meanwhile_is_kept(
    tmp_path: Path, place: MakePlacement, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out.otio"

    def slow(path: Path) -> None:
        target.write_text("precious")

    monkeypatch.setattr(atomic, "_give_usual_permissions", slow)
    with pytest.raises(WriteRefused, match="exists already"):
        write_cut(saved(CUT, tmp_path), target, [place()])
    assert target.read_text() == "precious"


@pytest.mark.parametrize("target", ["out.txt", "out", "nowhere/out.otio"])
def test_odd_targets_are_refused(tmp_path: Path, place: MakePlacement, target: str) -> None:
    with pytest.raises(WriteRefused):
        write_cut(saved(CUT, tmp_path), tmp_path / target, [place()])


def full_disk(descriptor: int, content: object) -> int:
    raise OSError(28, "No space left on device")


def short_disk(descriptor: int, content: object) -> int:
    return 0


@pytest.mark.parametrize("disk", [full_disk, short_disk])
def test_a_full_disk_leaves_nothing_behind(
    tmp_path: Path, place: MakePlacement, monkeypatch: pytest.MonkeyPatch, disk: Callable[[int, object], int]
) -> None:
    source, placement = saved(CUT, tmp_path), place()
    monkeypatch.setattr(atomic.os, "write", disk)
    with pytest.raises(WriteRefused, match="could not be written"):
        write_cut(source, tmp_path / "out.otio", [placement])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut.otio", "takes"]


def test_short_writes_are_gone_on_with(
    tmp_path: Path, place: MakePlacement, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, placement = saved(CUT, tmp_path), place()
    whole_write = os.write
    monkeypatch.setattr(atomic.os, "write", lambda descriptor, content: whole_write(descriptor, content[:7]))
    written = write_cut(source, tmp_path / "out.otio", [placement])
    assert timeline_without_foley(json.loads(written.read_bytes())) == CUT


def test_what_comes_back_changed_is_not_kept(
    tmp_path: Path, place: MakePlacement, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, placement = saved(CUT, tmp_path), place()
    whole_write = os.write
    monkeypatch.setattr(
        atomic.os, "write", lambda descriptor, content: whole_write(descriptor, b"x" * len(content))
    )
    with pytest.raises(WriteRefused, match="came back"):
        write_cut(source, tmp_path / "out.otio", [placement])
    assert not (tmp_path / "out.otio").exists()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"wav": "relative.wav"}, "no absolute path"),
        ({"head_frames": -1}, "outside its file"),
        ({"record_frame": -1}, "before the timeline"),
        ({"duration_frames": 0}, "outside its file"),
        ({"head_frames": 60}, "outside its file"),
        ({"wav_frames": 10_000}, "shorter than its place"),
        ({"num_channels": 2, "wav": None}, "has 1 channels"),
    ],
)
def test_takes_that_would_refuse_the_import_are_refused_here(
    tmp_path: Path, place: MakePlacement, wrong: Json, words: str
) -> None:
    good = place()
    fields = {name: getattr(good, name) for name in good.__struct_fields__}
    bad = Placement(**(fields | {key: value for key, value in wrong.items() if value is not None}))
    with pytest.raises(WriteRefused, match=words):
        write_cut(saved(CUT, tmp_path), tmp_path / "out.otio", [bad])


def test_missing_and_broken_takes_are_refused(tmp_path: Path, place: MakePlacement) -> None:
    placement = place()
    Path(placement.wav).write_bytes(b"RIFF")
    with pytest.raises(WriteRefused, match="missing or unreadable"):
        write_cut(saved(CUT, tmp_path), tmp_path / "out.otio", [placement])
    Path(placement.wav).unlink()
    with pytest.raises(WriteRefused, match="missing or unreadable"):
        write_cut(saved(CUT, tmp_path), tmp_path / "out.otio", [placement])


def test_a_source_that_changed_since_is_refused(tmp_path: Path, place: MakePlacement) -> None:
    source = saved(CUT, tmp_path)
    read = client.read_cut(source)
    write_cut(source, tmp_path / "out.otio", [place()], source_sha256=read.source_sha256)
    saved(CUT | {"name": "v2"}, tmp_path)
    with pytest.raises(WriteRefused, match="has changed"):
        write_cut(source, tmp_path / "out2.otio", [place()], source_sha256=read.source_sha256)


def test_the_child_writes_too(tmp_path: Path, place: MakePlacement) -> None:
    source = saved(CUT, tmp_path)
    written = client.write_cut(source, tmp_path / "out.otio", [place()])
    assert timeline_without_foley(json.loads(written.read_bytes())) == CUT
    with pytest.raises(WriteRefused, match="exists already"):
        client.write_cut(source, tmp_path / "out.otio", [place()])
