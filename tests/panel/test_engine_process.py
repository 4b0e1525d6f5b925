"""The engine under QProcess: ready, lost, restarted; a real process on the other side."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import psutil
import pytest
from PyQt6.QtCore import QProcess
from pytestqt.qtbot import QtBot

from engine.protocol import Event, Failed, Finished, Generate, Picture, Progress, Span, Take, rational
from foley_plugin.qtmodels.engine_process import EngineProcess
from foley_plugin.services.engine_client import EngineLost
from foley_plugin.services.engine_subprocess import MAX_FRUITLESS_STARTS

FakeEngine = Callable[..., list[str]]
WAIT_MS = 60_000


@pytest.fixture
def start_engine(tmp_path: Path, qtbot: QtBot) -> Iterator[Callable[[list[str]], EngineProcess]]:
    engines: list[EngineProcess] = []

    def start(command: list[str]) -> EngineProcess:
        engine = EngineProcess(command=command, log_path=tmp_path / "engine.log")
        engines.append(engine)
        engine.start()
        return engine

    yield start
    for engine in engines:
        engine.close()


def _request(folder: Path, takes: int = 1) -> Generate:
    picture = Picture("/footage/shot.mp4", [Span(rational(Fraction(1)), rational(Fraction(0)))])
    return Generate(0, picture, [str(folder / f"take_{number}.wav") for number in range(takes)], 48000)


def test_it_becomes_ready_and_tells_its_labels(start_engine, fake_engine: FakeEngine, qtbot: QtBot) -> None:
    engine = start_engine(fake_engine())
    with qtbot.waitSignal(engine.became_ready, timeout=WAIT_MS):
        pass
    assert engine.labels == ["hammer", "ball"]


def test_a_request_sent_before_it_is_ready_is_answered(
    start_engine, fake_engine: FakeEngine, qtbot: QtBot, tmp_path: Path
) -> None:
    engine = start_engine(fake_engine(ready_delay_s=0.3))
    events: list[Event] = []
    engine.submit(_request(tmp_path), events.append)
    qtbot.waitUntil(lambda: any(isinstance(event, Finished) for event in events), timeout=WAIT_MS)
    assert [type(event) for event in events].count(Take) == 1
    assert any(isinstance(event, Progress) for event in events)


def test_killed_in_the_middle_it_says_so_and_the_next_request_starts_it_again(
    start_engine, fake_engine: FakeEngine, qtbot: QtBot, tmp_path: Path
) -> None:
    engine = start_engine(fake_engine(step_s=0.05, steps_per_take=40))
    events: list[Event] = []
    engine.submit(_request(tmp_path), events.append)
    qtbot.waitUntil(lambda: any(isinstance(event, Progress) for event in events), timeout=WAIT_MS)
    with qtbot.waitSignal(engine.was_lost, timeout=WAIT_MS) as lost:
        assert engine.pid is not None
        psutil.Process(engine.pid).kill()
    assert lost.args is not None and "starts again with the next job" in lost.args[0]
    assert isinstance(events[-1], Failed)

    again: list[Event] = []
    engine.submit(_request(tmp_path / ".."), again.append)
    qtbot.waitUntil(lambda: any(isinstance(event, Progress) for event in again), timeout=WAIT_MS)


def test_one_that_does_not_exist_is_told_in_a_sentence(start_engine, qtbot: QtBot, tmp_path: Path) -> None:
    engine = EngineProcess(command=[str(tmp_path / "no_such_engine")], log_path=tmp_path / "engine.log")
    with qtbot.waitSignal(engine.was_lost, timeout=WAIT_MS) as lost:
        engine.start()
    assert lost.args == ["The engine did not start; run `foley doctor` to see what is missing."]
    engine.close()


def test_one_that_ends_before_it_is_ready_is_told(
    start_engine, fake_engine: FakeEngine, qtbot: QtBot
) -> None:
    engine = start_engine(fake_engine(die_before_ready=True))
    with qtbot.waitSignal(engine.was_lost, timeout=WAIT_MS) as lost:
        pass
    assert lost.args is not None and "ended with status 7 before it was ready" in lost.args[0]


def test_one_that_was_given_up_is_started_anew_where_somebody_asks_for_it(
    start_engine, fake_engine: FakeEngine, qtbot: QtBot
) -> None:
    engine = start_engine(fake_engine(die_before_ready=True))
    qtbot.waitUntil(lambda: not engine.is_alive, timeout=WAIT_MS)
    for _ in range(MAX_FRUITLESS_STARTS - 1):
        engine.start()
        qtbot.waitUntil(lambda: not engine.is_alive, timeout=WAIT_MS)
    with pytest.raises(EngineLost, match="more than once"):
        engine.start()
    engine.move(engine.place)
    assert not engine.is_alive
    engine.move(engine.place, anew=True)
    assert engine.is_alive


def test_it_ends_with_the_panel(start_engine, fake_engine: FakeEngine, qtbot: QtBot) -> None:
    engine = start_engine(fake_engine())
    with qtbot.waitSignal(engine.became_ready, timeout=WAIT_MS):
        pass
    process = psutil.Process(engine.pid)
    engine.close()
    assert not process.is_running() or sys.platform == "win32"


def test_after_one_that_did_not_stop_was_ended_by_force_the_panel_closes(
    start_engine, fake_engine: FakeEngine, qtbot: QtBot, tmp_path: Path
) -> None:
    engine = start_engine(fake_engine(hang_on_cancel=True, step_s=0.05, steps_per_take=1000))
    events: list[Event] = []
    number = engine.submit(_request(tmp_path), events.append)
    qtbot.waitUntil(lambda: any(isinstance(event, Progress) for event in events), timeout=WAIT_MS)
    process = engine.findChild(QProcess)
    assert process is not None
    with qtbot.waitSignal(process.destroyed, timeout=WAIT_MS):
        engine.cancel(number)
    assert not engine.is_alive
    engine.close()
