"""`foley generate --on ray`, as a user runs it, on a Ray cluster of its own."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from foley_plugin.services.demo import LaidOutDemo
from foley_plugin.takes.store import Store
from tests.engine.models import write_tiny_model

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed"),
    pytest.mark.skipif(sys.platform == "win32", reason="Ray has no clusters on Windows"),
]


def run(folder: Path, engine: list[str], *words: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "FOLEY_ENGINE_COMMAND": json.dumps(engine),
        "XDG_STATE_HOME": str(folder / "state"),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    return subprocess.run(
        [sys.executable, "-m", "foley_plugin", "generate", *map(str, words)],
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=170,
        check=False,
    )


def processes_of(folder: Path) -> list[str]:
    """What still runs of a command: its children, Ray's too, have inherited its environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("XDG_STATE_HOME") == str(folder / "state"):
                found.append(" ".join(process.cmdline())[:200])
        except psutil.Error:
            continue
    return found


@pytest.mark.minutes
def test_takes_come_into_the_project_the_timeline_is_written_and_nothing_is_left_running(
    demo: LaidOutDemo, tmp_path: Path
) -> None:
    write_tiny_model(tmp_path / "model")
    engine = [sys.executable, "-m", "engine.worker", "--model", str(tmp_path / "model"), "--threads", "1"]
    words = ("--clip", "V1:1", "--clip", "V1:2", "--label", "knock", "--takes", "2", "--seed", "3")
    places = ("--project", tmp_path / "p", "--to", tmp_path / "out.otio", "--json", tmp_path / "g.json")
    done = run(tmp_path, engine, demo.cut, *words, *places, "--on", "ray", "--actors", "1")
    assert done.returncode == 0, done.stderr + (tmp_path / "state/foley/log/engine.log").read_text()
    takes = json.loads((tmp_path / "g.json").read_text())["takes"]
    assert [(take["index"], take["seed"]) for take in takes] == [(1, 3), (1, 4), (2, 3), (2, 4)]
    with Store.open(tmp_path / "p") as store:
        stored = store.takes()
        assert sorted(str(store.wav_path(take)) for take in stored) == sorted(take["wav"] for take in takes)
        assert {job.state.value for job in store.jobs()} == {"finished"}
        assert {take.recipe["model"] for take in stored} == {"tiny"}
    timeline = (tmp_path / "out.otio").read_text()
    assert takes[0]["wav"] in timeline and takes[2]["wav"] in timeline
    until = time.monotonic() + 20
    while (left := processes_of(tmp_path)) and time.monotonic() < until:
        time.sleep(0.1)
    assert left == []


def test_a_place_that_is_none_is_one_sentence_and_makes_no_project(demo: LaidOutDemo, tmp_path: Path) -> None:
    engine = [sys.executable, "-m", "engine.worker"]
    done = run(
        tmp_path, engine, demo.cut, "--project", tmp_path / "p", "--to", tmp_path / "o.otio", "--on", "spark"
    )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "ray:HOST:PORT" in done.stderr
    assert not (tmp_path / "p").exists()
