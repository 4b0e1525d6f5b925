"""The language model's speed: the paper's shape with random weights, beside the closest peer's, in one run.

The engines run by turns, and every figure is a median over the rounds. Ours draws whole windows of 10 s, and right
after each as many side by side as a batch holds; steps around 50 and 500 are timed by turns, for what a machine gives
changes in the seconds between them. The peer, slower, is timed at places spread evenly over the window and
its window is the mean of those times as many steps; `full` draws its whole window too. Every floor comes from the
bandwidth that was measured just before and after the window.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import msgspec
import numpy as np
import torch
from torch import Tensor

from engine.config import FOLEYGEN, LMConfig, WindowConfig
from engine.evaluation.load import LoadWatch
from engine.evaluation.speed_lm_summary import (
    LMSpeed,
    OwnRun,
    own_times,
    peer_summary,
    targets_of,
)
from engine.evaluation.speed_peer import PeerTimes, peer_times
from engine.lm.decoding.decoder import Decoder
from engine.lm.decoding.narrowing import WEIGHT_TYPES, WeightType
from engine.lm.decoding.opening import open_decoder
from engine.lm.generate import TakeConditions, TakeUnit, generate_takes
from engine.lm.model import LanguageModel
from engine.protocol import AS_PUBLISHED

WINDOW_FRAMES = 500
BATCH = 8
ROUNDS = 3
EARLY, LATE = range(45, 56), range(490, 501)
TURNS = 5
ALLOWANCE_BYTES = 600_000_000
"""Beside weights and cache: the interpreter, PyTorch, the compiled kernels."""

BYTES = {"float32": 4, "bfloat16": 2, "int8": 1}
CACHE_BYTES = {"float32": 4, "bfloat16": 1, "int8": 1}
"""Of a number of a key or a value; each head's bytes of a position have a scale of 4 bytes more."""


def measure_lm(
    config: LMConfig = FOLEYGEN.lm,
    *,
    dtypes: Sequence[WeightType] = WEIGHT_TYPES,
    rounds: int = ROUNDS,
    peer: bool = True,
    full: bool = False,
    batch: int = BATCH,
    memory: bool = True,
    patience_s: float = 20.0,
) -> LMSpeed:
    """
    Args:
        rounds: how often each engine runs, one after the other in turn.
        full: draw the peer's whole window.
        batch: so many windows side by side; 0 leaves them out.

    Raises:
        MachineBusy: other programs take the processors, or took them meanwhile.
        FoleyError: the peer is not installed.
    """
    watch = LoadWatch.begin(patience_s=patience_s)
    tensors = random_tensors(config)
    decoders = {dtype: open_decoder(config, FOLEYGEN.codec, tensors.__getitem__, dtype) for dtype in dtypes}
    runs: dict[WeightType, list[OwnRun]] = {dtype: [] for dtype in dtypes}
    peers: dict[str, list[PeerTimes]] = {}
    for _ in range(rounds):
        for dtype in dtypes:
            runs[dtype].append(own_run(decoders[dtype], batch if dtype != "float32" else 0))
        for dtype in ("bfloat16", "float32") if peer else ():
            peers.setdefault(dtype, []).append(peer_times(config, dtype, full=full, steps=steps_of(config)))
    load = watch.end()
    peaks = peak_bytes_of(config, tensors, dtypes) if memory else {}
    own = [
        own_times(
            dtype,
            decoders[dtype].backend,
            runs[dtype],
            batch=batch,
            read_bytes=read_bytes(config, dtype),
            allowed_bytes=allowed_bytes(config, dtype),
            peak_bytes=peaks.get(dtype),
        )
        for dtype in dtypes
    ]
    typical = [peer_summary(of_dtype) for of_dtype in peers.values()]
    found = [run.bandwidth_gb_s for of_dtype in runs.values() for run in of_dtype]
    return LMSpeed(
        num_threads=torch.get_num_threads(),
        load=load,
        rounds=rounds,
        least_gb_s=min(found),
        most_gb_s=max(found),
        own=own,
        peer=typical,
        targets=targets_of(own, typical, batch),
    )


def own_run(decoder: Decoder, batch: int) -> OwnRun:
    """A window, the bandwidth before and after it, then `batch` windows side by side, if any, and steps by turns."""
    before = bandwidth_gb_s()
    steps_s = window_step_times_s(decoder, 1)
    bandwidth = (before + bandwidth_gb_s()) / 2
    batch_s = sum(window_step_times_s(decoder, batch)) if batch else None
    turns_s = [(step_time_s(decoder, EARLY), step_time_s(decoder, LATE)) for _ in range(TURNS)]
    return OwnRun(steps_s, batch_s, bandwidth, turns_s)


