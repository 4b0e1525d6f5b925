"""A server that is a process of its own, as `foley listen` starts it."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

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


@contextmanager
def listening(*words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`foley listen WORDS` as it runs: the process and the address that it tells."""
    process = subprocess.Popen([*LISTEN, *words], stdout=subprocess.PIPE, text=True)
    impatience = threading.Timer(60, process.kill)
    impatience.start()
    try:
        assert process.stdout is not None
        told = next((line for line in process.stdout if line.startswith("Listen at ")), None)
        impatience.cancel()
        assert told is not None, "the server ended before it told its address"
        yield process, told.split()[2]
    finally:
        impatience.cancel()
        process.kill()
        process.communicate()


@pytest.fixture
def start_listening() -> Iterator[Callable[..., tuple[subprocess.Popen[str], str]]]:
    """Starts `foley listen WORDS`, as often as a test asks."""
    with ExitStack() as started:
        yield lambda *words: started.enter_context(listening(*words))
