"""Where media lie, said once on the command line and remembered."""

from __future__ import annotations

import json
import shutil
from fractions import Fraction
from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine.errors import FoleyError
from foley_plugin.cli import app
from foley_plugin.cli_media import media_places
from foley_plugin.services.opening import open_cut, whereabouts
from foley_plugin.takes.errors import ProjectError
from foley_plugin.takes.media_memory import read_media_places, write_media_places
from foley_plugin.timeline.errors import SelectionError
from foley_plugin.timeline.media_places import MediaPlaces, Relink
from tests.plugin.test_cli import FakeEngine
from tests.plugin.ways import FoleyHere
from tests.timeline.building import clip, saved, time_range, timeline, track
from tests.timeline.numbered_video import write_numbered_video

NAMES = ["day1/A001.mov", "day1/A002.mov", "day2/B001.mov"]


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """Films in a tree that the cut knows by the name of another computer."""
    disk = tmp_path / "disk" / "Show"
    film = write_numbered_video(tmp_path / "film.mov", Fraction(24), 48)
    for name in NAMES:
        (disk / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(film, disk / name)
        with (disk / name).open("ab") as file:
            file.write(name.encode())
    return disk


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    (tmp_path / "cut").mkdir()
    source = time_range(0, 24, 24.0)
    clips = [clip(name, source, url="E:\\Show\\" + name.replace("/", "\\")) for name in NAMES]
    return saved(timeline(track(*clips)), tmp_path / "cut", "scene.otio")


def run(*words: str | Path) -> tuple[int, str, str]:
    """Exit status, what was printed, and the sentence of an error."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    if isinstance(done.exception, FoleyError):
        return 1, done.output, done.exception.sentence
    assert done.exception is None, done.exception
    return done.exit_code, done.output, ""


def eligible(report: Path) -> list[bool]:
    return [each["eligible"] for each in json.loads(report.read_text())["clips"]]


def test_a_relink_of_one_file_brings_the_whole_tree_and_is_remembered(
    tmp_path: Path, cut: Path, disk: Path
) -> None:
    report = tmp_path / "report.json"
    status, out, _ = run("inspect", cut, "--json", report)
    assert status == 0 and eligible(report) == [False] * 3 and "--media" in out
    assert not (cut.parent / "scene.foley").exists(), "a look leaves nothing behind"
    status, out, _ = run("relink", cut, "E:\\Show\\day1\\A001.mov", disk / "day1" / "A001.mov")
    assert status == 0 and "3 of 3 media files found" in out and f"E: is now {disk.parent}" in out
    run("inspect", cut, "--json", report)
    assert eligible(report) == [True] * 3


def test_a_media_folder_is_searched_and_remembered(tmp_path: Path, cut: Path, disk: Path) -> None:
    report = tmp_path / "report.json"
    for options in (["--media", disk.parent], []):
        status, _, errors = run("inspect", cut, *options, "--json", report)
        assert (status, errors) == (0, "") and eligible(report) == [True] * 3


def test_foley_is_made_for_media_that_moved(
    tmp_path: Path, foley_here: FoleyHere, fake_engine: FakeEngine, cut: Path, disk: Path
) -> None:
    words = ["generate", cut, "--clip", "V1:2", "--relink", f"E:/Show={disk}", "--to", tmp_path / "out.otio"]
    done = foley_here(*words, engine=fake_engine())
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.otio").exists() and "A002" in done.stdout


def test_a_relink_that_concerns_nothing_says_where_the_media_are(cut: Path, disk: Path) -> None:
    status, _, errors = run("relink", cut, "E:\\Other", disk)
    assert status == 1
    assert errors.strip() == (
        "No clip of scene.otio lies under E:\\Other; its media lie under E:\\Show\\day1 and E:\\Show\\day2."
    )
    assert read_media_places(cut.parent / "scene.foley") == MediaPlaces()


@pytest.mark.parametrize(
    ("folders", "relinks", "words"),
    [
        (["gone"], [], "no folder gone"),
        ([], ["no equals sign"], "is no relink"),
        ([], ["E:\\Show=/nowhere/at/all"], "nothing at /nowhere/at/all"),
    ],
)
def test_places_that_are_not_there_are_refused(folders: list[str], relinks: list[str], words: str) -> None:
    with pytest.raises(SelectionError, match=words):
        media_places([Path(each) for each in folders], relinks)


def test_a_relink_may_hold_equals_signs(tmp_path: Path) -> None:
    (tmp_path / "x=y").mkdir()
    places = media_places([], [f"/old=place={tmp_path}/x=y"])
    assert places.relinks == [Relink("/old=place", str(tmp_path / "x=y"))]


def test_what_cannot_be_read_is_forgotten_and_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    write_media_places(tmp_path / "p", MediaPlaces(["/a"], [Relink("/b", "/c")], True))
    assert read_media_places(tmp_path / "p") == MediaPlaces(["/a"], [Relink("/b", "/c")], True)
    (tmp_path / "p" / "media.json").write_text("{")
    assert read_media_places(tmp_path / "p") == MediaPlaces()
    (tmp_path / "file").write_text("")
    with pytest.raises(ProjectError, match="could not be remembered"):
        write_media_places(tmp_path / "file", MediaPlaces())


def test_the_next_export_finds_its_media_by_the_project_that_it_is_attached_to(
    tmp_path: Path, cut: Path, disk: Path
) -> None:
    project = tmp_path / "project"
    open_cut(cut, MediaPlaces([str(disk)]), project=project)
    later = shutil.copy(cut, cut.parent / "scene_v2.otio")
    assert whereabouts(open_cut(Path(later), project=project)).offline == []
    assert len(whereabouts(open_cut(Path(later))).offline) == 3
