"""Where projects, timelines and settings go when nobody says."""

from __future__ import annotations

from pathlib import Path

import pytest

from foley_plugin.jobs import project
from foley_plugin.jobs.errors import NoRoom
from foley_plugin.jobs.project import default_output, default_project_folder, is_writable
from foley_plugin.services.settings import (
    Settings,
    change_settings,
    read_settings,
    without_home,
    write_settings,
)
from foley_plugin.takes.store import Store


def test_the_project_lies_beside_the_cut(tmp_path: Path) -> None:
    assert default_project_folder(tmp_path / "my cut.otio") == tmp_path / "my cut.foley"


def test_a_project_beside_the_cut_is_its_own_where_it_can_only_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store.open(tmp_path / "cut.foley").close()
    monkeypatch.setattr(project, "is_writable", lambda folder: tmp_path / "docs" in folder.parents)
    cut = tmp_path / "cut.otio"
    assert default_project_folder(cut, documents=tmp_path / "docs") == tmp_path / "cut.foley"


def test_where_the_cuts_folder_cannot_be_written_documents_serve_and_namesakes_stay_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project, "is_writable", lambda folder: tmp_path / "docs" in [folder, *folder.parents])
    folders = [
        default_project_folder(tmp_path / card / "cut.otio", documents=tmp_path / "docs") for card in "ab"
    ]
    assert all(folder.parent == tmp_path / "docs" / "foley" for folder in folders)
    assert folders[0] != folders[1]
    assert default_output(tmp_path / "a" / "cut.otio", folders[0]).parent == folders[0]
    with pytest.raises(NoRoom, match="--project"):
        default_project_folder(tmp_path / "a" / "cut.otio", documents=tmp_path / "nowhere")


def test_outputs_are_numbered_and_never_taken_twice(tmp_path: Path) -> None:
    cut = tmp_path / "cut.otio"
    names = []
    for _ in range(3):
        target = default_output(cut, tmp_path)
        target.touch()
        names.append(target.name)
    assert names == ["cut_foley.otio", "cut_foley_2.otio", "cut_foley_3.otio"]


def test_trying_whether_a_folder_can_be_written_leaves_nothing(tmp_path: Path) -> None:
    assert is_writable(tmp_path / "new" / "deep")
    (tmp_path / "file").touch()
    assert not is_writable(tmp_path / "file" / "below")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_settings_come_back_and_recent_cuts_come_first_once(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "settings.json"
    settings = Settings(takes=3)
    for cut in ("a.otio", "b.otio", "a.otio"):
        settings = settings.with_recent_cut(Path(cut))
    write_settings(settings, path)
    assert read_settings(path) == settings
    assert settings.recent_cuts == ["a.otio", "b.otio"]
    assert [child.name for child in path.parent.iterdir()] == ["settings.json"]


@pytest.mark.parametrize("content", ["", "{", '{"takes": 0}', '{"takes": "many"}', "[]"])
def test_broken_settings_stop_nobody(tmp_path: Path, content: str) -> None:
    (tmp_path / "settings.json").write_text(content)
    assert read_settings(tmp_path / "settings.json") == Settings()


def test_the_home_folder_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: Path("/home/ann"))
    assert without_home("read /home/ann/cut.otio and /media/x") == "read ~/cut.otio and /media/x"


def test_settings_that_are_not_understood_are_put_aside_before_they_are_changed(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"appearance": 7, "shortcuts": {"play": ["P"]}}')
    changed = change_settings(path, language="ko")
    assert changed.language == "ko" and read_settings(path).language == "ko"
    assert '"play"' in path.with_suffix(".bad").read_text()
    change_settings(path, appearance="light")
    assert read_settings(path).language == "ko"
