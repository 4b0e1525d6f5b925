"""What is handed back to an editor's script beside every written timeline."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import msgspec
import pytest

from foley_plugin.services.hand_back import (
    HAND_BACK_FOLDER,
    hand_back_of,
    keep_hand_back,
    read_hand_backs,
    written_timeline,
)
from foley_plugin.timeline.records import CutRecord, Placement, Reading

CUT = CutRecord(
    "/cuts/cut.otio", "cut", (30000, 1001), (8999991, 2500), True, (4, 1), [], [], [], "a" * 64
)  # 01:00:00;00


def placement(wav: str, frame: int, *, channels: int = 1, name: str = "Foley") -> Placement:
    return Placement(wav, frame, 30, 24, 78, channels, name, {"label": "hammer"})


def test_takes_lie_on_the_tracks_of_the_written_timeline(tmp_path: Path) -> None:
    placements = [placement("a.wav", 0), placement("b.wav", 20), placement("c.wav", 40)]
    placements.append(placement("d.wav", 0, channels=2, name="Foley ambience"))
    back = hand_back_of(CUT, tmp_path / "cut_foley.otio", placements)
    assert [
        (track.name, track.num_channels, [clip.wav for clip in track.clips]) for track in back.tracks
    ] == [
        ("Foley", 1, ["a.wav", "c.wav"]),
        ("Foley 2", 1, ["b.wav"]),
        ("Foley ambience", 2, ["d.wav"]),
    ]
    assert (back.start_frame, back.rate) == (107892, (30000, 1001))


def test_the_file_is_plain_json_with_every_field(tmp_path: Path) -> None:
    path = keep_hand_back(tmp_path, CUT, tmp_path / "cut_foley.otio", [placement("a.wav", 7)])
    assert path == tmp_path / HAND_BACK_FOLDER / "0001.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    assert found["tracks"][0]["clips"] == [
        {
            "wav": "a.wav",
            "record_frame": 7,
            "duration_frames": 30,
            "head_frames": 24,
            "wav_frames": 78,
            "label": "hammer",
            "gain_db": 0.0,
        }
    ]
    assert {"source", "source_sha256", "timeline", "rate", "start_frame", "version"} < set(found)


def test_a_script_gets_what_is_heard_and_is_told_of_levels(tmp_path: Path) -> None:
    beside = msgspec.structs.replace(placement("other.wav", 0), enabled=False)
    loud = msgspec.structs.replace(placement("a.wav", 0), gain_db=3.5)
    (track,) = hand_back_of(CUT, tmp_path / "cut_foley.otio", [loud, beside]).tracks
    assert [(clip.wav, clip.gain_db) for clip in track.clips] == [("a.wav", 3.5)]


def test_the_newest_counts_and_a_broken_one_is_passed_over(tmp_path: Path) -> None:
    first, second = tmp_path / "cut_foley.otio", tmp_path / "cut_foley_2.otio"
    for written in (first, second):
        written.touch()
        keep_hand_back(tmp_path, CUT, written, [placement("a.wav", 0)])
    (tmp_path / HAND_BACK_FOLDER / "0003.json").write_text("{broken")
    assert [Path(back.timeline) for back in read_hand_backs(tmp_path)] == [second, first]
    assert written_timeline(tmp_path, CUT) == second
    second.unlink()
    assert written_timeline(tmp_path, CUT) == first
    for other in ({"source_sha256": "b" * 64}, {"reading": Reading("2")}):
        assert written_timeline(tmp_path, msgspec.structs.replace(CUT, **other)) is None


@pytest.mark.skipif(sys.platform == "win32", reason="a file in a folder's place")
def test_a_folder_that_refuses_stops_no_export(tmp_path: Path) -> None:
    (tmp_path / HAND_BACK_FOLDER).write_text("in the way")
    assert keep_hand_back(tmp_path, CUT, tmp_path / "x.otio", [placement("a.wav", 0)]) is None
    assert list(read_hand_backs(tmp_path)) == []
