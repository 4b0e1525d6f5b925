"""The language model's speed on a GPU: the paper's shape with random weights, against the floor that its memory sets.

One window of 10 s and as many as there are places, drawn as the engine draws them, by each way to take a step. Every
floor comes from the bandwidth of a large copy, measured in the same run. What is put into the places beforehand is
timed apart. A way that fails is told with its traceback, and the others are measured.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from statistics import median

import torch
from msgspec import Struct
from torch import Tensor

from engine.config import FOLEYGEN, LMConfig
from engine.errors import FoleyError, RequestError
from engine.evaluation.load import Load, LoadWatch
from engine.evaluation.speed_lm import (
    WINDOW_FRAMES,
    cache_bytes,
    random_tensors,
    steps_of,
    weight_bytes,
)
from engine.evaluation.speed_lm_summary import PeerSummary, Target, how_timed, peer_summary
from engine.evaluation.speed_peer import peer_times
from engine.lm.decoding.graphed import GraphedDecoder, StepKind
from engine.lm.layout import lay_out
from engine.lm.on_device import PLACES, USUAL_TOP_K, OnDevice
from engine.lm.windows import TakeConditions, Window
from engine.protocol import AS_PUBLISHED

RUNS = 5
PEER_RUNS = 3
COPY_BYTES = 1 << 32
PRODUCT_SIZE = 8192
LIMITS = {1: 2.0, PLACES: 1.5}
"""How many times its floor a load may take."""
CHECK_STEPS = 6
WAYS: tuple[tuple[str, StepKind, bool], ...] = (
    ("triton", "triton", True),
    ("triton, one after another", "triton", False),
    ("torch", "torch", False),
)
"""Name, kind of step, whether a kernel may begin before the one before it is over."""


class Drawn(Struct, frozen=True):
    """So many windows side by side; seconds for all of their steps, and what one takes to be put into its place."""

    windows: int
    runs_s: list[float]
    median_s: float
    floor_s: float
    ratio: float
    begin_s: float


class WayTimes(Struct, frozen=True):
    """One way to take a step. Open is from weights on the device to a captured graph, compilation included."""

    name: str
    open_s: float
    loads: list[Drawn]
    peak_bytes: int
    failure: str | None = None


class Agreement(Struct, frozen=True):
    """How far a way's logits are from float32's, after each of some steps: root mean square over their deviation."""

    name: str
    errors: list[float]
    greatest: float
    failure: str | None = None


class DeviceSpeed(Struct, frozen=True):
    device: str
    load: Load
    copy_gb_s: float
    product_tflop_s: float
    agreements: list[Agreement]
    ways: list[WayTimes]
    peer: PeerSummary | None
    peer_failure: str | None
    targets: list[Target]


def measure_device(
    config: LMConfig = FOLEYGEN.lm, *, device: str = "cuda", check: bool = False, peer: bool = True
) -> DeviceSpeed:
    """
    Raises:
        RequestError: there is no such device.
        MachineBusy: other programs take the processors, which drive the device, or took them meanwhile.
    """
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise RequestError(f"PyTorch finds no device {device} on this machine: leave --device out.")
    watch = LoadWatch.begin()
    copy = copy_gb_s(device)
    product = product_tflop_s(device)
    tensors = normed_tensors(config)
    agreements = [agreement(config, tensors, device, *way) for way in WAYS] if check else []
    model = OnDevice.open(config, FOLEYGEN.codec, tensors.__getitem__, device, "bfloat16")
    ways = [_way_times(model, *way, copy) for way in WAYS]
    found, peer_failure = _peer(config, device) if peer else (None, None)
    name = torch.cuda.get_device_name() if device.startswith("cuda") else device
    return DeviceSpeed(
        device=name,
        load=watch.end(),
        copy_gb_s=copy,
        product_tflop_s=product,
        agreements=agreements,
        ways=ways,
        peer=found,
        peer_failure=peer_failure,
        targets=targets_of(ways, None if found is None else found.median_s),
    )


def normed_tensors(config: LMConfig) -> dict[str, Tensor]:
    """Random weights whose norms scale by about one, so that every block counts for what it does in a trained model."""
    return {
        name: 1 + tensor if name.endswith("norm.weight") else tensor
        for name, tensor in random_tensors(config).items()
    }


def copy_gb_s(device: str, size_bytes: int = COPY_BYTES) -> float:
    """A copy on the device, bytes read and bytes written."""
    size = size_bytes if device.startswith("cuda") else 1 << 26
    source = torch.randn(size // 4, device=device)
    target = torch.empty_like(source)
    seconds = median(timed_s(lambda: target.copy_(source), device) for _ in range(12))
    return 2 * size / seconds / 1e9


def product_tflop_s(device: str, size: int = PRODUCT_SIZE) -> float:
    """A square product of random bfloat16."""
    size = size if device.startswith("cuda") else 256
    left, right = (torch.randn(size, size, device=device).bfloat16() for _ in range(2))
    seconds = median(timed_s(lambda: left @ right, device) for _ in range(12))
    return 2 * size**3 / seconds / 1e12


def timed_s(work: Callable[[], object], device: str) -> float:
    """Seconds from before the work to after the device has done it."""
    wait_for(device)
    started = time.perf_counter()
    work()
    wait_for(device)
    return time.perf_counter() - started


def wait_for(device: str) -> None:
    if device.startswith("cuda"):
        torch.cuda.synchronize()


def open_decoder(
    model: OnDevice, kind: StepKind, overlap: bool, *, places: int = PLACES, frames: int = WINDOW_FRAMES
) -> GraphedDecoder:
    """With room for windows of so many frames."""
    return GraphedDecoder(
        model.lm,
        model.conditions,
        places=places,
        num_features=-(-frames // model.lm.frame_rate),
        num_steps=frames + model.lm.config.num_codebooks - 1,
        top_k=USUAL_TOP_K,
        capture=model.capture,
        step=kind,
        overlap=overlap,
    )


def put_windows(
    decoder: GraphedDecoder, model: OnDevice, windows: int, *, frames: int = WINDOW_FRAMES
) -> None:
    """Begin so many windows of made-up pictures, in the first places; the others are idle."""
    decoder.leave()
    config = model.lm.config
    for place in range(windows):
        generator = torch.Generator().manual_seed(place)
        visual = torch.randn(-(-frames // model.lm.frame_rate), config.visual_dim, generator=generator)
        conditions = TakeConditions(visual=visual, label=None, negative_label=None, sync=None)
        codes = torch.zeros(config.num_codebooks, frames, dtype=torch.long)
        layout = lay_out(model.conditions, conditions, Window(0, frames, 0), AS_PUBLISHED, codes)
        uniforms = torch.rand(layout.num_steps, config.num_codebooks, generator=generator)
        decoder.begin(place, layout, AS_PUBLISHED, uniforms)


def agreement(
    config: LMConfig, tensors: dict[str, Tensor], device: str, name: str, kind: StepKind, overlap: bool
) -> Agreement:
    """Against float32 in PyTorch's operators, which is made to draw the same codes."""
    try:
        with torch.inference_mode():
            errors = _errors(config, tensors, device, kind, overlap)
    except Exception:
        return Agreement(name, [], float("nan"), traceback.format_exc())
    return Agreement(name, errors, max(errors))


