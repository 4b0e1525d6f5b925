"""What listeners said: one line of JSON a saying, appended and flushed at once, never rewritten.

A line tells all that is needed to count it, so that results do not depend on drawing the trials again. Of
several lines about one trial the last counts.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from engine.errors import OutputError
from engine.evaluation.listening.trials import Trial

Side = Literal["left", "right", "none"]
"""`none`: no preference."""

QUESTIONS = ("ovr", "rel", "ali")
"""Overall quality, relevance to the picture, temporal alignment: the paper's three."""


class Choices(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One trial's answers so far."""

    ovr: Side | None = None
    rel: Side | None = None
    ali: Side | None = None

    @property
    def is_complete(self) -> bool:
        return None not in (self.ovr, self.rel, self.ali)


class Answer(Struct, frozen=True):
    """A line of the answers file, unblinded. `played` counts how often each side was heard to its end."""

    listener: str
    trial: Trial
    choices: Choices
    played: tuple[int, int]
    at_s: float
    """Seconds since 1970."""


class AnswerFile:
    """Appends from several threads; reads what a killed server left."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def append(self, answer: Answer) -> None:
        """
        Raises:
            OutputError: the disk is full or read-only; the listener must know.
        """
        line = msgspec.json.encode(answer) + b"\n"
        try:
            with self._lock, self._path.open("ab+") as file:
                if self._ends_torn(file.tell()):
                    line = b"\n" + line
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise OutputError(
                f"The answers could not be written to {self._path} ({reason}): free some space."
            ) from error

    def _ends_torn(self, size: int) -> bool:
        """Whether the last line lacks its end: a server was killed while it wrote."""
        if size == 0:
            return False
        with self._path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) != b"\n"

    def read(self) -> list[Answer]:
        """The last answer to every trial of every listener, in order of their first; torn lines are left out."""
        if not self._path.is_file():
            return []
        last: dict[tuple[str, Trial], Answer] = {}
        for line in self._path.read_bytes().splitlines():
            try:
                answer = msgspec.json.decode(line, type=Answer)
            except msgspec.MsgspecError:
                continue
            last[answer.listener, answer.trial] = answer
        return list(last.values())
