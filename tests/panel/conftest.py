"""Fixtures of the panel's tests: a screen, the fake engine, places of their own for settings and logs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

LIBRARIES = "libegl1 libgl1 libxkbcommon0 libdbus-1-3 libfontconfig1"

try:
    import PyQt6.QtWidgets  # noqa: F401
except ImportError as error:
    pytest.skip(
        f"Qt cannot be loaded here ({error}); on Debian: apt-get install {LIBRARIES}", allow_module_level=True
    )

FAKE_WORKER = Path(__file__).resolve().parents[1] / "fakes" / "worker.py"
REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def fake_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Makes the command of a real engine process that does as told; see `tests.fakes.worker.Script`."""
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))

    def command(**script: object) -> list[str]:
        path = tmp_path / "engine_script.json"
        path.write_text(json.dumps(script))
        return [sys.executable, str(FAKE_WORKER), str(path)]

    return command
