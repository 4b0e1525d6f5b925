"""Where figures may be written, and what an error of the engine's commands looks like."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from engine import cli
from engine.cli.options import write_json
from engine.config import WindowConfig


def ended(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["foley", *words])
    return cli.main()


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("missing/x.json", None, "its folder is not there"),
        ("", None, "it is a folder"),
        ("cut.otio", '{"OTIO_SCHEMA": "Timeline.1"}', "holds no figures"),
        ("cut.json", '{"OTIO_SCHEMA": "Timeline.1"}', "holds no figures"),
        ("notes.json", "no JSON", "holds no figures"),
        ("list.json", "[1]", "holds no figures"),
    ],
)
def test_a_place_that_figures_cannot_have_is_refused_before_the_work(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: str | None,
    told: str,
) -> None:
    target = tmp_path / name
    if content is not None:
        target.write_text(content)
    assert ended(monkeypatch, "data", "check", str(tmp_path / "no-set"), "--json", str(target)) == 1
    said = capsys.readouterr().err
    assert told in said and said.count("\n") == 1 and "no-set" not in said
    assert content is None or target.read_text() == content


def test_earlier_figures_are_replaced_in_one_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "figures.json"
    for config in (WindowConfig(), WindowConfig(window_frames=600)):
        write_json(target, config)
    assert '"window_frames": 600' in target.read_text()
    assert list(tmp_path.iterdir()) == [target]
    assert ended(monkeypatch, "data", "check", str(tmp_path / "no-set"), "--json", str(target)) == 1
    assert "no-set" in capsys.readouterr().err


@pytest.mark.parametrize("debug", [False, True])
def test_a_fault_of_ours_is_a_sentence_and_with_debug_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], debug: bool
) -> None:
    def fault(*_: object) -> None:
        raise ZeroDivisionError("division by\nzero")

    monkeypatch.setattr("engine.training.prepare.manifest.read_manifest", fault)
    monkeypatch.setenv("FOLEY_DEBUG", "1" if debug else "")
    assert ended(monkeypatch, "data", "check", "set") == 1
    said = capsys.readouterr().err
    assert "division by zero" in said and ("Traceback" in said) == debug
