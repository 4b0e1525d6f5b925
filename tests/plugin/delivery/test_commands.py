"""`foley deliver`, `cuesheet`, `markers` and `note` as a user runs them: no engine is there at all."""

from __future__ import annotations

import json
from pathlib import Path

import opentimelineio as otio
import pytest
import soundfile

from foley_plugin.services.demo import LaidOutDemo
from foley_plugin.takes.store import Store
from foley_plugin.timeline.client import read_cut
from tests.plugin.ways import FoleyHere, is_one_sentence

from .small_project import make_take

LABELS = ("hammer", "impact_plastic", "footstep_wood", "water_drip", "door", "rain")


@pytest.fixture(scope="module")
def project(demo: LaidOutDemo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    record = read_cut(demo.cut)
    folder = tmp_path_factory.mktemp("commands") / "p.foley"
    with Store.open(folder) as store:
        for clip, label in zip(record.clips, LABELS, strict=True):
            make_take(store, record, clip, label, [0.5, 1.0])
    return folder


@pytest.fixture
def run(foley_here: FoleyHere) -> FoleyHere:
    return foley_here.with_engine(["/there/is/no/engine"])


def test_the_whole_of_a_delivery(run: FoleyHere, demo: LaidOutDemo, project: Path, tmp_path: Path) -> None:
    at = ("--project", project)
    assert run("note", demo.cut, "softer steps", "--clip", "V1:3", *at).returncode == 0
    words = (
        "--to",
        "out",
        "--stems",
        "--loudness",
        "-30",
        "--timeline",
        tmp_path / "baked.otio",
        "--json",
        "r.json",
    )
    done = run("deliver", demo.cut, *at, *words)
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "r.json").read_text())
    assert len(report["files"]) == 6 + 5 and abs(report["loudness_lufs"] + 30) <= 0.11
    assert f"{report['loudness_lufs']:.1f} LUFS" in done.stdout
    assert "softer steps" in (tmp_path / "out" / "foley-demo_cues.csv").read_text("utf-8-sig")
    assert "003_<wbr>corridor-steps_<wbr>" in (tmp_path / "out" / "foley-demo_cues.html").read_text()
    tracks = otio.adapters.read_from_file(str(tmp_path / "baked.otio"), "otio_json").audio_tracks()
    assert [track.name for track in tracks] == [
        "FOLEY – Footsteps",
        "FOLEY – Impacts",
        "FOLEY – Doors",
        "FOLEY – Water",
        "FOLEY – Ambience",
    ]
    for track in tracks:
        for clip in track.find_clips():
            sound = soundfile.info(clip.media_reference.target_url)
            assert Path(clip.media_reference.target_url).is_relative_to(tmp_path / "out")
            assert track.metadata["Resolve_OTIO"]["Audio Type"] == (
                "Stereo" if sound.channels == 2 else "Mono"
            )
            assert list(clip.effects) == []
            assert sound.duration >= clip.source_range.end_time_exclusive().to_seconds() - 1e-9


def test_sheets_and_markers_by_themselves(
    run: FoleyHere, demo: LaidOutDemo, project: Path, tmp_path: Path
) -> None:
    for command, name, word in (
        ("cuesheet", "s.csv", "01:00:00:00"),
        ("cuesheet", "s.html", "Foley cue sheet"),
        ("markers", "m.edl", "|C:ResolveColorRed |M:hammer 1.1 |D:1"),
        ("markers", "m.csv", "hammer 1.1"),
    ):
        done = run(command, demo.cut, "--to", name, "--project", project)
        assert done.returncode == 0, done.stderr
        assert word in (tmp_path / name).read_text("utf-8-sig")


def test_a_timeline_may_lie_in_the_delivery(
    run: FoleyHere, demo: LaidOutDemo, project: Path, tmp_path: Path
) -> None:
    done = run("deliver", demo.cut, "--project", project, "--to", "out", "--timeline", "out/cut.otio")
    assert done.returncode == 0 and (tmp_path / "out" / "cut.otio").exists(), done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("deliver", "CUT", "--to", "full", "--project", "P"),
        ("deliver", "CUT", "--to", "out", "--project", "nowhere"),
        ("deliver", "CUT", "--to", "out", "--project", "P", "--timeline", "cut.xml"),
        ("deliver", "CUT", "--to", "out", "--project", "P", "--timeline", "nowhere/cut.otio"),
        ("cuesheet", "CUT", "--to", "mine.csv", "--project", "P"),
        ("cuesheet", "CUT", "--to", "s.pdf", "--project", "P"),
        ("markers", "CUT", "--to", "no/folder/m.edl", "--project", "P"),
        ("note", "CUT", "x", "--clip", "V1:99", "--project", "P"),
    ],
)
def test_what_goes_wrong_is_told_in_one_sentence(
    run: FoleyHere, demo: LaidOutDemo, project: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    (tmp_path / "full").mkdir()
    for path in (tmp_path / "full" / "mine.wav", tmp_path / "mine.csv"):
        path.write_text("mine")
    done = run(*({"CUT": str(demo.cut), "P": str(project)}.get(word, word) for word in words))
    assert done.returncode == 1 and is_one_sentence(done.stderr), done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["full", "home", "mine.csv"]
    assert (tmp_path / "mine.csv").read_text() == "mine"
