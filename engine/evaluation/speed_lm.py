"""The language model's speed: the paper's shape with random weights, beside the closest peer's, in one run.

Ours draws whole windows of 10 s. The peer, slower, is timed at places spread over the window and its window is
the mean of those times as many steps; `full` draws its whole window too. Every floor comes from the bandwidth
that was measured just before and after the window.
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
from msgspec import Struct
from torch import Tensor

from engine.config import FOLEYGEN, LMConfig, WindowConfig
from engine.evaluation.load import refuse_under_load
from engine.evaluation.speed_peer import PeerTimes, peer_times
from engine.lm.decoding.decoder import Decoder
from engine.lm.decoding.narrowing import WEIGHT_TYPES, WeightType
from engine.lm.decoding.opening import open_decoder
from engine.lm.generate import TakeConditions, TakeUnit, generate_takes
from engine.lm.model import LanguageModel
from engine.protocol import AS_PUBLISHED

WINDOW_FRAMES = 500
EARLY, LATE = range(45, 56), range(490, 501)
BATCH = 8
ALLOWANCE_BYTES = 600_000_000
"""Beside weights and cache: the interpreter, PyTorch, the compiled kernels."""

BYTES = {"float32": 4, "bfloat16": 2, "int8": 1}
CACHE_BYTES = {"float32": 4, "bfloat16": 1, "int8": 1}
"""Of a number of a key or a value; each head's bytes of a position have a scale of 4 bytes more."""


class OwnTimes(Struct, frozen=True):
    """Windows of 10 s by one of our types of weights. Times in seconds, steps in milliseconds."""

    dtype: str
    backend: str
    windows_s: list[float]
    median_s: float
    floor_s: float
    """(weights + mean of the cache) / bandwidth, a window."""
    over_floor: float
    """The median of windows over the floors of their own moments: what a machine shares with others changes."""
    early_step_ms: float
    late_step_ms: float
    batch_s: float | None
    """Eight windows side by side."""
    peak_bytes: int | None
    """Of a process that loads the model from disk and draws two steps of a window."""
    allowed_bytes: int


class Target(Struct, frozen=True):
    """One line of the table: what was aimed at and what was measured."""

    what: str
    figure: float
    limit: float
    is_met: bool


class LMSpeed(Struct, frozen=True):
    num_threads: int
    load_percent: float
    least_gb_s: float
    most_gb_s: float
    own: list[OwnTimes]
    peer: list[PeerTimes]
    targets: list[Target]


