"""Which files of a watched folder count, and when."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from foley_plugin import cli
from foley_plugin.services.watching.inbox import Inbox, newest_timeline
from foley_plugin.services.watching.watch import free_output
from tests.plugin.ways import FoleyHere


def names(paths: list[Path]) -> list[str]:
    return [path.name for path in paths]


def test_a_file_counts_once_it_stands_still(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path, settle_s=2.0)
    cut = tmp_path / "cut.otio"
    cut.write_text("{")
    assert inbox.settled(0.0) == [] and inbox.is_settling
    assert inbox.settled(1.9) == []
    cut.write_text('{"a"')
    assert inbox.settled(2.0) == [], "it grew: the time starts anew"
    assert inbox.settled(3.9) == []
    assert inbox.settled(4.0) == [cut]
    assert inbox.settled(9.0) == [] and not inbox.is_settling


def test_a_file_that_changes_later_counts_again(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path, settle_s=1.0)
    cut = tmp_path / "cut.otio"
    cut.write_text("one")
    inbox.settled(0.0)
    assert inbox.settled(1.0) == [cut]
    os.utime(cut, ns=(1, 1))
    assert inbox.settled(2.0) == []
    assert inbox.settled(3.0) == [cut]


def test_a_file_renamed_into_place_counts_under_its_last_name(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path, settle_s=1.0)
    part = tmp_path / "cut.otio.part"
    part.write_text("whole")
    assert inbox.settled(0.0) == [] and not inbox.is_settling
    part.rename(tmp_path / "cut.otio")
    inbox.settled(1.0)
    assert names(inbox.settled(2.0)) == ["cut.otio"]


def test_only_timelines_that_are_not_foleys_count(tmp_path: Path) -> None:
    timelines = ["a.otio", "b.OTIOZ", "c.xml", "d.fcpxml", "e.aaf", "f.edl"]
    others = [
        "a_foley.otio",
        "a_foley_12.otio",
        "a.wav",
        "a.resolve.json",
        ".hidden.otio",
        "~a.otio",
        "a.otio.part",
        "foley",
    ]
    for name in [*timelines, *others]:
        (tmp_path / name).write_text("x")
    (tmp_path / "folder.otio").mkdir()
    inbox = Inbox(tmp_path, settle_s=0.0)
    inbox.settled(0.0)
    assert names(inbox.settled(1.0)) == timelines


def test_a_folder_opens_its_newest_timeline(tmp_path: Path) -> None:
    assert newest_timeline(tmp_path) is None
    for number, name in enumerate(["old.otio", "new.otio", "newest_foley.otio"]):
        (tmp_path / name).write_text("x")
        os.utime(tmp_path / name, ns=(number, number))
    assert newest_timeline(tmp_path) == tmp_path / "new.otio"


def test_results_never_take_a_name_that_is_taken(tmp_path: Path) -> None:
    assert free_output(tmp_path, Path("x/cut.v2.xml")).name == "cut.v2_foley.otio"
    (tmp_path / "cut_foley.otio").touch()
    assert free_output(tmp_path, Path("x/cut.otio")).name == "cut_foley_2.otio"


def test_the_panel_opens_the_newest_timeline_of_a_folder(
    tmp_path: Path, foley_here: FoleyHere, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[list[str]] = []
    monkeypatch.setattr(cli, "run_panel", lambda words: opened.append(list(words)) or 0)
    (tmp_path / "cut.otio").write_text("x")
    assert foley_here("panel", tmp_path).returncode == 0
    (tmp_path / "cut.otio").unlink()
    assert foley_here("panel", tmp_path).returncode == 0
    assert opened == [[str(tmp_path / "cut.otio")], []]