def _errors(
    config: LMConfig, tensors: dict[str, Tensor], device: str, kind: StepKind, overlap: bool
) -> list[float]:
    exact = OnDevice.open(config, FOLEYGEN.codec, tensors.__getitem__, device, "float32")
    model = OnDevice.open(config, FOLEYGEN.codec, tensors.__getitem__, device, "bfloat16")
    frames, windows = 20, 3
    reference = open_decoder(exact, "torch", False, frames=frames)
    decoder = open_decoder(model, kind, overlap, frames=frames)
    for each, of in ((reference, exact), (decoder, model)):
        put_windows(each, of, windows, frames=frames)
    errors = []
    for _ in range(CHECK_STEPS):
        # The logits decide the draw: from the same ones the same codes follow.
        decoder.logits.copy_(reference.logits)
        decoder.run(1)
        reference.run(1)
        live = slice(0, 2 * windows)
        off = (decoder.logits[live] - reference.logits[live]).square().mean().sqrt()
        errors.append(float(off / reference.logits[live].std()))
    return errors


def _way_times(model: OnDevice, name: str, kind: StepKind, overlap: bool, copy: float) -> WayTimes:
    is_cuda = model.capture
    if is_cuda:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    started = time.perf_counter()
    try:
        decoder = open_decoder(model, kind, overlap)
        decoder.wait()
        open_s = time.perf_counter() - started
        loads = [_drawn(model, decoder, windows, copy) for windows in LIMITS]
    except Exception:
        return WayTimes(name, 0.0, [], 0, traceback.format_exc())
    return WayTimes(name, open_s, loads, torch.cuda.max_memory_allocated() if is_cuda else 0)


