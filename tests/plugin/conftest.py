"""A real cut to work on: the demo's, laid out in a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from foley_plugin.services.demo import LaidOutDemo, lay_out_demo
from foley_plugin.timeline.client import read_cut
from foley_plugin.timeline.records import CutRecord
from tests.plugin.ways import FoleyHere


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> LaidOutDemo:
    return lay_out_demo(tmp_path_factory.mktemp("demo") / "a folder")


@pytest.fixture(scope="session")
def cut(demo: LaidOutDemo) -> CutRecord:
    return read_cut(demo.cut)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return tmp_path / "cut.foley"


@pytest.fixture
def foley_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> FoleyHere:
    return FoleyHere(tmp_path, monkeypatch, capsys)
