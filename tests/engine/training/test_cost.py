"""Operations from configs alone, against PyTorch's counter on the networks themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode, conv_flop_count

from engine.codec.encodec import Encodec
from engine.config import (
    FOLEY_TINY,
    FOLEYGEN,
    FOLEYGEN_SYNC,
    CodecConfig,
    LMConfig,
    SyncConfig,
    VisualAttention,
    WindowConfig,
)
from engine.lm.decoding.decoder import TorchDecoder
from engine.lm.delay import delay
from engine.lm.generate import TakeConditions, generate_take
from engine.lm.model import LanguageModel
from engine.protocol import Sampling
from engine.training.batches import Batches, Cropping
from engine.training.codec import CodecTraining, _Pass
from engine.training.cost import (
    BLOCK_BYTES,
    decoder_flops,
    encode_flops,
    lm_memory_bytes,
    lm_parameters,
    lm_pass,
    run_flops,
    seanet_flops,
    take_flops,
    vit_flops,
)
from engine.training.cost_codec import (
    codec_crop_flops,
    codec_run_flops,
    decoder_crop_flops,
    decoder_run_flops,
)
from engine.training.cost_table import Assumptions, as_table, run_cost
from engine.training.crops import CropConfig
from engine.training.decoder import DecoderTrainer, DecoderTraining
from engine.training.lm import LMTraining
from engine.training.presets import ENCODEC, ENCODEC_DECODER, PAPER, TINY
from engine.training.recordings import RecordingLibrary
from tests.engine.models import LABELS, OF_BANDS, WITH_DETAIL
from tests.engine.training.clips import encoded_clips
from tests.engine.training.synthetic import recordings

CODEC = CodecConfig()
PLAIN = LMConfig(num_layers=2, num_heads=2, dim=32, codebook_size=32, visual_dim=16, sync=None)
FULL = msgspec.structs.replace(
    PLAIN,
    num_layers=3,
    dim=48,
    ffn_mult=3,
    labels=LABELS,
    prompt_dim=7,
    sync=SyncConfig(kernel_radius_frames=5),
)


@contextmanager
def counted() -> Iterator[FlopCounterMode]:
    """Attention as matrix products: the CPU's fused kernel is not in PyTorch's register of operations."""
    depthwise = {torch.ops.aten.convolution_backward: convolution_backward}
    with (
        sdpa_kernel(SDPBackend.MATH),
        FlopCounterMode(display=False, custom_mapping=depthwise) as counter,
    ):
        yield counter


def convolution_backward(
    grad: list[int],
    x: list[int],
    weight: list[int],
    bias: object,
    stride: object,
    padding: object,
    dilation: object,
    transposed: bool,
    output_padding: object,
    groups: int,
    wanted: list[bool],
    out_shape: object,
) -> int:
    """Gradients of data and of weights each take what the forward pass took.

    PyTorch's own count takes the weights of a depthwise convolution for those of a dense one.
    """
    return sum(wanted[:2]) * conv_flop_count(x, weight, grad, transposed)


def batch_of(config: LMConfig, rows: int, num_frames: int) -> tuple[Tensor, object]:
    seconds = num_frames / 50
    clips = encoded_clips(prompt_dim=config.prompt_dim)
    cropping = Cropping(rows=rows, min_s=seconds, max_s=seconds)
    drawn = Batches(clips, config, 50, cropping, 1).draw(0, range(rows))
    return delay(drawn.codes, config.pad_id), drawn.conditions


@pytest.mark.parametrize("kind", ["all-frame", "causal", "frame-wise"])
@pytest.mark.parametrize(("config", "rows", "num_frames"), [(PLAIN, 3, 60), (FULL, 2, 101)])
def test_a_training_step_is_counted_exactly(
    config: LMConfig, rows: int, num_frames: int, kind: VisualAttention
) -> None:
    config = msgspec.structs.replace(config, visual_attention=kind)
    lm = LanguageModel(config, CODEC)
    delayed, conditions = batch_of(config, rows, num_frames)
    expected = lm_pass(config, 50, rows=rows, num_frames=num_frames)
    with counted() as forward:
        logits = lm(delayed, conditions)
    assert forward.get_total_flops() == expected.forward
    with counted() as backward:
        logits.sum().backward()
    assert backward.get_total_flops() == expected.backward


def test_generating_a_take_of_several_windows_is_counted_exactly() -> None:
    windows = WindowConfig(window_frames=100, stride_frames=80)
    lm = LanguageModel(FULL, CODEC).eval()
    visual = torch.zeros(5, FULL.visual_dim)
    take = TakeConditions(visual=visual, label=1, negative_label=None, sync=None)
    with counted() as counter:
        generate_take(
            TorchDecoder(lm), take, 204, Sampling(), seed=0, windows=windows, on_step=lambda share: None
        )
    assert counter.get_total_flops() == take_flops(FULL, 50, 204, windows)


@pytest.mark.parametrize("config", [PLAIN, FULL, FOLEYGEN.lm, FOLEYGEN_SYNC.lm])
def test_parameters_are_counted_exactly(config: LMConfig) -> None:
    with torch.device("meta"):
        lm = LanguageModel(config, CODEC)
    assert lm_parameters(config) == sum(parameter.numel() for parameter in lm.parameters())


@pytest.mark.filterwarnings("ignore:TF32")
@pytest.mark.parametrize("layers", [0, 2])
def test_the_codec_is_counted_exactly(layers: int) -> None:
    config = CodecConfig(num_filters=4, num_lstm_layers=layers, latent_dim=8, codebook_size=16)
    codec = Encodec(config).eval()
    wav = torch.randn(1, 1, 12 * config.hop_length)
    # oneDNN's LSTM is one operation that no counter looks into.
    with torch.no_grad(), torch.backends.mkldnn.flags(enabled=False):
        with counted() as encoding:
            codes = codec.encode(wav)
        with counted() as decoding:
            codec.decode(codes)
    assert encoding.get_total_flops() == encode_flops(config, wav.shape[-1])
    assert decoding.get_total_flops() == seanet_flops(config, wav.shape[-1])


@pytest.mark.parametrize("config", [OF_BANDS, WITH_DETAIL], ids=["components", "detail"])
def test_a_codec_of_bands_is_counted_exactly(config: CodecConfig) -> None:
    codec = Encodec(config).eval()
    wav = torch.randn(1, 1, 9 * config.hop_length)
    with torch.no_grad():
        with counted() as encoding:
            codes = codec.encode(wav)
        with counted() as decoding:
            codec.decode(codes)
    assert encoding.get_total_flops() == encode_flops(config, wav.shape[-1])
    assert decoding.get_total_flops() == decoder_flops(config, wav.shape[-1])


@pytest.mark.filterwarnings("ignore:TF32")
@pytest.mark.parametrize("layers", [0, 2])
@pytest.mark.parametrize("quantizing", [False, True])
def test_a_training_step_of_the_codec_is_counted_exactly(layers: int, quantizing: bool) -> None:
    config = CodecConfig(num_filters=4, num_lstm_layers=layers, latent_dim=8, codebook_size=16)
    net = _Pass(Encodec(config), bf16=False)
    wav = torch.randn(3, 1, 6 * config.hop_length)
    with torch.backends.mkldnn.flags(enabled=False), counted() as counter:
        output, latents, quantized = net(wav, quantizing)
        commitment = latents.new_zeros(()) if quantized is None else quantized.commitment
        (output.sum() + commitment).backward()
    assert counter.get_total_flops() == 3 * codec_crop_flops(config, wav.shape[-1], quantizing=quantizing)


@pytest.mark.filterwarnings("ignore:TF32")
@pytest.mark.parametrize("layers", [0, 2])
@pytest.mark.parametrize("step", [0, 1])
def test_a_step_of_the_decoder_against_its_discriminator_is_counted_exactly(
    tmp_path: Path, layers: int, step: int
) -> None:
    """The log-mel distance, which is left out, is stood in for."""
    config = CodecConfig(num_filters=4, num_lstm_layers=layers, latent_dim=8, codebook_size=16)
    training = DecoderTraining(
        batch=2, crops=CropConfig(num_samples=3840), n_ffts=(512, 256), discriminator_filters=3, quiet_steps=1
    )
    library = RecordingLibrary(recordings())
    trainer = DecoderTrainer(Encodec(config), training, library, tmp_path, lambda line: None)
    trainer.mel = lambda output, wav: ((output - wav).abs().mean(), output.abs().mean())  # type: ignore[assignment]
    trainer.step = step
    drawn = trainer.draw(step)
    with torch.backends.mkldnn.flags(enabled=False), counted() as counter:
        trainer._train_step(drawn)
    assert counter.get_total_flops() == 2 * decoder_crop_flops(config, training, heard=step >= 1)


def test_a_codecs_runs_are_their_steps_before_and_after_what_comes_in_later() -> None:
    config, crops = CodecConfig(num_filters=4, latent_dim=8, codebook_size=16), CropConfig(num_samples=3200)
    plain, quantizing = (codec_crop_flops(config, 3200, quantizing=is_so) for is_so in (False, True))
    training = CodecTraining(steps=5, batch=3, kmeans_step=2, crops=crops)
    assert codec_run_flops(config, training) == 3 * (2 * plain + 3 * quantizing)
    taught = DecoderTraining(steps=5, batch=3, quiet_steps=9, crops=crops)
    assert decoder_run_flops(config, taught) == 15 * decoder_crop_flops(config, taught, heard=False)
    alone = replace(taught, adversarial_weight=0.0, feature_weight=0.0)
    assert decoder_run_flops(config, alone) == 15 * decoder_crop_flops(config, alone, learning=False)


def test_a_vision_transformer_is_counted_exactly() -> None:
    from open_clip.transformer import VisionTransformer

    net = VisionTransformer(
        image_size=64, patch_size=16, width=32, layers=2, heads=2, mlp_ratio=4.0, output_dim=24
    )
    with counted() as counter:
        net(torch.randn(1, 3, 64, 64))
    assert counter.get_total_flops() == vit_flops(64, 16, layers=2, width=32, output=24)


def test_activations_are_estimated_within_a_fifth() -> None:
    config = msgspec.structs.replace(PLAIN, num_layers=6, dim=256, num_heads=4)
    lm = LanguageModel(config, CODEC)
    delayed, conditions = batch_of(config, 2, 200)
    kept: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    own = {parameter.untyped_storage().data_ptr() for parameter in lm.parameters()}
    alive = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: (keep(t), alive.append(t), t)[2], lambda t: t):
        with torch.autocast("cpu", torch.bfloat16):
            logits = lm(delayed, conditions)
        del logits
    # Weights are cast to bf16 once a step: not activations.
    weights = 2 * lm_parameters(config)
    measured = sum(size for place, size in kept.items() if place not in own) - weights
    estimated = BLOCK_BYTES * config.dim * 2 * (4 + 203) * config.num_layers
    assert estimated == pytest.approx(measured, rel=0.2)


def test_the_papers_run_costs_what_is_said() -> None:
    cost = run_cost(FOLEYGEN, PAPER)
    assert cost.parameters == pytest.approx(320e6, rel=0.02)
    # Crops of 1 to 10 s: 275 frames, 3 steps of delay and six features on average.
    six_n_d = 6 * cost.parameters * 256 * (275 + 3 + 6) * 20_000
    assert cost.mean_crop_s == 5.5
    assert cost.run_flops == pytest.approx(six_n_d, rel=0.1)
    assert cost.hours_8 * 8 * 0.9 == pytest.approx(cost.hours_1)
    assert cost.usd_1[1] == pytest.approx(3 * cost.hours_1)
    assert "8 GPUs" in as_table(cost)
    assert cost.codec is not None and cost.decoder is not None
    assert cost.codec.flops == codec_run_flops(FOLEYGEN.codec, ENCODEC)
    assert cost.decoder.flops == decoder_run_flops(FOLEYGEN.codec, ENCODEC_DECODER)
    assumed = Assumptions()
    seconds = cost.codec.flops / (assumed.peak_flops_per_s * assumed.codec_utilisation)
    assert cost.codec.hours_1 == pytest.approx(seconds / 3600)
    assert cost.codec.hours_8 * 8 * 0.9 == pytest.approx(cost.codec.hours_1)
    assert cost.decoder.hours_8 == cost.decoder.hours_1, "one GPU teaches it"
    assert cost.preparation_on_gpu.hours_1 == pytest.approx(172_479 * 2.7 / 16 / 3600), (
        "it waits for pictures"
    )
    assert cost.preparation_on_gpu.usd_1[0] == pytest.approx(2 * cost.preparation_on_gpu.hours_1)
    assert cost.preparation_hours_16_cores > 2 * cost.preparation_on_gpu.hours_1


def test_the_default_models_run_is_that_of_its_own_codec() -> None:
    cost, codec, samples = run_cost(FOLEY_TINY, TINY), FOLEY_TINY.codec, 480_000
    assert (cost.codec, cost.decoder) == (None, None) and "found, not trained" in as_table(cost)
    assert cost.codec_decode_10_s_flops == decoder_flops(codec, samples) < seanet_flops(codec, samples) / 5


def test_a_run_is_the_mean_over_its_crops() -> None:
    training = LMTraining(steps=10, cropping=Cropping(rows=2, min_s=1.0, max_s=1.04))
    each = [lm_pass(PLAIN, 50, rows=2, num_frames=frames).step() for frames in (50, 51, 52)]
    assert run_flops(PLAIN, 50, training) == 10 * sum(each) // 3
    state, whole = lm_memory_bytes(PLAIN, 50, rows=2, num_frames=50)
    _, less = lm_memory_bytes(PLAIN, 50, rows=2, num_frames=50, recompute=True)
    assert state == 20 * lm_parameters(PLAIN) and less < whole
