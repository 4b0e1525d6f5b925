"""A machine that is busy is not measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.evaluation.load import MachineBusy, load_percent, refuse_under_load

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
