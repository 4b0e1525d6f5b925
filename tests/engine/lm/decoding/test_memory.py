"""Heaps that threads share, unless the environment has its own mind."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from types import SimpleNamespace

import pytest

from engine.lm.decoding.memory import HEAPS, M_ARENA_MAX, share_heaps, unwritten_files
from tests.conftest import REPOSITORY

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


SMAPS = """\
7f0000000000-7f0000400000 r-xp 00000000 08:01 42   /lib/libtorch.so
Rss:                4096 kB
Anonymous:             0 kB
7f0000400000-7f0000800000 r--p 00400000 08:01 42   /lib/libtorch.so
Rss:                4096 kB
Anonymous:            64 kB
7f0000300000-7f0000400000 r--p 00400000 08:01 42   /lib/libtorch.so
Rss:                1024 kB
Anonymous:             0 kB
Swap:                 64 kB
7f0000800000-7f0000c00000 rw-p 00800000 08:01 42   /lib/libtorch.so
Rss:                4096 kB
Anonymous:             0 kB
7f0000c00000-7f0001000000 r--s 00000000 08:01 43   /models/lm.safetensors
Rss:                4096 kB
Anonymous:             0 kB
7f0001000000-7f0001400000 r--p 00000000 00:00 0
Rss:                4096 kB
Anonymous:             0 kB
7f0001400000-7f0001800000 r-xp 00000000 08:01 44   /lib/small.so
Rss:                   8 kB
Anonymous:             0 kB
"""


def test_only_whole_pages_of_files_that_nobody_wrote_are_dropped() -> None:
    assert unwritten_files(SMAPS.splitlines()) == [(0x7F0000000000, 0x7F0000400000)]


DROPPING = """
import re, torch
from pathlib import Path
from engine.lm.decoding.memory import drop_code
def of_files() -> int:
    return int(re.search(r"RssFile:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
before = of_files()
drop_code()
after = of_files()
assert float((torch.ones(50, 50) @ torch.ones(50, 50)).sum()) == 125_000
print(before, after)
"""


def test_importing_torch_leaves_little_behind() -> None:
    done = subprocess.run(
        [sys.executable, "-c", DROPPING], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    before, after = map(int, done.stdout.split())
    assert after < before / 2
