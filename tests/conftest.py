"""Fixtures of the whole suite: no network at all, and engines that can be told how to behave."""

from __future__ import annotations

import json
import os
import socket
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# Examples are not timed: a busy machine is no bug.
settings.register_profile("foley", deadline=None)
settings.load_profile("foley")

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
if "PYTEST_XDIST_WORKER" in os.environ:
    # Side by side, programs of several threads each wait for one another most of the time.
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# What tests look at must not fill the cache of the person who runs them; child processes inherit this.
_CACHE = tempfile.TemporaryDirectory(prefix="foley-test-cache-", ignore_cleanup_errors=True)
os.environ["FOLEY_CACHE"] = _CACHE.name

# As engine.visual does, for tests that import open_clip, timm or transformers before it.
os.environ["HF_HUB_OFFLINE"] = "1"

try:
    import PyQt6.QtWidgets  # noqa: F401
except ImportError:
    pytest_plugins: list[str] = []  # tests/panel says what to install
else:
    pytest_plugins = ["pytestqt.plugin"]

REPOSITORY = Path(__file__).resolve().parent.parent
FAKE_WORKER = Path(__file__).resolve().parent / "fakes" / "worker.py"


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in this program may open a connection unasked."""

    connect = socket.socket.connect

    def refuse(sock: socket.socket, address: object) -> None:
        # A Unix socket leads to no network: processes on this machine hand tensors over by one.
        if sock.family != getattr(socket, "AF_UNIX", None):
            raise AssertionError(f"a connection to {address!r} was opened")
        connect(sock, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture
def shared() -> Path:
    """The folder of real timelines, video and sounds.

    Skips where it is absent.
    """
    folder = Path(os.environ.get("FOLEY_SHARED") or REPOSITORY.parent / "shared")
    if not folder.is_dir():
        pytest.skip(f"the real data is not in {folder} (set FOLEY_SHARED)")
    return folder


@pytest.fixture
def fake_engine(tmp_path: Path) -> Callable[..., list[str]]:
    """The command of a scriptable engine: `fake_engine(step_s=0.1)`; see tests/fakes/worker.py."""

    def command(**script: object) -> list[str]:
        number = len(list(tmp_path.glob("engine-script-*.json")))
        path = tmp_path / f"engine-script-{number}.json"
        path.write_text(json.dumps(script), encoding="utf-8")
        return [sys.executable, str(FAKE_WORKER), str(path)]

    return command
