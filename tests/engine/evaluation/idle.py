"""A machine on which nothing else runs, whatever else runs."""

from __future__ import annotations

import pytest

from engine.evaluation.load import Load, LoadWatch

LOAD = Load(0.5, 1.5)


class IdleWatch:
    def __init__(self, **options: object) -> None:
        pass

    def end(self) -> Load:
        return LOAD


def an_idle_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LoadWatch, "begin", IdleWatch)
