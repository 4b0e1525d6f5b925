"""A server that is a process of its own, as `foley listen` starts it."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest

from tests.engine.evaluation.listening.small_study import write_films, write_samples

NAMES = ("one", "two")
LISTEN = (sys.executable, "-m", "engine.cli", "listen")


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the suite's own, but this machine may speak with itself."""
    connect = socket.socket.connect

    def only_here(self: socket.socket, address: object) -> None:
        if not (isinstance(address, tuple) and address[0] in ("127.0.0.1", "localhost")):
            raise AssertionError(f"a connection to {address!r} was opened")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", only_here)


@pytest.fixture(scope="session")
def study_words(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What follows `foley listen` for a small study: two films, two systems."""
    folder = tmp_path_factory.mktemp("listening")
    clips = write_films(folder / "clips", NAMES)
    ours, theirs = (write_samples(folder / system, system, NAMES) for system in ("ours", "theirs"))
    return [str(clips), "--samples", f"ours={ours}", "--samples", f"theirs={theirs}", "--no-browser"]


@pytest.fixture
def start_listening() -> Iterator[Callable[..., tuple[subprocess.Popen[str], str]]]:
    """Starts `foley listen WORDS`; the process and the address that it tells."""
    started = []

    def start(*words: str) -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen([*LISTEN, *words], stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        impatience = threading.Timer(60, process.kill)
        impatience.start()
        for line in process.stdout:
            if line.startswith("Listen at "):
                impatience.cancel()
                return process, line.split()[2]
        raise AssertionError("the server ended before it told its address")

    yield start
    for process in started:
        process.kill()
        process.communicate()
