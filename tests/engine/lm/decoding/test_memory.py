"""Heaps that threads share, unless the environment has its own mind."""

from __future__ import annotations

import ctypes
import sys
from types import SimpleNamespace

import pytest

from engine.lm.decoding.memory import HEAPS, M_ARENA_MAX, share_heaps

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="glibc is Linux's")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    calls: list[tuple[int, int]] = []
    library = SimpleNamespace(mallopt=lambda option, value: calls.append((option, value)))
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library)
    for name in ("MALLOC_ARENA_MAX", "GLIBC_TUNABLES"):
        monkeypatch.delenv(name, raising=False)
    return calls


def test_threads_share_two_heaps(asked: list[tuple[int, int]]) -> None:
    share_heaps()
    assert asked == [(M_ARENA_MAX, HEAPS)]


@pytest.mark.parametrize(
    ("name", "value"), [("MALLOC_ARENA_MAX", "1"), ("GLIBC_TUNABLES", "glibc.malloc.arena_max=4")]
)
def test_what_the_environment_says_is_left(
    asked: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    share_heaps()
    assert asked == []
