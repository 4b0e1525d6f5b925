"""`foley train cost`: a preset's operations as hours and money, from assumptions that are stated."""

from __future__ import annotations

from msgspec import Struct

from engine.config import ModelConfig
from engine.training.cost import (
    VITS,
    decoder_flops,
    encode_flops,
    lm_memory_bytes,
    lm_parameters,
    lm_pass,
    run_flops,
    take_flops,
)
from engine.training.cost_codec import codec_run_flops, decoder_run_flops
from engine.training.lm import LMTraining
from engine.training.presets import ENCODEC, ENCODEC_DECODER

NUM_CORES = 16
"""Of the machine whose preparation is told."""


class Assumptions(Struct, frozen=True):
    """What operations cost. Not measured here: look at your own machine's figures and prices."""

    gpu: str = "H100 SXM"
    peak_flops_per_s: float = 989e12
    """Dense bf16, the maker's figure."""
    utilisation: float = 0.38
    """The share of the peak that a training of this size reaches with DDP: 0.35 to 0.4."""
    codec_utilisation: float = 0.1
    """The same of a codec's and a discriminator's convolutions, which are narrow and long, and of image encoders."""
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

    def hours(self, cores: int, *, on_gpu: bool = False) -> float:
        """By the clock, of so many processors; a GPU would take tokens and features off them, and wait for pictures."""
        computed_s = 0.0 if on_gpu else self.tokens_core_s + self.features_core_s
        return self.clips * (self.decode_core_s + computed_s) / 3600 / cores


class Bill(Struct, frozen=True):
    """What a stage takes of GPUs. What one GPU does alone takes as long where there are eight."""

    flops: int
    hours_1: float
    hours_8: float
    usd_1: tuple[float, float]
    usd_8: tuple[float, float]


class RunCost(Struct, frozen=True):
    """One training of the language model."""

    preset: str
    parameters: int
    step_flops: int
    run_flops: int
    mean_crop_s: float
    """Crops are drawn from the shortest to the longest, each length as often: the run is their mean."""
    state_gb: float
    activations_gb: float
    hours_1: float
    hours_8: float
    usd_1: tuple[float, float]
    usd_8: tuple[float, float]
    take_10_s_flops: int
    codec_decode_10_s_flops: int
    codec_encode_10_s_flops: int
    codec: Bill | None
    decoder: Bill | None
    """None for a codec of bands, which is found, not trained; its detail is left out."""
    preparation_hours_16_cores: float
    preparation_on_gpu: Bill
    """Tokens and features are computed there, as 16 cores decode."""
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
    own = _bill(whole, assumptions, assumptions.utilisation)
    samples, is_trained = 10 * model.codec.sample_rate, model.codec.bands is None
    narrow = assumptions.codec_utilisation
    return RunCost(
        preset=model.name,
        parameters=lm_parameters(model.lm),
        step_flops=step,
        run_flops=whole,
        state_gb=state / 1e9,
        activations_gb=activations / 1e9,
        mean_crop_s=(cropping.min_s + cropping.max_s) / 2,
        hours_1=own.hours_1,
        hours_8=own.hours_8,
        usd_1=own.usd_1,
        usd_8=own.usd_8,
        take_10_s_flops=take_flops(model.lm, rate, 10 * rate, model.windows),
        codec_decode_10_s_flops=decoder_flops(model.codec, samples),
        codec_encode_10_s_flops=encode_flops(model.codec, samples),
        codec=_bill(codec_run_flops(model.codec, ENCODEC), assumptions, narrow) if is_trained else None,
        decoder=(
            _bill(decoder_run_flops(model.codec, ENCODEC_DECODER), assumptions, narrow, is_shared=False)
            if is_trained
            else None
        ),
        preparation_hours_16_cores=preparation.hours(NUM_CORES),
        preparation_on_gpu=_preparation_bill(encode_flops(model.codec, samples), preparation, assumptions),
        preparation_gb=preparation.clips * preparation.bytes_a_clip / 1e9,
    )


