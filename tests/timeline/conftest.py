"""Media for timelines."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def movie(tmp_path: Path) -> str:
    """A file that is there; what is in it is told by the probe of each test."""
    path = tmp_path / "a.mov"
    path.write_bytes(b"moving")
    return str(path)
