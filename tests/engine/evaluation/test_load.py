"""A machine that is busy is not measured."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.evaluation import load
from engine.evaluation.load import (
    Load,
    LoadWatch,
    MachineBusy,
    busy_processor_s,
    load_percent,
    own_processor_s,
    refuse_under_load,
)

LINE = "some avg10={:.2f} avg60=99.00 avg300=99.00 total=5205649046\nfull avg10=88.00 avg60=0.00 avg300=0.00 total=0\n"


def pressure_file(tmp_path: Path, percent: float) -> Path:
    path = tmp_path / "cpu"
    path.write_text(LINE.format(percent))
    return path


def test_the_ten_second_mean_of_some_is_read(tmp_path: Path) -> None:
    assert load_percent(pressure_file(tmp_path, 3.25)) == 3.25


def test_an_idle_machine_is_measured_at_once(tmp_path: Path) -> None:
    slept: list[float] = []
    assert refuse_under_load(pressure=pressure_file(tmp_path, 0.4), sleep=slept.append) == 0.4
    assert slept == []


def test_a_busy_machine_is_refused_in_one_sentence_after_some_patience(tmp_path: Path) -> None:
    slept: list[float] = []
    with pytest.raises(MachineBusy, match=r"^Other programs .*37 % where 5 %.*\.$"):
        refuse_under_load(pressure=pressure_file(tmp_path, 37), sleep=slept.append, patience_s=3)
    assert len(slept) == 3


def test_a_load_that_passes_is_waited_for(tmp_path: Path) -> None:
    path = pressure_file(tmp_path, 50)

    def other_program_ends(_: float) -> None:
        path.write_text(LINE.format(0.5))

    assert refuse_under_load(pressure=path, sleep=other_program_ends) == 0.5


def test_where_no_pressure_is_told_the_processors_are_asked(tmp_path: Path) -> None:
    assert 0 <= load_percent(tmp_path / "missing") <= 100


class Machine:
    """Processors whose clocks stand still until they are moved."""

    def __init__(self, folder: Path) -> None:
        self.stat, self.pressure = folder / "stat", pressure_file(folder, 0.5)
        self.busy_s, self.own_s, self.now_s = 1000.0, 10.0, 5.0
        self._write()

    def run(self, wall_s: float, *, own_s: float, others_s: float) -> None:
        self.now_s += wall_s
        self.own_s += own_s
        self.busy_s += own_s + others_s
        self._write()

    def _write(self) -> None:
        ticks = round(self.busy_s * os.sysconf("SC_CLK_TCK"))
        spread = [
            ticks - 5,
            1,
            1,
            7_777_777,
            8_888,
            1,
            1,
            1,
            999,
            99,
        ]  # of which neither idle times nor guests' count
        self.stat.write_text(f"cpu  {' '.join(map(str, spread))}\ncpu0 1 1 1 1 1 1 1 1 0 0\nintr 5\n")

    def watch(self) -> LoadWatch:
        return LoadWatch.begin(
            pressure=self.pressure, stat=self.stat, own_s=lambda: self.own_s, clock=lambda: self.now_s
        )


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    return Machine(tmp_path)


needs_ticks = pytest.mark.skipif(not hasattr(os, "sysconf"), reason="The system tells no ticks.")


@needs_ticks
def test_what_this_program_takes_itself_is_no_load(machine: Machine) -> None:
    watch = machine.watch()
    machine.run(100, own_s=195, others_s=4)
    assert watch.end() == Load(0.5, pytest.approx(2.0))  # 4 s of two processors' 200


@needs_ticks
def test_a_program_that_came_and_went_while_it_was_timed_is_seen_afterwards(machine: Machine) -> None:
    watch = machine.watch()
    machine.run(10, own_s=10, others_s=0)
    machine.run(80, own_s=70, others_s=60)
    machine.run(10, own_s=10, others_s=0)
    with pytest.raises(MachineBusy, match=r"^Other programs took 30 % of the processors .*5 % is .*\.$"):
        watch.end()


@needs_ticks
def test_clocks_that_disagree_a_little_are_no_negative_load(machine: Machine) -> None:
    watch = machine.watch()
    machine.run(100, own_s=195, others_s=-1)
    assert watch.end().others == 0


def test_a_machine_that_is_busy_already_is_not_watched(tmp_path: Path) -> None:
    with pytest.raises(MachineBusy, match="keep the processors busy"):
        LoadWatch.begin(pressure=pressure_file(tmp_path, 17), patience_s=0)


@pytest.mark.parametrize("percent", [19.0, 21.0])
def test_where_no_times_are_told_the_processors_are_asked_afterwards(
    percent: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = LoadWatch.begin(pressure=pressure_file(tmp_path, 0.5), stat=tmp_path / "missing")
    monkeypatch.setattr(load, "busy_percent", lambda: percent)
    if percent < 20:
        assert watch.end() == Load(0.5, percent)
    else:
        with pytest.raises(MachineBusy, match=r"21 % .*20 % is the most"):
            watch.end()


BUSY = "import time\nwhile time.process_time() < {}: pass"
ORPHAN = """
import subprocess, sys
subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
"""


@pytest.mark.skipif(not load.STAT.is_file(), reason="The system tells no times.")
def test_a_real_program_beside_this_one_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1)  # of many processors it would take a small part
    watch = LoadWatch.begin(pressure=pressure_file(tmp_path, 0.5))
    started, limit_s = busy_processor_s(), time.monotonic() + 60
    subprocess.run([sys.executable, "-c", ORPHAN, BUSY.format(1.5)], check=True)
    assert started is not None
    while (busy_processor_s() or 0.0) < started + 1.5 and time.monotonic() < limit_s:
        time.sleep(0.1)
    with pytest.raises(MachineBusy, match="while this was timed"):
        watch.end()


def test_children_are_this_program_both_while_they_run_and_afterwards() -> None:
    before = own_processor_s()
    words = [sys.executable, "-c", BUSY.format(0.6) + "\nprint(flush=True)\nwhile True: time.sleep(9)"]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        running = own_processor_s()
        child.kill()
    assert running - before > 0.5
    assert own_processor_s() >= running - 0.02
