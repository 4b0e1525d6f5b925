"""What is lost when the panel is killed in the middle of its work: the take in the making, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
from pytestqt.qtbot import QtBot

from foley_plugin.takes.records import JobState
from foley_plugin.ui.main_window import MainWindow
from tests.panel.killed_panel import IN_THE_MIDDLE
from tests.panel.test_panel import FIRST, SECOND, generate, state_of, takes_on_timeline, wait_until_idle

OpenPanel = Callable[..., MainWindow]


def test_after_a_kill_the_finished_take_is_there_and_work_goes_on(
    open_panel: OpenPanel, cut_path: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    script = tmp_path / "slow.json"
    script.write_text(json.dumps({"step_s": 0.1, "steps_per_take": 20}))
    panel = subprocess.Popen(
        [sys.executable, "-m", "tests.panel.killed_panel", str(cut_path), str(script), str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert panel.stdout is not None
    with panel.stdout:
        assert panel.stdout.readline().strip() == IN_THE_MIDDLE
        children = psutil.Process(panel.pid).children(recursive=True)
        panel.kill()
        panel.wait()
    psutil.wait_procs(children, timeout=60)  # the engine ends with its standard input
    assert not any(child.is_running() for child in children)

    window = open_panel(cut_path)
    assert not window.notice_bar.isVisible()
    assert not window.session.is_read_only  # the lock of a process that is gone is nobody's
    assert [item.name for item in takes_on_timeline(window)] == ["hammer · seed 0"]
    store = window.session._store
    assert store is not None
    assert [job.state for job in store.jobs()] == [JobState.FINISHED, JobState.INTERRUPTED]
    generate(window, SECOND)
    wait_until_idle(window, qtbot)
    assert len(takes_on_timeline(window)) == 2
    assert state_of(window, FIRST) == state_of(window, SECOND)
