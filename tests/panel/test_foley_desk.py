"""The desk without a window: what it tells of clips whose jobs are cancelled, lost or made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import pytest

pytest.importorskip("PyQt6.QtCore", exc_type=ImportError)

from PyQt6.QtWidgets import QApplication

from engine.protocol import Failed, Finished
from foley_plugin.jobs.generate import Wish
from foley_plugin.jobs.parts import whole_clip
from foley_plugin.qtmodels.clip_status import ClipState, ClipStatus
from foley_plugin.qtmodels.edit_history import EditHistory
from foley_plugin.qtmodels.foley_desk import FoleyDesk
from foley_plugin.qtmodels.lanes import ClipKey
from foley_plugin.qtmodels.queue_desk import QueueDesk
from foley_plugin.qtmodels.take_edits import TakeEdits
from foley_plugin.takes.errors import ProjectError
from foley_plugin.takes.store import Store
from tests.plugin.delivery.small_project import clip_at, cut_of
from tests.plugin.test_queue import HandDriven

RATE = Fraction(25)
CLIPS = [clip_at(number, 100 * (number - 1), 100, RATE) for number in range(1, 13)]
CUT = cut_of(*CLIPS, rate=RATE)
ALL = [whole_clip(clip) for clip in CLIPS]
FIRST = ClipKey("V1", 1)


class HandDrivenProcess(HandDriven):
    def note_result(self) -> None:
        pass


class Bench:
    """A desk over a real store, and what it told last of every clip."""

    def __init__(self, folder: Path) -> None:
        self.store, self.engine, self.history = Store.open(folder / "p"), HandDrivenProcess(), EditHistory()
        self.takes = TakeEdits(self.store, CUT, [], self.history)
        self.desk = FoleyDesk(self.engine, self.store, CUT, self.takes)  # type: ignore[arg-type]
        self.states: dict[ClipKey, ClipState] = {}
        self.work_told, self.failed, self.landed = 0, list[str](), list[str]()
        self.desk.status_changed.connect(self._on_status)
        self.desk.work_changed.connect(self._on_work)
        self.desk.failed.connect(self.failed.append)
        self.desk.take_landed.connect(self.landed.append)

    def _on_status(self, key: ClipKey, status: ClipStatus) -> None:
        self.states[key] = status.state

    def _on_work(self) -> None:
        self.work_told += 1


@pytest.fixture
def bench(tmp_path: Path, qapp: QApplication) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.store.close()


def test_a_long_queue_is_cancelled_with_one_word_of_it(bench: Bench) -> None:
    bench.desk.generate(ALL, Wish(label="hammer"))
    assert bench.states[ClipKey("V1", 12)] is ClipState.QUEUED
    bench.work_told = 0
    bench.desk.cancel(bench.desk.queue.waiting)
    assert bench.work_told == 1
    assert bench.states.pop(FIRST) is ClipState.GENERATING
    assert set(bench.states.values()) == {ClipState.READY}
    bench.desk.tell_status(FIRST)
    assert FIRST not in bench.states, "a job works on it"
    bench.engine.end(Finished(1, 1.0))
    assert bench.states[FIRST] is ClipState.READY and bench.desk.is_idle
    queue = QueueDesk(bench.desk, bench.store, CUT)
    again = queue.make_again(bench.desk.queue.ended)
    assert len(again) == 11 and set(bench.desk.queue.waiting) < set(again)
    queue.cancel([*again, *bench.desk.queue.ended])
    assert bench.desk.queue.waiting == () and len(bench.desk.queue.running) == 1


def test_a_clip_whose_job_cannot_be_written_down_waits_no_longer(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise ProjectError("The disk is full.")

    monkeypatch.setattr(bench.store, "add_job", full)
    bench.desk.generate_each([(each, Wish(label="hammer")) for each in ALL[:2]])
    assert bench.failed == ["The disk is full."] * 2
    assert set(bench.states.values()) == {ClipState.READY}

    @contextmanager
    def cannot_begin() -> Iterator[None]:
        full()
        yield

    bench.desk.intake._together = cannot_begin
    bench.desk.generate_each([(each, Wish(label="hammer")) for each in ALL])
    assert bench.failed[2:] == ["The disk is full."]
    assert len(bench.states) == 12 and set(bench.states.values()) == {ClipState.READY}


def test_only_a_take_that_is_put_onto_the_timeline_is_told_as_landed(bench: Bench) -> None:
    (first,) = bench.desk.generate(ALL[:1], Wish(label="hammer", takes=3))
    bench.engine.land(1)
    assert bench.landed == [str(first.takes[0].id)]
    bench.engine.land(2)
    assert len(bench.landed) == 1, "it only joins the shelf"
    bench.history.undo()
    bench.engine.land(0)
    assert len(bench.landed) == 1 and not bench.desk.shelf.placed(), "what is undone stays so"
    assert len(bench.desk.shelf.takes_of(FIRST)) == 3


def test_what_is_made_and_what_failed_is_told_with_the_clip(bench: Bench) -> None:
    bench.desk.generate(ALL[:2], Wish(label="hammer"))
    assert bench.desk.running_words == "Making foley for shot_1.mov, 1 waiting"
    bench.engine.end(Failed(1, "output", "The disk is full."))
    assert bench.failed == ["shot_1.mov: The disk is full."]
    assert bench.desk.running_words == "Making foley for shot_2.mov"
