"""What a training leaves behind: read back alike, never run, and said in a sentence where it is damaged."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
import torch

from engine.codec.encodec import Encodec
from engine.errors import CheckpointCorrupt
from engine.training.prepare.tools import open_codec
from engine.training.state import STATE_FILE, read_state, step_of, write_state
from tests.engine.models import OF_BANDS, TINY


class _Program:
    """What pickle runs when it is read."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return os.mkdir, (str(self.target),)


def _codec_state() -> dict[str, object]:
    return {"step": 3, "codec": Encodec(TINY.codec).state_dict(), "config": TINY.codec}


def test_a_state_reads_back_with_its_generators_and_its_shapes(tmp_path: Path) -> None:
    for config in (TINY.codec, OF_BANDS):
        write_state(tmp_path, {"step": 3, "config": config, "rates": (1, 2.5, None), "names": {"a": ["b"]}})
        drawn = (random.random(), float(torch.rand(())))
        state = read_state(tmp_path)
        assert state is not None and state["config"] == config
        assert state["rates"] == (1, 2.5, None) and state["names"] == {"a": ["b"]}
        assert (random.random(), float(torch.rand(()))) == drawn
        assert step_of(tmp_path) == 3


def test_a_foreign_state_runs_nothing(tmp_path: Path) -> None:
    target = tmp_path / "made"
    write_state(tmp_path, {**_codec_state(), "more": _Program(target)})
    for reads in (read_state, open_codec, step_of):
        with pytest.raises(CheckpointCorrupt, match="is damaged: delete it"):
            reads(tmp_path)
    assert not target.exists()


def test_a_codec_of_a_run_leaves_the_generators_alone(tmp_path: Path) -> None:
    write_state(tmp_path, _codec_state())
    random.seed(5)
    expected = random.getstate()
    open_codec(tmp_path)
    assert random.getstate() == expected
    torch.save(_codec_state(), tmp_path / STATE_FILE)
    open_codec(tmp_path)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_a_state_that_is_cut_short_is_refused_in_a_sentence(tmp_path: Path, share: float) -> None:
    write_state(tmp_path, _codec_state())
    path = tmp_path / STATE_FILE
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    for reads in (read_state, open_codec, step_of):
        with pytest.raises(CheckpointCorrupt, match=r"state\.pt is damaged: delete it to begin anew"):
            reads(tmp_path)


def test_a_state_without_a_part_is_refused_in_a_sentence(tmp_path: Path) -> None:
    torch.save({"codec": {}}, tmp_path / STATE_FILE)
    for reads in (read_state, step_of):
        with pytest.raises(CheckpointCorrupt, match="is damaged"):
            reads(tmp_path)
    torch.save([1, 2], tmp_path / STATE_FILE)
    with pytest.raises(CheckpointCorrupt, match="is damaged"):
        read_state(tmp_path)
    write_state(tmp_path, {"step": 1})
    state = read_state(tmp_path)
    assert state is not None and "lm" not in state and state.get("lm") is None
    with pytest.raises(CheckpointCorrupt, match="is damaged"):
        state["lm"]