def _drawn(model: OnDevice, decoder: GraphedDecoder, windows: int, copy: float) -> Drawn:
    config = model.lm.config
    device = str(model.lm.norm.weight.device)
    steps = steps_of(config)
    runs, begins = [], []
    for _ in range(RUNS + 1):
        begins.append(timed_s(lambda: put_windows(decoder, model, windows), device) / windows)
        runs.append(timed_s(lambda: decoder.run(steps), device))
    runs, begins = runs[1:], begins[1:]
    positions = WINDOW_FRAMES // model.lm.frame_rate + steps
    read = weight_bytes(config, "bfloat16") + windows * cache_bytes(config, "bfloat16", positions / 2)
    floor = steps * read / copy / 1e9
    return Drawn(windows, runs, median(runs), floor, median(runs) / floor, median(begins))


def _peer(config: LMConfig, device: str) -> tuple[PeerSummary | None, str | None]:
    """The median of some runs after a first one, as ours are."""
    try:
        runs = [
            peer_times(config, "bfloat16", full=False, steps=steps_of(config), device=device)
            for _ in range(PEER_RUNS + 1)
        ]
        return peer_summary(runs[1:]), None
    except FoleyError as error:
        return None, str(error)
    except Exception:
        return None, traceback.format_exc()


def targets_of(ways: list[WayTimes], peer_s: float | None) -> list[Target]:
    """Of the engine's own way, the first."""
    found = []
    for load in ways[0].loads:
        limit = LIMITS[load.windows]
        found.append(Target(f"{load.windows} windows over the floor", load.ratio, limit, load.ratio <= limit))
    if peer_s is not None and ways[0].loads:
        share = ways[0].loads[0].median_s / peer_s
        found.append(Target("one window over the peer's", share, 0.25, share <= 0.25))
    return found


def as_table(speed: DeviceSpeed) -> str:
    """For people; what failed first, the short table last."""
    told_of = [each.failure for each in speed.agreements] + [each.failure for each in speed.ways]
    lines = [failure for failure in (*told_of, speed.peer_failure) if failure]
    for each in speed.agreements:
        if each.errors:
            told = " ".join(f"{error:.4f}" for error in each.errors)
            lines.append(f"logits' error against float32, {each.name}: {told}; greatest {each.greatest:.4f}")
    lines.append(
        f"{speed.device}: copy {speed.copy_gb_s:.0f} GB/s, {PRODUCT_SIZE}^3 bf16 {speed.product_tflop_s:.0f} TFLOP/s; "
        f"{speed.load}"
    )
    lines.append(
        f"{'10 s windows, bf16':28}{'windows':>8}{'s':>9}{'floor':>9}{'ratio':>7}{'begin ms':>9}{'open s':>8}{'GB':>7}"
    )
    for way in speed.ways:
        for load in way.loads:
            lines.append(
                f"{way.name:28}{load.windows:>8}{load.median_s:>9.4f}{load.floor_s:>9.4f}{load.ratio:>7.2f}"
                f"{1000 * load.begin_s:>9.1f}{way.open_s:>8.1f}{way.peak_bytes / 1e9:>7.2f}"
            )
        if way.failure:
            lines.append(f"{way.name:28}  failed: {way.failure.strip().splitlines()[-1]}")
    if speed.peer is not None:
        lines.append(f"{'transformers':28}{1:>8}{speed.peer.median_s:>9.3f}   {how_timed(speed.peer)}")
    for target in speed.targets:
        verdict = "met" if target.is_met else "MISSED"
        lines.append(f"{target.what:36}{target.figure:>8.3f}   target {target.limit:g}: {verdict}")
    return "\n".join(lines)