def _bill(flops: int, assumed: Assumptions, utilisation: float, *, is_shared: bool = True) -> Bill:
    """`is_shared`: eight GPUs exchange gradients; else one works and the others are not paid for."""
    hours = flops / (assumed.peak_flops_per_s * utilisation) / 3600
    of_8 = hours / assumed.efficiency_of_8 if is_shared else hours
    low, high = assumed.usd_per_gpu_hour
    return Bill(
        flops=flops,
        hours_1=hours,
        hours_8=of_8 / 8 if is_shared else hours,
        usd_1=(hours * low, hours * high),
        usd_8=(of_8 * low, of_8 * high),
    )


def _preparation_bill(tokens_flops: int, preparation: Preparation, assumed: Assumptions) -> Bill:
    """As long as the slower of the processors that decode and the GPU that computes; it is paid for all the time."""
    flops = preparation.clips * (tokens_flops + 10 * VITS["ViT-B-32"])
    computed = _bill(flops, assumed, assumed.codec_utilisation, is_shared=False)
    hours = max(computed.hours_1, preparation.hours(NUM_CORES, on_gpu=True))
    low, high = assumed.usd_per_gpu_hour
    usd = (hours * low, hours * high)
    return Bill(flops=flops, hours_1=hours, hours_8=hours, usd_1=usd, usd_8=usd)


def as_table(cost: RunCost, assumptions: Assumptions | None = None) -> str:
    """For people."""
    assumed = assumptions or Assumptions()
    clip = VITS["ViT-B-32"]
    on_gpu = cost.preparation_on_gpu
    return "\n".join(
        [
            f"{cost.preset}: {cost.parameters / 1e6:.1f} M parameters",
            f"  a step at most      {cost.step_flops / 1e12:10.1f} TFLOP",
            f"  the training        {cost.run_flops / 1e18:10.2f} EFLOP, crops of {cost.mean_crop_s:g} s on average",
            f"  memory              {cost.state_gb:10.1f} GB of weights, gradients, moments and average",
            f"                      {cost.activations_gb:10.1f} GB of activations, all of a part's rows on one GPU",
            f"  1 GPU               {cost.hours_1:10.1f} h  {_dollars(cost.usd_1)}",
            f"  8 GPUs              {cost.hours_8:10.1f} h  {_dollars(cost.usd_8)}",
            *_codec_lines(cost),
            f"  preparing VGGSound  {cost.preparation_hours_16_cores:10.1f} h on {NUM_CORES} cores, "
            f"{cost.preparation_gb:.1f} GB",
            f"    with a GPU        {on_gpu.hours_1:10.1f} h on {NUM_CORES} cores for it  {_dollars(on_gpu.usd_1)}",
            f"  a take of 10 s      {cost.take_10_s_flops / 1e12:10.2f} TFLOP, "
            f"codec {cost.codec_decode_10_s_flops / 1e9:.0f} GFLOP, CLIP ViT-B/32 {10 * clip / 1e9:.0f} GFLOP",
            f"assumed: {assumed.gpu}, {assumed.peak_flops_per_s / 1e12:.0f} TFLOP/s dense bf16, "
            f"{assumed.utilisation:.0%} of it reached, {assumed.codec_utilisation:.0%} by the codec's trainings and in "
            f"preparing, {assumed.efficiency_of_8:.0%} of that on eight, ${assumed.usd_per_gpu_hour[0]:g} to "
            f"${assumed.usd_per_gpu_hour[1]:g} a GPU hour; losses and spectrograms are left out",
        ]
    )


def _codec_lines(cost: RunCost) -> list[str]:
    if cost.codec is None or cost.decoder is None:
        return ["  the codec's               none: it is found, not trained, and its detail left out"]
    return [
        f"  the codec's         {cost.codec.flops / 1e18:10.2f} EFLOP for {ENCODEC.steps} steps",
        f"    1 GPU             {cost.codec.hours_1:10.1f} h  {_dollars(cost.codec.usd_1)}",
        f"    8 GPUs            {cost.codec.hours_8:10.1f} h  {_dollars(cost.codec.usd_8)}",
        f"  its decoder's       {cost.decoder.flops / 1e18:10.2f} EFLOP for {ENCODEC_DECODER.steps} steps against the "
        "discriminator",
        f"    1 GPU, whatever   {cost.decoder.hours_1:10.1f} h  {_dollars(cost.decoder.usd_1)}",
    ]


def _dollars(usd: tuple[float, float]) -> str:
    return f"${usd[0]:.0f} to ${usd[1]:.0f}"
