"""Stages of a training side by side, each a process of its own, within minutes by the clock.

A lent GPU is paid by the minute: what can run together does, and every stage's learning rate falls to its end by the
time that it is given. What each stage says goes to OUT/logs/STAGE.

A stage that ended well leaves OUT/logs/STAGE.done and is not started again: what learned from its work would have to
learn anew. To train a stage further, delete its mark; what comes after it then runs again too.

A stage ends with the process that started it, however that ends: it watches its standard input, which nobody writes to.
Otherwise a second start would train in the same folder as what is left of the first.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import TrainingFailed

Log = Callable[[str], None]

TICK_S = 1.0
TERMINATE_S = 10.0
TRACEBACK = "Traceback (most recent call last):"
TORCHRUN_SAYS = re.compile(r"[IWE]\d{4} |=+$")
TIMED = re.compile(r"\d\d:\d\d:\d\d ")
"""What a training tells on its way."""
WATCH_VARIABLE = "FOLEY_ENDS_WITH_STDIN"


@dataclass(frozen=True)
class Stage:
    """One command, by default of `foley train`. It begins when those it comes `after` are over.

    `ends_at` is the share of the whole time by which it must be over; it is told as `--set minutes=…`.
    """

    name: str
    words: tuple[str, ...]
    after: tuple[str, ...] = ()
    ends_at: float | None = None


Command = Callable[[Stage, float | None], Sequence[str]]
"""A stage and the minutes that it may take, to the words that start it."""


def train_command(stage: Stage, minutes: float | None) -> list[str]:
    given = [] if minutes is None else ["--set", f"minutes={minutes:.4f}"]
    return [sys.executable, "-m", "engine.cli", "train", *stage.words, *given]


def run_stages(
    stages: Sequence[Stage], minutes: float, out: Path, log: Log, *, command: Command = train_command
) -> None:
    """Run those that are not done, and those that come after any such; a stage that fails ends the others.

    Raises:
        TrainingFailed: a stage did not end well; the sentence holds its last line.
    """
    started_s, logs = time.monotonic(), out / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    waiting, running = _not_done(stages, logs), dict[str, subprocess.Popen[bytes]]()
    over = {stage.name for stage in stages if stage not in waiting}
    for name in (stage.name for stage in stages if stage.name in over):
        log(f"{name} was done before")
    # Before anything runs: were it killed half-way, a mark would speak of what was made from something older.
    for stage in waiting:
        _mark(logs, stage.name).unlink(missing_ok=True)
    try:
        while waiting or running:
            for stage in [each for each in waiting if over.issuperset(each.after)]:
                waiting.remove(stage)
                spent = (time.monotonic() - started_s) / 60
                left = None if stage.ends_at is None else max(0.05, stage.ends_at * minutes - spent)
                log(f"{stage.name} begins" + ("" if left is None else f", {left:.1f} minutes for it"))
                with (logs / stage.name).open("ab") as said:
                    running[stage.name] = subprocess.Popen(
                        command(stage, left),
                        stdin=subprocess.PIPE,
                        stdout=said,
                        stderr=subprocess.STDOUT,
                        env={**os.environ, WATCH_VARIABLE: "1"},
                    )
            time.sleep(TICK_S)
            for name, process in list(running.items()):
                if process.poll() is None:
                    continue
                _end([running.pop(name)])
                _refuse_failure(name, process.returncode, logs / name)
                _mark(logs, name).touch()
                over.add(name)
                log(f"{name} is over")
    finally:
        _end(running.values())


def end_with_starter() -> None:
    """In a stage: end when whoever started it does. Checkpoints are written whole or not at all."""
    if os.environ.get(WATCH_VARIABLE):
        threading.Thread(target=_end_with_stdin, daemon=True).start()


def _end_with_stdin() -> None:
    # The descriptor itself: a daemon thread that reads sys.stdin would hold its lock as the process ends.
    while os.read(0, 4096):
        pass
    os._exit(1)


def _not_done(stages: Sequence[Stage], logs: Path) -> list[Stage]:
    """Those without a mark, and those that come after one of them, in their order."""
    names = {stage.name for stage in stages if not _mark(logs, stage.name).exists()}
    while more := {stage.name for stage in stages if names.intersection(stage.after)} - names:
        names |= more
    return [stage for stage in stages if stage.name in names]


def _mark(logs: Path, name: str) -> Path:
    """An empty file: it is there or it is not, and never half written."""
    return logs / f"{name}.done"


def _refuse_failure(name: str, status: int, said: Path) -> None:
    if status != 0:
        lines = said.read_text(encoding="utf-8", errors="replace").split("\n")
        raise TrainingFailed(
            f"The stage {name} ended with status {status} ({_why(lines)}); its log is {said}. What was "
            "trained is kept: mend it and start the same command again."
        )


def _why(lines: Sequence[str]) -> str:
    """The last line; under torchrun the first that one of the processes said as it ended: the others follow it."""
    said = [line.strip() for line in lines if line.strip()] or ["no word"]
    if said[-1].strip("="):
        return said[-1]
    report = len(said) - 1 - said[::-1].index(TRACEBACK) if TRACEBACK in said else 0
    while report and TORCHRUN_SAYS.match(said[report - 1]):
        report -= 1
    first = report
    while first and not TIMED.match(said[first - 1]) and not TORCHRUN_SAYS.match(said[first - 1]):
        first -= 1
    return said[first]


def _end(processes: Iterable[subprocess.Popen[bytes]]) -> None:
    """Ask all to end, then wait: checkpoints are written whole or not at all."""
    processes = list(processes)
    alive = [process for process in processes if process.poll() is None]
    for process in alive:
        process.terminate()
    for process in alive:
        try:
            process.wait(TERMINATE_S)
        except subprocess.TimeoutExpired:
            process.kill()
    for process in processes:
        if process.stdin is not None:
            process.stdin.close()
