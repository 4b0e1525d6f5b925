"""`foley generate --on ray`, as a user runs it, on a Ray cluster of its own."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from foley_plugin.services.demo import LaidOutDemo
from foley_plugin.takes.store import Store
from tests.engine.models import write_tiny_model

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed: run uv sync"),
    pytest.mark.skipif(sys.platform == "win32", reason="Ray has no clusters on Windows"),
]


AT_WORK = "ray::Maker.carry_out"


def started(folder: Path, engine: list[str], *words: str | Path) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "FOLEY_ENGINE_COMMAND": json.dumps(engine),
        "XDG_STATE_HOME": str(folder / "state"),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "foley_plugin", "generate", *map(str, words)],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def processes_of(folder: Path, title: str = "") -> list[psutil.Process]:
    """What runs of a command: its children, Ray's too, have inherited its environment."""
    found = []
    for process in psutil.process_iter():
        try:
            is_ours = process.environ().get("XDG_STATE_HOME") == str(folder / "state")
            if is_ours and title in " ".join(process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def wait_for(what: Callable[[], object], limit_s: float) -> None:
    until = time.monotonic() + limit_s
    while not what():
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.05)


def kill_one_at_work(folder: Path, command: subprocess.Popen[str]) -> None:
    """As soon as one of its two actors makes takes, that one dies."""

    def is_done() -> bool:
        assert command.poll() is None, "it ended before an actor was killed"
        at_work = processes_of(folder, AT_WORK)
        for process in at_work[:1]:
            process.kill()
        return bool(at_work)

    wait_for(is_done, 120)


@pytest.mark.slow
def test_with_two_actors_one_of_them_killed_all_takes_come_into_one_project_and_nothing_is_left_running(
    demo: LaidOutDemo, tmp_path: Path
) -> None:
    write_tiny_model(tmp_path / "model")
    engine = [sys.executable, "-m", "engine.worker", "--model", str(tmp_path / "model"), "--threads", "1"]
    words = ("--clip", "V1:1", "--clip", "V1:2", "--label", "knock", "--takes", "2", "--seed", "3")
    places = ("--project", tmp_path / "p", "--to", tmp_path / "out.otio", "--json", tmp_path / "g.json")
    command = started(tmp_path, engine, demo.cut, *words, *places, "--on", "ray", "--actors", "2")
    try:
        kill_one_at_work(tmp_path, command)
        _, told = command.communicate(timeout=120)
    finally:
        command.kill()
        command.wait()
    log = (tmp_path / "state/foley/log/engine.log").read_text()
    assert command.returncode == 0, told + log
    assert "was lost" in log
    takes = json.loads((tmp_path / "g.json").read_text())["takes"]
    assert [(take["index"], take["seed"]) for take in takes] == [(1, 3), (1, 4), (2, 3), (2, 4)]
    with Store.open(tmp_path / "p") as store:
        stored = store.takes()
        assert sorted(str(store.wav_path(take)) for take in stored) == sorted(take["wav"] for take in takes)
        assert {job.state.value for job in store.jobs()} == {"finished"}
        assert {take.recipe["model"] for take in stored} == {"tiny"}
    timeline = (tmp_path / "out.otio").read_text()
    assert takes[0]["wav"] in timeline and takes[2]["wav"] in timeline
    wait_for(lambda: not processes_of(tmp_path), 20)


def test_a_place_that_is_none_is_one_sentence_and_makes_no_project(demo: LaidOutDemo, tmp_path: Path) -> None:
    engine = [sys.executable, "-m", "engine.worker"]
    places = ("--project", tmp_path / "p", "--to", tmp_path / "o.otio")
    command = started(tmp_path, engine, demo.cut, *places, "--on", "spark")
    _, told = command.communicate(timeout=120)
    assert (command.returncode, told.count("\n")) == (1, 1)
    assert "ray:HOST:PORT" in told
    assert not (tmp_path / "p").exists()
