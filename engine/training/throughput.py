"""How fast a preset trains on this machine: a few optimizer steps on made-up clips, operations over time.

The share of the peak (model FLOPs utilisation) is told against the maker's figure for an H100 or H200, and against
the matrix product that was measured in the same run. Batches are drawn beforehand, as a training draws them ahead.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median

import numpy as np
import torch
from msgspec import Struct
from msgspec.structs import replace as with_fields

from engine.config import CodecConfig, LMConfig
from engine.evaluation.load import Load, LoadWatch
from engine.evaluation.speed_device import product_tflop_s, wait_for
from engine.protocol import Hit
from engine.training.corpus import Corpus, EncodedClip
from engine.training.cost import lm_pass
from engine.training.cost_table import Assumptions
from engine.training.distributed import Ranks, best_device
from engine.training.lm import LMTrainer, LMTraining
from engine.training.presets import lm_preset

CLIP_S = 10
CLIPS = 32
WARM_UP_STEPS = 3


class Throughput(Struct, frozen=True):
    preset: str
    device: str
    load: Load
    rows: int
    steps_s: list[float]
    median_s: float
    step_flops: int
    tflop_s: float
    share_of_makers_peak: float
    product_tflop_s: float
    share_of_product: float
    peak_bytes: int


def measure_training(preset: str, *, rows: int = 64, steps: int = 8, clip_s: int = CLIP_S) -> Throughput:
    """
    Args:
        rows: of a step, all at once; halved until they fit.

    Raises:
        RequestError: there is no such preset.
        MachineBusy: other programs take the processors, or took them meanwhile.
    """
    chosen, device = lm_preset(preset), best_device()
    watch = LoadWatch.begin()
    config = chosen.model.lm if chosen.takes_labels else with_fields(chosen.model.lm, labels=())
    corpus = made_up_clips(config, chosen.model.codec, clip_s)
    product = product_tflop_s(str(device))
    times, rows = _times_that_fit(config, chosen.model.codec, chosen.training, corpus, device, rows, steps)
    frames = clip_s * chosen.model.codec.frame_rate
    flops = lm_pass(config, chosen.model.codec.frame_rate, rows=rows, num_frames=frames).step()
    rate = flops / median(times) / 1e12
    return Throughput(
        preset=preset,
        device=torch.cuda.get_device_name() if device.type == "cuda" else "cpu",
        load=watch.end(),
        rows=rows,
        steps_s=times,
        median_s=median(times),
        step_flops=flops,
        tflop_s=rate,
        share_of_makers_peak=rate * 1e12 / Assumptions().peak_flops_per_s,
        product_tflop_s=product,
        share_of_product=rate / product,
        peak_bytes=torch.cuda.max_memory_allocated() if device.type == "cuda" else 0,
    )


def made_up_clips(config: LMConfig, codec: CodecConfig, clip_s: int) -> Corpus:
    """Noise of the right shapes: nothing can be learned from it."""
    rng = np.random.default_rng(0)
    frames = clip_s * codec.frame_rate
    return [
        EncodedClip(
            codes=rng.integers(0, config.codebook_size, (config.num_codebooks, frames)).astype(np.int16),
            features=rng.standard_normal((clip_s, config.visual_dim)).astype(np.float32),
            features_per_s=1,
            curve=rng.random(frames).astype(np.float32),
            label=None,
            hits=[Hit(float(time_s)) for time_s in rng.uniform(0, clip_s, 5)],
            prompt=None if config.prompt_dim is None else rng.random(config.prompt_dim).astype(np.float32),
        )
        for _ in range(CLIPS)
    ]


def _times_that_fit(
    config: LMConfig,
    codec: CodecConfig,
    training: LMTraining,
    corpus: Corpus,
    device: torch.device,
    rows: int,
    steps: int,
) -> tuple[list[float], int]:
    while True:
        try:
            return _step_times_s(config, codec, training, corpus, device, rows, steps), rows
        except torch.OutOfMemoryError:
            if rows == 1:
                raise
            rows //= 2
        torch.cuda.empty_cache()


def _step_times_s(
    config: LMConfig,
    codec: CodecConfig,
    training: LMTraining,
    corpus: Corpus,
    device: torch.device,
    rows: int,
    steps: int,
) -> list[float]:
    clip_s = len(corpus[0].features)
    cropping = replace(training.cropping, rows=rows, min_s=clip_s, max_s=clip_s)
    with tempfile.TemporaryDirectory() as folder:
        trainer = LMTrainer(
            config,
            codec,
            replace(training, cropping=cropping, accumulate=1),
            corpus,
            Path(folder),
            lambda line: None,
            ranks=Ranks(device=device),
        )
        parts = trainer.draw(0)
        times = []
        for _ in range(WARM_UP_STEPS + steps):
            wait_for(str(device))
            started = time.perf_counter()
            trainer.train_step(parts)
            wait_for(str(device))
            times.append(time.perf_counter() - started)
    return times[WARM_UP_STEPS:]


def as_line(found: Throughput) -> str:
    """For people."""
    return (
        f"{found.preset} on {found.device}: {found.rows} rows of {CLIP_S} s, {found.median_s:.3f} s a step, "
        f"{found.step_flops / 1e12:.1f} TFLOP, {found.tflop_s:.0f} TFLOP/s: {found.share_of_makers_peak:.1%} of "
        f"{Assumptions().peak_flops_per_s / 1e12:.0f}, {found.share_of_product:.1%} of a product's "
        f"{found.product_tflop_s:.0f}; at most {found.peak_bytes / 1e9:.1f} GB; "
        f"{found.load}"
    )