def measure_lm(
    config: LMConfig = FOLEYGEN.lm,
    *,
    dtypes: Sequence[WeightType] = WEIGHT_TYPES,
    rounds: int = 2,
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

    Raises:
        MachineBusy: other programs take the processors.
        FoleyError: the peer is not installed.
    """
    load = refuse_under_load(patience_s=patience_s)
    tensors = random_tensors(config)
    decoders = {dtype: open_decoder(config, FOLEYGEN.codec, tensors.__getitem__, dtype) for dtype in dtypes}
    bandwidths: dict[WeightType, list[float]] = {dtype: [] for dtype in dtypes}
    times: dict[WeightType, list[list[float]]] = {dtype: [] for dtype in dtypes}
    peers: dict[str, list[PeerTimes]] = {}
    for _ in range(rounds):
        for dtype in dtypes:
            before = bandwidth_gb_s()
            times[dtype].append(window_step_times_s(decoders[dtype], 1))
            bandwidths[dtype].append((before + bandwidth_gb_s()) / 2)
        for dtype in ("bfloat16", "float32") if peer else ():
            peers.setdefault(dtype, []).append(peer_times(config, dtype, full=full, steps=steps_of(config)))
    batched = {
        dtype: sum(window_step_times_s(decoders[dtype], batch)) if batch and dtype != "float32" else None
        for dtype in dtypes
    }
    peaks = peak_bytes_of(config, tensors, dtypes) if memory else {}
    own = [
        _summed(config, decoders[dtype], times[dtype], bandwidths[dtype], batched[dtype], peaks.get(dtype))
        for dtype in dtypes
    ]
    typical = [sorted(runs, key=lambda run: run.window_s)[len(runs) // 2] for runs in peers.values()]
    found = [each for of_dtype in bandwidths.values() for each in of_dtype]
    return LMSpeed(
        torch.get_num_threads(), load, min(found), max(found), own, typical, targets_of(own, typical, batch)
    )


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


def _summed(
    config: LMConfig,
    decoder: Decoder,
    times: list[list[float]],
    bandwidths: list[float],
    batch_s: float | None,
    peak: int | None,
) -> OwnTimes:
    steps = steps_of(config)
    positions = WINDOW_FRAMES // 50 + steps
    read = weight_bytes(config, decoder.dtype) + cache_bytes(config, decoder.dtype, positions / 2)
    windows_s = [sum(run) for run in times]
    floors_s = [steps * read / bandwidth / 1e9 for bandwidth in bandwidths]
    whole = cache_bytes(config, decoder.dtype, positions)
    return OwnTimes(
        dtype=decoder.dtype,
        backend=decoder.backend,
        windows_s=windows_s,
        median_s=median(windows_s),
        floor_s=median(floors_s),
        over_floor=median(taken / floor for taken, floor in zip(windows_s, floors_s, strict=True)),
        early_step_ms=1000 * median(run[step] for run in times for step in EARLY),
        late_step_ms=1000 * median(run[step] for run in times for step in LATE),
        batch_s=batch_s,
        peak_bytes=peak,
        allowed_bytes=int(weight_bytes(config, decoder.dtype) + whole + ALLOWANCE_BYTES),
    )


def targets_of(own: Sequence[OwnTimes], peer: Sequence[PeerTimes], batch: int) -> list[Target]:
    """The targets that these figures tell of."""
    times = {each.dtype: each for each in own}
    peers = {each.dtype: each.window_s for each in peer}
    found: list[Target] = []

    def aim(what: str, figure: float, limit: float, *, at_least: bool = False) -> None:
        found.append(Target(what, figure, limit, figure >= limit if at_least else figure <= limit))

    for dtype, against, limit in (
        ("int8", "bfloat16", 0.25),
        ("bfloat16", "bfloat16", 0.5),
        ("int8", "float32", 0.1),
    ):
        if dtype in times and against in peers:
            aim(f"{dtype} window over the peer's in {against}", times[dtype].median_s / peers[against], limit)
    if "int8" in times:
        aim("int8 window over its floor", times["int8"].over_floor, 1.6)
        aim("seconds for a window of 10 s, int8", times["int8"].median_s, 10.0)
    for dtype, each in times.items():
        aim(f"step 500 over step 50, {dtype}", each.late_step_ms / each.early_step_ms, 1.2)
        if each.batch_s is not None:
            gain = batch * each.median_s / each.batch_s
            aim(
                f"throughput of {batch} windows over one, {dtype}",
                gain,
                2.5 if dtype == "int8" else 4.0,
                at_least=True,
            )
        if each.peak_bytes is not None:
            aim(
                f"peak memory over weights, cache and 0.6 GB, {dtype}",
                each.peak_bytes / each.allowed_bytes,
                1.0,
            )
    return found


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


def as_table(speed: LMSpeed) -> str:
    """The figures for people."""
    lines = [
        f"10 s window of the paper's model, random weights, guidance, top-k 256; {speed.num_threads} threads, "
        f"{speed.least_gb_s:.1f} to {speed.most_gb_s:.1f} GB/s, load {speed.load_percent:.1f} %",
        f"{'':26}{'window s':>9}{'floor s':>9}{'step 50':>9}{'step 500':>9}{'8 at once':>10}{'peak GB':>9}",
    ]
    for each in speed.own:
        batch = "" if each.batch_s is None else f"{each.batch_s:.1f}"
        peak = "" if each.peak_bytes is None else f"{each.peak_bytes / 1e9:.2f}"
        lines.append(
            f"{'foley ' + each.dtype:26}{each.median_s:>9.2f}{each.floor_s:>9.2f}{each.early_step_ms:>9.1f}"
            f"{each.late_step_ms:>9.1f}{batch:>10}{peak:>9}"
        )
    for peer in speed.peer:
        how = (
            "drawn whole" if peer.is_whole else f"from steps at {', '.join(str(at) for at in peer.positions)}"
        )
        early, late = peer.step_ms[0], peer.step_ms[-1]
        lines.append(
            f"{'transformers ' + peer.dtype:26}{peer.window_s:>9.2f}{'':9}{early:>9.1f}{late:>9.1f}   {how}"
        )
    for target in speed.targets:
        verdict = "met" if target.is_met else "MISSED"
        lines.append(f"{target.what:52}{target.figure:>8.3f}   target {target.limit:g}: {verdict}")
    return "\n".join(lines)
