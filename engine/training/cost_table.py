"""`foley train cost`: a preset's operations as hours and money, from assumptions that are stated."""

from __future__ import annotations

from msgspec import Struct

from engine.config import ModelConfig
from engine.training.cost import (
    VITS,
    codec_run_flops,
    decoder_flops,
    encode_flops,
    lm_memory_bytes,
    lm_parameters,
    lm_pass,
    run_flops,
    take_flops,
)
from engine.training.lm import LMTraining
from engine.training.presets import ENCODEC


class Assumptions(Struct, frozen=True):
    """What operations cost. Not measured here: look at your own machine's figures and prices."""

    gpu: str = "H100 SXM"
    peak_flops_per_s: float = 989e12
    """Dense bf16, the maker's figure."""
    utilisation: float = 0.38
    """The share of the peak that a training of this size reaches with DDP: 0.35 to 0.4."""
    efficiency_of_8: float = 0.9
    """What is left of it when eight GPUs exchange gradients."""
    usd_per_gpu_hour: tuple[float, float] = (2.0, 3.0)


class Preparation(Struct, frozen=True):
    """Seconds of one processor core a clip of 10 s: measured on two AVX-512 cores, times two."""

    clips: int = 172_479
    """What FoleyGen could still get of VGGSound, training and test."""
    decode_core_s: float = 2.7
    """Pictures at one a second and the sound, 1080p30."""
    tokens_core_s: float = 3.6
    """EnCodec's encoder of 64 filters, float32: its decoder's measured time, which has as many operations."""
    features_core_s: float = 1.1
    """CLIP ViT-B/32, ten pictures, float32."""
    bytes_a_clip: int = 27_000
    """Tokens 4 kB, features 20 kB, curve and hits."""

    def hours(self, cores: int) -> float:
        return self.clips * (self.decode_core_s + self.tokens_core_s + self.features_core_s) / 3600 / cores


class RunCost(Struct, frozen=True):
    """One training of the language model."""

    preset: str
    parameters: int
    step_flops: int
    run_flops: int
    state_gb: float
    activations_gb: float
    hours_1: float
    hours_8: float
    usd_1: tuple[float, float]
    usd_8: tuple[float, float]
    take_10_s_flops: int
    codec_decode_10_s_flops: int
    codec_encode_10_s_flops: int
    codec_steps: int
    codec_run_flops: int
    """Both 0 for a codec of bands, which is found, not trained; its detail is left out."""
    preparation_hours_16_cores: float
    preparation_gb: float


def run_cost(
    model: ModelConfig,
    training: LMTraining,
    assumptions: Assumptions | None = None,
    preparation: Preparation | None = None,
) -> RunCost:
    """Steps and memory are those of the longest crops; the run is the mean over all lengths that are drawn."""
    assumptions, preparation = assumptions or Assumptions(), preparation or Preparation()
    rate, cropping = model.codec.frame_rate, training.cropping
    frames = round(cropping.max_s * rate)
    rows = cropping.rows or max(1, cropping.frames_per_step // frames)
    step = lm_pass(model.lm, rate, rows=rows, num_frames=frames).step(recompute=training.recompute)
    whole = run_flops(model.lm, rate, training)
    part = -(-rows // training.accumulate)
    state, activations = lm_memory_bytes(
        model.lm, rate, rows=part, num_frames=frames, recompute=training.recompute
    )
    hours = whole / (assumptions.peak_flops_per_s * assumptions.utilisation) / 3600
    gpu_hours_8 = hours / assumptions.efficiency_of_8
    low, high = assumptions.usd_per_gpu_hour
    samples, is_trained = 10 * model.codec.sample_rate, model.codec.bands is None
    return RunCost(
        preset=model.name,
        parameters=lm_parameters(model.lm),
        step_flops=step,
        run_flops=whole,
        state_gb=state / 1e9,
        activations_gb=activations / 1e9,
        hours_1=hours,
        hours_8=gpu_hours_8 / 8,
        usd_1=(hours * low, hours * high),
        usd_8=(gpu_hours_8 * low, gpu_hours_8 * high),
        take_10_s_flops=take_flops(model.lm, rate, 10 * rate, model.windows),
        codec_decode_10_s_flops=decoder_flops(model.codec, samples),
        codec_encode_10_s_flops=encode_flops(model.codec, samples),
        codec_steps=ENCODEC.steps if is_trained else 0,
        codec_run_flops=codec_run_flops(model.codec, ENCODEC) if is_trained else 0,
        preparation_hours_16_cores=preparation.hours(16),
        preparation_gb=preparation.clips * preparation.bytes_a_clip / 1e9,
    )


def as_table(cost: RunCost, assumptions: Assumptions | None = None) -> str:
    """For people."""
    assumed = assumptions or Assumptions()
    clip = VITS["ViT-B-32"]
    return "\n".join(
        [
            f"{cost.preset}: {cost.parameters / 1e6:.1f} M parameters",
            f"  a step              {cost.step_flops / 1e12:10.1f} TFLOP",
            f"  the training        {cost.run_flops / 1e18:10.2f} EFLOP",
            f"  memory              {cost.state_gb:10.1f} GB of weights, gradients, moments and average",
            f"                      {cost.activations_gb:10.1f} GB of activations, all of a part's rows on one GPU",
            f"  1 GPU               {cost.hours_1:10.1f} h  {_dollars(cost.usd_1)}",
            f"  8 GPUs              {cost.hours_8:10.1f} h  {_dollars(cost.usd_8)}",
            _codec_line(cost),
            f"  preparing VGGSound  {cost.preparation_hours_16_cores:10.1f} h on 16 cores, "
            f"{cost.preparation_gb:.1f} GB",
            f"  a take of 10 s      {cost.take_10_s_flops / 1e12:10.2f} TFLOP, "
            f"codec {cost.codec_decode_10_s_flops / 1e9:.0f} GFLOP, CLIP ViT-B/32 {10 * clip / 1e9:.0f} GFLOP",
            f"assumed: {assumed.gpu}, {assumed.peak_flops_per_s / 1e12:.0f} TFLOP/s dense bf16, "
            f"{assumed.utilisation:.0%} of it reached, {assumed.efficiency_of_8:.0%} of that on eight, "
            f"${assumed.usd_per_gpu_hour[0]:g} to ${assumed.usd_per_gpu_hour[1]:g} a GPU hour",
        ]
    )


def _codec_line(cost: RunCost) -> str:
    if not cost.codec_steps:
        return "  the codec's               none: it is found, not trained, and its detail left out"
    return (
        f"  the codec's         {cost.codec_run_flops / 1e18:10.2f} EFLOP for {cost.codec_steps} steps, its losses "
        "left out; convolutions reach less of the peak"
    )


def _dollars(usd: tuple[float, float]) -> str:
    return f"${usd[0]:.0f} to ${usd[1]:.0f}"
