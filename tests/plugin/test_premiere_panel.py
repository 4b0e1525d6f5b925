"""The panel in Premiere, its JavaScript really run, against a Premiere of documented objects."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from foley_plugin.services.hand_back import keep_hand_back
from foley_plugin.services.installing.placing import put_in_place
from foley_plugin.services.installing.premiere import PANEL, planned_files
from foley_plugin.timeline.records import CutRecord, Placement

FAKE_PREMIERE = Path(__file__).resolve().parents[1] / "fakes" / "premiere.js"
Press = Callable[..., tuple[str, list[Any]]]


def node() -> str:
    """Node's program: the system's, else the one that playwright brings."""
    found = shutil.which("node")
    if found is None:
        playwright = pytest.importorskip("playwright", reason="install Node: apt-get install nodejs")
        found = str(Path(playwright.__file__).parent / "driver" / "node")
    return found


@pytest.fixture
def hand_over(tmp_path: Path) -> Path:
    return tmp_path / "hand over"


@pytest.fixture
def press(tmp_path: Path, hand_over: Path) -> Press:
    """Presses a button of the installed panel: what it tells, and what Premiere was asked for."""
    planned = planned_files(tmp_path / "panel", ["foley"], hand_over, platform="darwin")
    put_in_place("premiere", planned, ["foley"], tmp_path / "records")

    def press(action: str, **script: object) -> tuple[str, list[Any]]:
        path = tmp_path / "script.json"
        path.write_text(json.dumps({"sequence": "Scene 4 – kitchen", "action": action, **script}))
        command = [node(), str(FAKE_PREMIERE), str(tmp_path / "panel" / "Foley"), str(path)]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert told["sentence"].endswith(".") and "\n" not in told["sentence"]
        return told["sentence"], told["asked"]

    return press


def hand_back(hand_over: Path, suffix: str = ".otio") -> Path:
    source = hand_over / f"Scene-4-kitchen_001{suffix}"
    project = source.with_suffix(".foley")
    wav = project / "takes" / "take_1.wav"
    wav.parent.mkdir(parents=True)
    wav.touch()
    written = source.with_name(f"{source.stem}_foley{suffix}")
    written.touch()
    cut = CutRecord(str(source), "cut", (24, 1), (0, 1), False, (80, 24), [], [], [], "0" * 64)
    assert keep_hand_back(project, cut, written, [Placement(str(wav), 0, 30, 24, 78, 1, "Foley", {})])
    return written


@pytest.mark.parametrize("name", ["foley.js", "main.js", "config.js"])
def test_the_scripts_are_javascript(name: str) -> None:
    done = subprocess.run(
        [node(), "--check", str(PANEL / name)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_sequence_is_exported_and_the_panel_opened(press: Press) -> None:
    sentence, asked = press("openPanel")
    assert asked == [["otio", "Scene-4-kitchen_001.otio"], ["open", "Open Foley.command"]]
    assert "Bring back" in sentence
    assert press("openPanel", options={"asXml": True})[1][0] == ["xml", "Scene-4-kitchen_002.xml"]


def test_what_foley_wrote_is_imported(press: Press, hand_over: Path) -> None:
    written = hand_back(hand_over)
    sentence, asked = press("bringBack")
    assert asked == [["import", [written.name], "root"]]
    assert written.name in sentence


def test_where_the_sequence_is_refused_the_takes_come_into_a_bin(press: Press, hand_over: Path) -> None:
    written = hand_back(hand_over)
    sentence, asked = press("bringBack", refuses=[".otio"])
    assert asked[1:] == [["import", ["take_1.wav"], "Foley"]]
    assert str(written) in sentence and "bin Foley" in sentence
    sentence, _ = press("bringBack", refuses=[".otio", ".wav"])
    assert "File > Import" in sentence


def test_final_cut_pro_xml_comes_back_by_hand(press: Press, hand_over: Path) -> None:
    written = hand_back(hand_over, ".xml")
    sentence, asked = press("bringBack")
    assert asked == [] and str(written) in sentence and "File > Import" in sentence


@pytest.mark.parametrize(
    ("action", "script", "words"),
    [
        ("openPanel", {"sequence": ""}, "no open sequence"),
        ("openPanel", {"noProject": True}, "no open sequence"),
        ("openPanel", {"failsToExport": True}, "could not export"),
        ("openPanel", {"refusesToOpen": "denied"}, "_001.otio in Foley"),
        ("bringBack", {}, "export in the Foley panel first"),
    ],
)
def test_trouble_is_one_sentence(press: Press, action: str, script: dict[str, object], words: str) -> None:
    assert words in press(action, **script)[0]
