"""Many jobs at once: the first are written down before anything else, the rest while the desk goes on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import cast

import pytest

pytest.importorskip("PyQt6.QtCore", exc_type=ImportError)

from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from foley_plugin.jobs.generate import Wish
from foley_plugin.jobs.job import Job
from foley_plugin.qtmodels.job_intake import AT_ONCE, JobIntake
from foley_plugin.takes.errors import ProjectError
from foley_plugin.timeline.selection import Selected
from tests.panel.cuts import clip


def asked(count: int) -> list[tuple[Selected, Wish]]:
    picked = Selected(clip("shot", 1, 0, 24), Fraction(0), Fraction(1))
    return [(picked, Wish(seed=number)) for number in range(count)]


class Book:
    """Takes jobs and knows how many waited for the disk together."""

    def __init__(self) -> None:
        self.seeds: list[int | None] = []
        self.blocks: list[int] = []
        self.is_full = False
        self.is_open = False
        self.handed: list[object] = []

    def take(self, selected: Selected, wish: Wish) -> list[Job]:
        self.seeds.append(wish.seed)
        return [cast(Job, wish.seed)]

    def hand_on(self, jobs: Sequence[Job]) -> None:
        assert not self.is_open, "before it lies on the disk"
        self.handed.extend(jobs)

    @contextmanager
    def together(self) -> Iterator[None]:
        before = len(self.seeds)
        self.is_open = True
        yield
        self.is_open = False
        if self.is_full:
            raise ProjectError("The disk is full.")
        self.blocks.append(len(self.seeds) - before)


def test_the_first_jobs_are_taken_now_and_all_in_their_order(qtbot: QtBot) -> None:
    book = Book()
    intake = JobIntake(book.take, book.together, book.hand_on)
    intake.add(asked(400))
    assert (len(book.seeds), intake.waiting, book.blocks) == (AT_ONCE, 400 - AT_ONCE, [AT_ONCE])
    qtbot.waitUntil(lambda: intake.waiting == 0, timeout=60_000)
    assert book.seeds == book.handed == list(range(400))
    intake.add(asked(2))
    assert book.blocks[-1] == 2


def test_what_is_dropped_is_never_taken(qapp: QApplication) -> None:
    book = Book()
    intake = JobIntake(book.take, book.together, book.hand_on)
    intake.add(asked(20))
    assert [wish.seed for _, wish in intake.drop()] == list(range(AT_ONCE, 20))
    qapp.processEvents()
    assert len(book.seeds) == AT_ONCE and intake.waiting == 0


def test_a_disk_that_is_full_is_told_once_and_nothing_more_is_asked_of_it() -> None:
    book = Book()
    book.is_full = True
    told: list[str] = []
    lost: list[int] = []
    intake = JobIntake(book.take, book.together, book.hand_on)
    intake.failed.connect(told.append)
    intake.lost.connect(lambda asked: lost.append(len(asked)))
    intake.add(asked(20))
    assert told == ["The disk is full."] and intake.waiting == 0
    assert (lost, book.handed) == ([20], [])
