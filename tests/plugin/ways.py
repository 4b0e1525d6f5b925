"""The way in and out of an editing program, as tests walk it: the real command line, the scripted engine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import chdir
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import pytest

from foley_plugin import cli
from tests.timeline.building import Json, clip, gap, saved, time, time_range, timeline, track
from tests.timeline.numbered_video import write_numbered_video

REPOSITORY = Path(__file__).resolve().parents[2]
FILM_FRAMES = 120


class Foley:
    """Runs the command with an engine of the test's choice, and with data and documents of its own."""

    def __init__(self, folder: Path, engine: list[str]) -> None:
        self.folder = folder
        self.environment = {
            **os.environ,
            "FOLEY_ENGINE_COMMAND": json.dumps(engine),
            "HOME": str(folder / "home"),
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_DATA_HOME": str(folder / "data"),
            "PYTHONIOENCODING": "utf-8",
            "PYTHONPATH": str(REPOSITORY),
        }
        (folder / "home").mkdir(exist_ok=True)
        for variable in ("FOLEY_DEBUG", "OTIO_PLUGIN_MANIFEST_PATH", "XDG_DOCUMENTS_DIR"):
            self.environment.pop(variable, None)

    def __call__(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        return self.run([*self.command(*words)])

    def command(self, *words: str | Path) -> list[str]:
        return [sys.executable, "-m", "foley_plugin", *map(str, words)]

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )


class Ended(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


class FoleyHere:
    """The same command line within the test's own process: quick, where no signal and no kill is at stake."""

    def __init__(
        self,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        engine: list[str] | None = None,
    ) -> None:
        self.folder, self.engine = folder, engine
        self._monkeypatch, self._capsys = monkeypatch, capsys
        for name, value in Foley(folder, []).environment.items():
            if name in ("HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
                monkeypatch.setenv(name, value)
        for name in ("FOLEY_DEBUG", "XDG_DOCUMENTS_DIR"):
            monkeypatch.delenv(name, raising=False)

    def with_engine(self, engine: list[str]) -> FoleyHere:
        return FoleyHere(self.folder, self._monkeypatch, self._capsys, engine)

    def __call__(self, *words: str | Path, engine: list[str] | None = None) -> Ended:
        self.engine = engine or self.engine
        if self.engine is not None:
            self._monkeypatch.setenv("FOLEY_ENGINE_COMMAND", json.dumps(self.engine))
        self._monkeypatch.setattr(sys, "argv", ["foley", *map(str, words)])
        self._capsys.readouterr()
        status: object = 0
        with chdir(self.folder):
            try:
                cli.main()
            except SystemExit as ended:
                status = ended.code or 0
        assert isinstance(status, int)
        told = self._capsys.readouterr()
        return Ended(status, told.out, told.err)


def film(folder: Path, rate: Fraction, name: str = "shot.mov") -> Path:
    return write_numbered_video(folder / name, rate, FILM_FRAMES)


def cut_of(movie: Path, rate: float, *, start_frame: int = 0, name: str = "cut") -> Json:
    """Two clips of 30 frames of one film, 20 frames apart."""
    available = time_range(0, FILM_FRAMES, rate)
    clips = [
        clip(movie.name, time_range(first, 30, rate), url=str(movie), available=available)
        for first in (30, 70)
    ]
    video = track(clips[0], gap(20, rate), clips[1])
    return timeline(video, start=time(start_frame, rate), name=name)


def write_cut(folder: Path, movie: Path, rate: float = 24.0, *, name: str = "cut.otio") -> Path:
    return saved(cut_of(movie, rate), folder, name)


def is_one_sentence(text: str) -> bool:
    lines = text.strip().splitlines()
    return len(lines) == 1 and "Traceback" not in text and lines[0].endswith((".", "!"))
