"""Commands of the engine's own entry point (train, evaluate, bench, making a film), as child processes."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence

from engine.errors import FoleyError

INTERRUPTED_STATUS = 130
"""What a shell reports of a program that Ctrl-C ended."""

_WINDOWS_CTRL_C = 0xC000013A


class EngineCommandFailed(FoleyError):
    """A child process of the engine that was ended from outside."""

    code = "engine_command"


def run_engine_command(words: Sequence[str]) -> int:
    """Run `python -m engine.cli WORDS...` on this terminal; its exit status.

    Ctrl-C goes to the child, which has the terminal too and ends in order.

    Raises:
        EngineCommandFailed: it was killed.
    """
    return _run([sys.executable, "-P", "-m", "engine.cli", *words])


def run_panel(words: Sequence[str]) -> int:
    """Run the panel in a process of its own, so that this one needs no Qt; its exit status.

    Raises:
        EngineCommandFailed: it crashed.
    """
    return _run([sys.executable, "-P", "-m", "foley_plugin.app", *words])


def _run(command: Sequence[str]) -> int:
    child = subprocess.Popen(command)  # before the next line: an ignored signal is inherited
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        status = child.wait()
    finally:
        signal.signal(signal.SIGINT, previous)
    if status in (-signal.SIGINT, _WINDOWS_CTRL_C):
        return INTERRUPTED_STATUS
    if status < 0:
        raise EngineCommandFailed(
            f"The command was ended by signal {-status}; "
            "if that was not you, look whether the memory is full."
        )
    return status
