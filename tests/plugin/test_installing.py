"""Foley in an editor's menu: where the files go, whom they point to, and that they can be taken away again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from foley_plugin.services.doctor import check_installs
from foley_plugin.services.installing import premiere
from foley_plugin.services.installing.launcher import foley_command
from foley_plugin.services.installing.placing import put_in_place, take_away
from foley_plugin.services.installing.records import InstallFailed, PlannedFile, read_installation
from foley_plugin.services.installing.resolve import MENU, planned_files, scripts_folder
from tests.plugin.ways import FoleyHere, is_one_sentence

HOME = Path("/home/ann")


@pytest.mark.parametrize(
    ("platform", "all_users", "folder"),
    [
        ("darwin", False, "/home/ann/Library/Application Support/Blackmagic Design/DaVinci Resolve"),
        ("darwin", True, "/Library/Application Support/Blackmagic Design/DaVinci Resolve"),
        ("linux", False, "/home/ann/.local/share/DaVinciResolve"),
        ("linux", True, "/opt/resolve"),
        ("win32", False, "R:/roaming/Blackmagic Design/DaVinci Resolve/Support"),
        ("win32", True, "P:/data/Blackmagic Design/DaVinci Resolve"),
    ],
)
def test_scripts_go_where_resolve_looks(platform: str, all_users: bool, folder: str) -> None:
    environment = {"APPDATA": "R:/roaming", "PROGRAMDATA": "P:/data"}
    found = scripts_folder(all_users=all_users, platform=platform, environment=environment, home=HOME)
    assert found.as_posix() == f"{folder}/Fusion/Scripts/Utility"


def test_windows_without_its_folders_is_told() -> None:
    with pytest.raises(InstallFailed, match="--folder"):
        scripts_folder(platform="win32", environment={}, home=HOME)


def test_install_and_uninstall_leave_the_disk_as_it_was(foley_here: FoleyHere, tmp_path: Path) -> None:
    utility = tmp_path / "home/.local/share/DaVinciResolve/Fusion/Scripts/Utility"
    done = foley_here("install", "resolve")
    assert done.returncode == 0, done.stderr
    assert "free edition" in done.stdout and "21.1" in done.stdout
    assert {path.name for path in utility.iterdir()} == set(MENU)
    text = (utility / "Foley.py").read_text(encoding="utf-8")
    assert f"FOLEY_COMMAND = {json.dumps(foley_command())}" in text
    record = json.loads((tmp_path / "data/foley/installs/resolve.json").read_text())
    assert [Path(file["path"]).name for file in record["files"]] == list(MENU)

    assert foley_here("install", "resolve").returncode == 0, "a second time is as good as the first"
    done = foley_here("uninstall", "resolve")
    assert (done.returncode, done.stderr) == (0, "")
    assert not (tmp_path / "home/.local").exists()
    assert not list((tmp_path / "data/foley/installs").iterdir())

    done = foley_here("uninstall", "resolve")
    assert done.returncode == 1 and is_one_sentence(done.stderr)


def test_what_was_changed_by_hand_is_kept_and_told(foley_here: FoleyHere, tmp_path: Path) -> None:
    scripts = tmp_path / "scripts"
    assert foley_here("install", "resolve", "--folder", scripts).returncode == 0
    changed = scripts / "Foley.py"
    changed.write_text("mine now")
    again = foley_here("install", "resolve", "--folder", scripts)
    assert again.returncode == 1 and is_one_sentence(again.stderr) and str(changed) in again.stderr
    done = foley_here("uninstall", "resolve")
    assert done.returncode == 1 and is_one_sentence(done.stderr) and str(changed) in done.stderr
    assert [path.name for path in scripts.iterdir()] == ["Foley.py"]
    assert changed.read_text() == "mine now"


def test_an_older_foleys_files_are_replaced_and_all_are_removed(tmp_path: Path) -> None:
    records, folder = tmp_path / "records", tmp_path / "a" / "b"
    old = [
        PlannedFile(folder / "Foley.py", b"old"),
        PlannedFile(folder / "Gone in the next version.py", b"old"),
    ]
    put_in_place("resolve", old, ["/old/foley"], records)
    put_in_place("resolve", [PlannedFile(folder / "Foley.py", b"new")], ["/new/foley"], records)
    assert (folder / "Foley.py").read_bytes() == b"new"
    found = read_installation("resolve", records)
    assert found is not None and found.command == ["/new/foley"] and len(found.files) == 2
    assert len(take_away("resolve", records).done) == 2
    assert not (tmp_path / "a").exists()


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="needs a folder that refuses")
def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(InstallFailed, match="--folder"):
            put_in_place("resolve", [PlannedFile(tmp_path / "x" / "a.py", b"")], [], tmp_path / "records")
    finally:
        tmp_path.chmod(0o700)


def test_a_file_in_the_folders_place_is_told(foley_here: FoleyHere, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    done = foley_here("install", "resolve", "--folder", tmp_path / "taken" / "scripts")
    assert done.returncode == 1 and is_one_sentence(done.stderr)
    assert (tmp_path / "taken").read_text() == "mine"


def test_a_path_with_signs_and_quotes_arrives_in_the_script_as_it_is(tmp_path: Path) -> None:
    command = [str(tmp_path / 'Föley "new" \\n {x} 100 %' / "foley")]
    hand_over = tmp_path / "Dokumente – \\1"
    for file in planned_files(tmp_path, command, hand_over):
        filled: dict[str, object] = {"__name__": "loaded"}
        exec(compile(file.content, file.path.name, "exec"), filled)
        assert (filled["FOLEY_COMMAND"], filled["HAND_OVER_FOLDER"]) == (command, str(hand_over))
        assert filled["ACTION"] == MENU[file.path.name]


def test_doctor_tells_what_is_installed_and_whose_it_is(tmp_path: Path) -> None:
    def told() -> list[tuple[str, bool, str]]:
        return [(each.name, each.is_well, each.detail) for each in check_installs(tmp_path / "records")]

    assert [(name, is_well) for name, is_well, _ in told()] == [("in resolve", True), ("in premiere", True)]
    assert "foley install resolve" in told()[0][2]
    planned = planned_files(tmp_path / "scripts", foley_command(), tmp_path)
    put_in_place("resolve", planned, foley_command(), tmp_path / "records")
    assert told()[0] == ("in resolve", True, "3 files, of this foley")
    put_in_place("resolve", planned, ["/another/foley"], tmp_path / "records")
    assert not told()[0][1] and "/another/foley" in told()[0][2]
    planned[0].path.unlink()
    assert not told()[0][1] and "is gone" in told()[0][2]
    (tmp_path / "records" / "resolve.json").write_text("{broken")
    assert not told()[0][1] and "delete it" in told()[0][2]


@pytest.mark.parametrize(
    ("platform", "launcher"), [("darwin", "Open Foley.command"), ("win32", "Open Foley.cmd")]
)
def test_the_premiere_panel_is_complete_and_its_package_too(
    tmp_path: Path, platform: str, launcher: str
) -> None:
    hand_over = tmp_path / "hand over"
    planned = premiere.planned_files(tmp_path / "p", ["/x y/foley"], hand_over, platform=platform)
    files = {file.path.name: file for file in planned}
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "Foley.ccx").write_bytes(files["Foley.ccx"].content)
    with zipfile.ZipFile(tmp_path / "p" / "Foley.ccx") as package:
        assert set(package.namelist()) == set(premiere.PANEL_FILES)
        manifest = json.loads(package.read("manifest.json"))
        for name in premiere.PANEL_FILES:
            assert package.read(name) == files[name].content
    assert manifest["host"]["app"] == "premierepro" and manifest["main"] == "index.html"
    assert Path(launcher).suffix in manifest["requiredPermissions"]["launchProcess"]["extensions"]
    assert str(hand_over) in files[launcher].content.decode()
    assert json.dumps(str(hand_over / launcher)) in files["config.js"].content.decode()
    assert premiere.planned_files(tmp_path / "p", ["/x y/foley"], hand_over, platform=platform) == planned


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_the_launcher_opens_the_panel_on_the_shared_folder(tmp_path: Path) -> None:
    tell = "import json, sys; print(json.dumps(sys.argv[1:]))"
    hand_over = tmp_path / "it's here"
    planned = premiere.planned_files(
        tmp_path / "p", [sys.executable, "-c", tell], hand_over, platform="darwin"
    )
    put_in_place("premiere", planned, [], tmp_path / "records")
    done = subprocess.run(
        [hand_over / "Open Foley.command"], capture_output=True, text=True, check=True, timeout=60
    )
    assert json.loads(done.stdout) == ["panel", str(hand_over)]


def test_premiere_on_a_system_without_it_is_told(foley_here: FoleyHere, tmp_path: Path) -> None:
    if sys.platform == "linux":
        done = foley_here("install", "premiere")
        assert done.returncode == 1 and is_one_sentence(done.stderr)
    done = foley_here("install", "premiere", "--folder", tmp_path / "panel")
    assert done.returncode == 0 and "Final Cut Pro XML" in done.stdout
    assert (tmp_path / "panel" / "Foley.ccx").exists()
    assert foley_here("uninstall", "premiere").returncode == 0
    assert not (tmp_path / "panel").exists()


def test_adobes_installer_is_used_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "agent"
    program.write_text(f'#!/bin/sh\necho "$@" >> "{tmp_path}/told"\n')
    program.chmod(0o755)
    monkeypatch.setattr(premiere, "INSTALLERS", {"darwin": program})
    assert "restart" in premiere.hand_to_premiere(tmp_path / "Foley.ccx", platform="darwin")
    assert "restart" in premiere.take_from_premiere(platform="darwin")
    assert (tmp_path / "told").read_text().splitlines() == [
        f"--install {tmp_path}/Foley.ccx",
        "--remove Foley",
    ]
    program.write_text("#!/bin/sh\nexit 3\n")
    assert "Double-click" in premiere.hand_to_premiere(tmp_path / "Foley.ccx", platform="darwin")
