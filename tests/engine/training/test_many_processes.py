"""Processes that are killed and processes that share a training, against one that ran through."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.errors import RequestError
from engine.training.distributed import Ranks, joined
from engine.training.journal import read_journal
from engine.training.state import read_state
from tests.engine.training.small_trainings import (
    BEGUN_STEPS,
    CHECKPOINT_EVERY,
    KINDS,
    KMEANS_STEP,
    STEPS,
    small_codec,
    small_lm,
)

REPOSITORY = Path(__file__).resolve().parents[3]
STARTED_S = 90


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Sums depend on how they are shared among threads: here as in the children."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def unbroken(one_thread: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every training, run through in one process."""
    folder = tmp_path_factory.mktemp("unbroken")
    for kind, make in KINDS.items():
        make(folder / kind).run()
    return folder


def child(mode: str, folder: Path, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.engine.training.small_trainings", mode, str(folder)],
        cwd=REPOSITORY,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
    )


def group_of_two(mode: str, folder: Path) -> list[int]:
    """The statuses of two processes that train together over gloo."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    group = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    children = [child(mode, folder, RANK=str(rank), LOCAL_RANK=str(rank), **group) for rank in (0, 1)]
    try:
        return [process.wait(timeout=150) for process in children]
    finally:
        for process in children:
            process.kill()
            process.wait()


def same(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    return bool(one == other)


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
def test_a_training_killed_at_a_random_moment_ends_in_the_same_weights(
    unbroken: Path, tmp_path: Path
) -> None:
    process = child("threads", tmp_path)
    try:
        until = time.monotonic() + STARTED_S
        while min(len(read_journal(tmp_path / kind)) for kind in KINDS) < CHECKPOINT_EVERY + 1:
            assert process.poll() is None and time.monotonic() < until
            time.sleep(0.02)
        time.sleep(random.uniform(0, 0.6))
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    for kind, make in KINDS.items():
        before = read_state(tmp_path / kind)
        assert before is not None and 0 < before["step"] < STEPS
        torch.manual_seed(12345)
        make(tmp_path / kind).run()
        whole, resumed = read_state(unbroken / kind), read_state(tmp_path / kind)
        assert whole is not None and resumed is not None
        for name in whole.keys() - {"spent_s", "python_rng", "torch_rng", "config"}:
            assert same(whole[name], resumed[name]), (kind, name)
        assert read_journal(tmp_path / kind) == read_journal(unbroken / kind), kind


@pytest.mark.slow
def test_two_processes_begin_as_one_does(unbroken: Path, tmp_path: Path) -> None:
    """The language model's first steps by DDP and by FSDP2; the whole of all trainings takes minutes, see below."""
    assert group_of_two("begun", tmp_path) == [0, 0]
    one = read_journal(unbroken / "lm")[:BEGUN_STEPS]
    for kind in ("ddp", "fsdp"):
        two = read_journal(tmp_path / kind)
        assert [line["step"] for line in two] == list(range(1, BEGUN_STEPS + 1))
        for name in ("loss", "gradient_norm"):
            assert [line[name] for line in two] == pytest.approx([line[name] for line in one], rel=1e-4), kind


@pytest.mark.minutes
def test_two_processes_follow_the_curve_of_one(unbroken: Path, tmp_path: Path) -> None:
    """DDP and FSDP2 over gloo. float32 sums in another order: 1e-4 of the loss over 10 steps of AdamW, 1e-3 with a
    quantiser, whose choices leap. K-means leaps most of all: the codec's curve is compared on both sides of it.
    """
    begun = small_codec(tmp_path / "codec-quantizing-ddp")
    begun.run(until=lambda: begun.step >= KMEANS_STEP + 1)
    assert group_of_two("ranks", tmp_path) == [0, 0]
    for run in ("lm-ddp", "lm-fsdp", "codec-ddp", "codec-quantizing-ddp", "spotter-ddp"):
        kind = run.split("-")[0]
        one, two = read_journal(unbroken / kind), read_journal(tmp_path / run)
        assert [line["step"] for line in two] == list(range(1, STEPS + 1))
        compared = KMEANS_STEP if run == "codec-ddp" else STEPS
        for name in ("loss", "gradient_norm"):
            expected = [line[name] for line in one[:compared]]
            tolerance = 1e-3 if kind == "codec" else 1e-4
            assert [line[name] for line in two[:compared]] == pytest.approx(expected, rel=tolerance), (
                run,
                name,
            )
    sharded = read_state(tmp_path / "lm-fsdp")
    whole = small_lm(tmp_path / "lm-fsdp")
    assert sharded is not None and whole.step == STEPS
    assert all(torch.equal(sharded["lm"][name], tensor) for name, tensor in whole.lm.state_dict().items())


def test_rows_are_shared_without_a_gap() -> None:
    for rows in (1, 5, 16):
        parts = [part for rank in range(3) for part in Ranks(rank, 3).parts(rows, 2)]
        assert [row for part in parts for row in part] == list(range(rows))


def test_ddp_without_torchrun_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with pytest.raises(RequestError, match="torchrun"), joined("fsdp"):
        pass
