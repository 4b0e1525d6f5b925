"""A project with takes of several families on a cut at 23.976 that starts at 01:00:00:00."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from foley_plugin.jobs.meant import meant_takes
from foley_plugin.services.delivery.cues import CueList, cue_list
from foley_plugin.services.delivery.deliver import Delivery, Wanted, deliver
from foley_plugin.takes.store import Store
from foley_plugin.timeline.records import CutRecord

from .small_project import FILM, clip_at, cut_of, make_take

CLIPS = [
    clip_at(1, 0, 72, FILM),
    clip_at(2, 72, 48, FILM),
    clip_at(3, 120, 60, FILM),
    clip_at(4, 180, 60, FILM),
]


def filled(store: Store, cut: CutRecord) -> CueList:
    """A hammer that rings over the cut, steps, a door, rain."""
    make_take(store, cut, CLIPS[0], "hammer", [0.5, 2.9])
    make_take(store, cut, CLIPS[1], "footstep_wood", [0.25, 0.75, 1.25], strength=0.2)
    make_take(store, cut, CLIPS[2], "door", [1.0])
    make_take(store, cut, CLIPS[3], "rain", [0.1 * number for number in range(1, 24)], strength=0.1)
    return cue_list(cut, meant_takes(store, cut), {})


@pytest.fixture(scope="session")
def cut() -> CutRecord:
    return cut_of(*CLIPS, rate=FILM, start_frames=86400)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A project of the test's own."""
    with Store.open(tmp_path / "reel.foley") as store:
        yield store


@pytest.fixture
def own_cues(store: Store, cut: CutRecord) -> CueList:
    """Cues whose takes the test may harm."""
    return filled(store, cut)


@pytest.fixture(scope="session")
def cues(tmp_path_factory: pytest.TempPathFactory, cut: CutRecord) -> CueList:
    """Cues for reading."""
    with Store.open(tmp_path_factory.mktemp("project") / "reel.foley") as store:
        return filled(store, cut)


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory, cues: CueList) -> Delivery:
    """All of it with stems, as it is delivered by default."""
    return deliver(
        cues, tmp_path_factory.mktemp("plain") / "out", Wanted(stems=True), lambda done, total: None
    )
