"""How many takes are drawn at once: planned from the memory that is free, halved where it does not suffice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import psutil
import torch

from engine.config import ModelConfig
from engine.lm.windows import ROWS_PER_UNIT

RESERVE_BYTES = 1 << 30
RESERVE_SHARE = 0.1
"""Left free, in bytes and as a share of what there is, for the rest of the job and for other programs."""

CGROUP = Path("/sys/fs/cgroup")


def free_bytes(device: torch.device) -> int:
    """What a batch may use on a device: its free memory less a reserve; 0 or less where nothing is to spare."""
    if device.type == "cuda":
        free, total = torch.cuda.mem_get_info(device)
        free += torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    else:
        memory = psutil.virtual_memory()
        free, total = memory.available, memory.total
        limit = _cgroup_bytes("memory.max")
        if limit is not None and limit < total:
            free, total = min(free, limit - (_cgroup_bytes("memory.current") or 0)), limit
    return int(free - max(RESERVE_BYTES, RESERVE_SHARE * total))


def bytes_of_unit(config: ModelConfig, num_frames: int, *, bytes_per_value: float = 4) -> int:
    """What one draft of a take holds while it is drawn: keys and values of its window, and what is added to its steps.

    A take longer than a window needs no more: its windows run one after the other.
    """
    lm, codec = config.lm, config.codec
    frames = min(num_frames, config.windows.window_frames)
    steps = frames + lm.num_codebooks - 1
    positions = -(-frames // codec.frame_rate) + steps
    cached = 2 * lm.num_layers * positions
    return int(ROWS_PER_UNIT * lm.dim * (cached * bytes_per_value + steps * 4))


def number_that_fit(bytes_each: Sequence[int], free: int) -> int:
    """How many drafts of takes, from the first on, fit into `free` bytes; at least one is always tried."""
    count, used = 0, 0
    for needed in bytes_each:
        used += needed
        if used > free:
            break
        count += 1
    return max(1, count)


def _cgroup_bytes(name: str) -> int | None:
    """A number of the container's memory controller (cgroup 2); None where there is none, or no limit."""
    try:
        text = (CGROUP / name).read_text().strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None
