"""`foley export` and `foley generate --target` as a user runs them."""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

from foley_plugin.services.demo import LaidOutDemo

from .ways import Ended, FoleyHere, is_one_sentence


@pytest.fixture
def foley(foley_here: FoleyHere, fake_engine: Callable[..., list[str]]) -> FoleyHere:
    return foley_here.with_engine(fake_engine())


@pytest.fixture
def made(foley: FoleyHere, demo: LaidOutDemo, tmp_path: Path) -> Path:
    """A project that holds two takes of two clips."""
    words = ("--clip", "V1:2", "--clip", "V1:5", "--takes", "2", "--label", "hammer")
    done = foley("generate", demo.cut, *words, "--project", tmp_path / "p", "--to", tmp_path / "first.otio")
    assert done.returncode == 0, done.stderr
    foley.engine = ["no-such-engine"]
    return tmp_path / "p"


def export(foley: FoleyHere, demo: LaidOutDemo, project: Path, to: Path, *words: str) -> tuple[Ended, Any]:
    report = to.parent / "export.json"
    done = foley("export", demo.cut, "--to", to, "--project", project, "--json", report, *words)
    told = json.loads(report.read_text(encoding="utf-8")) if report.exists() else None
    report.unlink(missing_ok=True)
    return done, told


def test_timelines_are_written_without_an_engine(
    foley: FoleyHere, demo: LaidOutDemo, made: Path, tmp_path: Path
) -> None:
    for suffix in (".otio", ".xml", ".otioz"):
        target = tmp_path / f"out{suffix}"
        done, told = export(foley, demo, made, target, "--markers", "--mend")
        assert done.returncode == 0, done.stderr
        assert told["timeline"] == str(target) and target.stat().st_size > 1000
        assert str(target) in done.stdout
    first = otio.adapters.read_from_file(str(tmp_path / "first.otio"), "otio_json")
    again = otio.adapters.read_from_file(str(tmp_path / "out.otio"), "otio_json")
    for before, after in zip(first.audio_tracks(), again.audio_tracks(), strict=True):
        assert [clip.name for clip in before.find_clips()] == [clip.name for clip in after.find_clips()]
        assert all(clip.markers for clip in after.find_clips())
    assert ET.parse(tmp_path / "out.xml").getroot().findall("sequence/marker")
    with zipfile.ZipFile(tmp_path / "out.otioz") as archive:
        assert sum(name.endswith(".wav") for name in archive.namelist()) == 2


@pytest.mark.minutes
def test_all_takes_lie_beside_the_best_disabled(
    foley: FoleyHere, demo: LaidOutDemo, made: Path, tmp_path: Path
) -> None:
    done, _ = export(foley, demo, made, tmp_path / "all.otio", "--takes", "all", "--mend")
    assert done.returncode == 0, done.stderr
    cut = otio.adapters.read_from_file(str(tmp_path / "all.otio"), "otio_json")
    tracks = {track.name: [clip.enabled for clip in track.find_clips()] for track in cut.audio_tracks()}
    beside = {name for name in tracks if name.endswith("(other takes)")}
    ours = {name for name in tracks if name.startswith("FOLEY")} - beside
    assert {name.removesuffix(" (other takes)") for name in beside} == ours
    assert [is_on for name in ours for is_on in tracks[name]] == [True, True]
    assert [is_on for name in beside for is_on in tracks[name]] == [False, False]


def test_a_preflight_writes_nothing_and_an_error_stops_unless_it_is_mended(
    foley: FoleyHere, demo: LaidOutDemo, made: Path, tmp_path: Path
) -> None:
    moved = demo.cut.parent / "study_door.mov"
    hidden = tmp_path / "hidden.mov"
    shutil.move(moved, hidden)
    try:
        target = tmp_path / "out.otio"
        done, told = export(foley, demo, made, target, "--preflight-only")
        assert done.returncode == 1 and told["timeline"] is None
        errors = [found for found in told["findings"] if "study_door" in found["what"]]
        error = next(found for found in errors if "offline" in found["what"])
        assert error["mend"] == "leave_out" and error["severity"] == "error"
        done, told = export(foley, demo, made, target)
        assert done.returncode == 1 and is_one_sentence(done.stderr) and not target.exists()
        done, told = export(foley, demo, made, target, "--mend")
        assert done.returncode == 0, done.stderr
        assert told["timeline"] == str(target) and any("left out" in sentence for sentence in told["mended"])
    finally:
        shutil.move(hidden, moved)


def test_generate_writes_for_the_target_that_is_named(
    foley: FoleyHere, demo: LaidOutDemo, tmp_path: Path
) -> None:
    words = ("--clip", "V1:2", "--project", tmp_path / "p", "--target", "fcp7xml")
    done = foley("generate", demo.cut, *words, "--to", tmp_path / "out.xml")
    assert done.returncode == 0, done.stderr
    cut = otio.adapters.read_from_string((tmp_path / "out.xml").read_text(encoding="utf-8"), "fcp_xml")
    assert [track.name or track.kind for track in cut.tracks if track.kind == "Audio"]
    assert sum(1 for _ in cut.tracks[0].find_clips()) == 6


def test_what_cannot_be_exported_is_told_in_one_sentence(
    foley: FoleyHere, demo: LaidOutDemo, tmp_path: Path
) -> None:
    done, _ = export(foley, demo, tmp_path / "none", tmp_path / "out.otio")
    assert done.returncode == 1 and is_one_sentence(done.stderr) and "no project" in done.stderr
    done, _ = export(foley, demo, tmp_path / "none", tmp_path / "out.doc")
    assert done.returncode == 1 and is_one_sentence(done.stderr) and ".fcpxml" in done.stderr