def steps_of(config: LMConfig) -> int:
    return WINDOW_FRAMES + config.num_codebooks - 1


def random_tensors(config: LMConfig) -> dict[str, Tensor]:
    """Weights of a model's shape: slices of one array of random numbers, for their values cost nothing."""
    with torch.device("meta"):
        shapes = {name: t.shape for name, t in LanguageModel(config, FOLEYGEN.codec).state_dict().items()}
    most = max(shape.numel() for shape in shapes.values())
    noise = 0.02 * torch.randn(most, generator=torch.Generator().manual_seed(0))
    return {name: noise[: shape.numel()].reshape(shape) for name, shape in shapes.items()}


def window_step_times_s(decoder: Decoder, windows: int) -> list[float]:
    """Draw windows of 10 s side by side; the seconds between one step (of all of them) and the next."""
    config = decoder.conditions.config
    features = torch.randn(WINDOW_FRAMES // 50, config.visual_dim)
    conditions = TakeConditions(visual=features, label=None, negative_label=None, sync=None)
    units = [TakeUnit(conditions, WINDOW_FRAMES, AS_PUBLISHED, seed) for seed in range(windows)]
    told: list[float] = [time.perf_counter()]
    generate_takes(
        decoder,
        units,
        windows=WindowConfig(),
        on_step=lambda number, share: told.append(time.perf_counter()) if number == windows - 1 else None,
    )
    return np.diff(told).tolist()


@torch.inference_mode()
def step_time_s(decoder: Decoder, steps: range) -> float:
    """The median of these steps of a window, drawing included; what comes before them is read in at once."""
    config = decoder.conditions.config
    num_features, num_steps = WINDOW_FRAMES // 50, steps_of(config)
    decoder.open(1, num_features + num_steps)
    logits = decoder.prefill(
        0, torch.randn(2, num_features + steps.start, config.dim), num_features, num_steps
    )
    x, uniforms = torch.randn(1, 2, config.dim), torch.rand(1, config.num_codebooks)
    times = []
    for _ in steps:
        started = time.perf_counter()
        decoder.draw(logits[None], AS_PUBLISHED, uniforms)
        logits = decoder.decode_step([0], x)[0]
        times.append(time.perf_counter() - started)
    return median(times)


def bandwidth_gb_s(size_bytes: int = 1 << 29) -> float:
    """Reading memory with all threads, the median of a few passes."""
    array = torch.ones(size_bytes // 4)
    times = []
    for _ in range(6):
        started = time.perf_counter()
        array.sum()
        times.append(time.perf_counter() - started)
    return size_bytes / median(times[1:]) / 1e9


def weight_bytes(config: LMConfig, dtype: str) -> int:
    """What every step reads: blocks and heads."""
    block = (4 + 2 * config.ffn_mult) * config.dim**2
    return BYTES[dtype] * (
        config.num_layers * block + config.num_codebooks * config.codebook_size * config.dim
    )


def cache_bytes(config: LMConfig, dtype: str, positions: float) -> float:
    """Keys and values of two rows."""
    of_row = config.dim * CACHE_BYTES[dtype] + config.num_heads * (4 if CACHE_BYTES[dtype] == 1 else 0)
    return 2 * config.num_layers * positions * 2 * of_row


def read_bytes(config: LMConfig, dtype: str) -> float:
    """What a step reads, at the mean over a window of 10 s."""
    return weight_bytes(config, dtype) + cache_bytes(config, dtype, positions_of(config) / 2)


def allowed_bytes(config: LMConfig, dtype: str) -> int:
    """Weights, a whole window's cache and what the program itself may take."""
    whole = cache_bytes(config, dtype, positions_of(config))
    return int(weight_bytes(config, dtype) + whole + ALLOWANCE_BYTES)


def positions_of(config: LMConfig) -> int:
    """Of a window, its features included."""
    return WINDOW_FRAMES // 50 + steps_of(config)


def peak_bytes_of(
    config: LMConfig, tensors: dict[str, Tensor], dtypes: Sequence[WeightType]
) -> dict[WeightType, int]:
    """The greatest memory of processes of their own, each loading the model from disk and drawing a little."""
    from safetensors.torch import save_file

    from engine.checkpoints import file_sha256

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lm.safetensors"
        save_file({name: tensor.half().contiguous() for name, tensor in tensors.items()}, path)
        digest = file_sha256(path)
        shape = msgspec.json.encode(config).decode()
        peaks: dict[WeightType, int] = {}
        for dtype in dtypes:
            words = [sys.executable, "-m", "engine.evaluation.speed_memory", folder, digest, shape, dtype]
            done = subprocess.run(words, capture_output=True, check=True)
            peaks[dtype] = int(done.stdout)
    return peaks
