"""Stages side by side: order, time, failures."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from engine.errors import TrainingFailed
from engine.training import stages
from engine.training.default_model import stages_by_clock
from engine.training.schedule import Schedule
from engine.training.stages import Stage, run_stages, train_command


@pytest.fixture(autouse=True)
def _short_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "TICK_S", 0.02)


def program(stage: Stage, minutes: float | None) -> Sequence[str]:
    """Runs a stage's first word as Python; it finds its minutes in its last argument."""
    return [sys.executable, "-c", stage.words[0], *([] if minutes is None else [f"{minutes:.3f}"])]


def test_a_stage_begins_when_those_before_it_are_over(tmp_path: Path) -> None:
    made = tmp_path / "made"
    needs = f"assert open({str(made)!r}).read() == 'made'"
    run = [
        Stage("second", (needs,), after=("first",)),
        Stage("first", (f"open({str(made)!r}, 'w').write('made')",)),
    ]
    told: list[str] = []
    run_stages(run, 1.0, tmp_path, told.append, command=program)
    assert told == ["first begins", "first is over", "second begins", "second is over"]


def test_a_stage_is_told_the_minutes_that_are_left_to_it(tmp_path: Path) -> None:
    run = [Stage("only", ("import sys; print(sys.argv[1])",), ends_at=0.5)]
    run_stages(run, 8.0, tmp_path, lambda line: None, command=program)
    assert float((tmp_path / "logs" / "only").read_text(encoding="utf-8")) == pytest.approx(4.0, abs=0.05)


def test_a_stage_that_fails_ends_the_others_and_is_named_with_its_last_line(tmp_path: Path) -> None:
    number = tmp_path / "pid"
    sleeps = f"import os, time; open({str(number)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    breaks = f"import os, time\nwhile not os.path.exists({str(number)!r}): time.sleep(0.01)\n"
    run = [
        Stage("sleeper", (sleeps,)),
        Stage("broken", (breaks + "time.sleep(0.2); print('codec is ill'); raise SystemExit(3)",)),
    ]
    with pytest.raises(TrainingFailed, match=r"stage broken ended with status 3 \(codec is ill\)"):
        run_stages(run, 1.0, tmp_path, lambda line: None, command=program)
    assert not psutil.pid_exists(int(number.read_text(encoding="utf-8")))


TORCHRUN = """10:00:00 step 1 loss 2.0
The codec is ill: mend it.
Something unexpected happened (Connection closed by peer).
W1129 10:00:01.9 21 torch/distributed/elastic/multiprocessing/api.py:1012] Sending process 2 closing signal SIGTERM
E1129 10:00:01.9 21 torch/distributed/elastic/multiprocessing/api.py:986] failed (exitcode: 1) local_rank: 0
Traceback (most recent call last):
  File "<frozen runpy>", line 198, in _run_module_as_main
torch.distributed.elastic.multiprocessing.errors.ChildFailedError:
============================================================
engine.cli FAILED
============================================================
"""


@pytest.mark.parametrize("before", ["", TORCHRUN, "10:00:00 begins\nE1129 10:00:01.9 api.py:1] failed\n"])
def test_of_several_processes_the_first_that_ended_says_why(tmp_path: Path, before: str) -> None:
    run = [Stage("codec", (f"print({before + TORCHRUN!r}); raise SystemExit(1)",))]
    with pytest.raises(TrainingFailed, match=r"ended with status 1 \(The codec is ill: mend it\.\)"):
        run_stages(run, 1.0, tmp_path, lambda line: None, command=program)
    early = TORCHRUN.partition("\n")[2]
    run = [Stage("codec", (f"print({before + early!r}); raise SystemExit(1)",))]
    with pytest.raises(TrainingFailed, match=r"ended with status 1 \(The codec is ill: mend it\.\)"):
        run_stages(run, 1.0, tmp_path, lambda line: None, command=program)


def test_a_stage_that_says_nothing_fails_in_a_sentence_too(tmp_path: Path) -> None:
    with pytest.raises(TrainingFailed, match=r"status 1 \(no word\)"):
        run_stages(
            [Stage("codec", ("raise SystemExit(1)",))], 1.0, tmp_path, lambda line: None, command=program
        )


CHAIN = [
    Stage("codec", ("",)),
    Stage("spotter", ("",)),
    Stage("encode", ("",), after=("codec",)),
    Stage("lm", ("",), after=("encode",)),
]


def names_begun(out: Path, run: Sequence[Stage] = CHAIN) -> tuple[list[str], list[str]]:
    """Run them: (those that begin, those that are told to be done before)."""
    told: list[str] = []
    run_stages(run, 1.0, out, told.append, command=program)
    begun, before = (
        [line.removesuffix(tail) for line in told if line.endswith(tail)]
        for tail in (" begins", " was done before")
    )
    return begun, before


def test_a_stage_that_is_done_stays_done(tmp_path: Path) -> None:
    assert names_begun(tmp_path) == (["codec", "spotter", "encode", "lm"], [])
    assert names_begun(tmp_path) == ([], ["codec", "spotter", "encode", "lm"])


def test_a_stage_whose_mark_is_deleted_runs_again_with_what_comes_after_it(tmp_path: Path) -> None:
    names_begun(tmp_path)
    (tmp_path / "logs" / "codec.done").unlink()
    assert names_begun(tmp_path) == (["codec", "encode", "lm"], ["spotter"])


def test_a_stage_that_failed_is_not_done_and_neither_is_what_comes_after_it(tmp_path: Path) -> None:
    names_begun(tmp_path)
    (tmp_path / "logs" / "codec.done").unlink()
    broken = [*CHAIN[:2], Stage("encode", ("raise SystemExit(3)",), after=("codec",)), CHAIN[3]]
    with pytest.raises(TrainingFailed):
        run_stages(broken, 1.0, tmp_path, lambda line: None, command=program)
    assert names_begun(tmp_path) == (["encode", "lm"], ["codec", "spotter"])


def test_the_default_models_stages_come_in_an_order_that_can_be_kept(tmp_path: Path) -> None:
    plan = stages_by_clock(tmp_path, tmp_path / "runs", 14)
    names = {stage.name for stage in plan}
    done: set[str] = set()
    while ready := [stage for stage in plan if stage.name not in done and done.issuperset(stage.after)]:
        done |= {stage.name for stage in ready}
    assert done == names == {"scenes", "codec", "decoder", "encode", "lm", "spotter", "tower"}
    assert train_command(plan[0], 1.5)[-2:] == ["--set", "minutes=1.5000"]


def test_a_schedule_by_the_clock_falls_with_the_time_and_ends_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now_s = 100.0
    monkeypatch.setattr("engine.training.schedule._BEGAN_S", 100.0)
    monkeypatch.setattr("engine.training.schedule.time.monotonic", lambda: now_s)
    schedule = Schedule(steps=10**6, warmup_steps=4, final_share=0.1, minutes=1.0)
    assert schedule.factor(0) == pytest.approx(0.25)
    assert schedule.factor(10) == pytest.approx(1.0)
    now_s = 130.0
    assert schedule.factor(10) == pytest.approx(0.55)
    assert not schedule.is_over(10)
    now_s = 160.0
    assert schedule.factor(10) == pytest.approx(0.1)
    assert schedule.is_over(10)


def test_a_schedule_by_steps_does_not_know_the_time() -> None:
    schedule = Schedule(steps=10, warmup_steps=2, final_share=0.0)
    assert [schedule.is_over(9), schedule.is_over(10)] == [False, True]
    assert schedule.factor(0) == pytest.approx(0.5)
    assert schedule.factor(10) == pytest.approx(0.0)
