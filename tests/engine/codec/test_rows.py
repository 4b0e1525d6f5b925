"""Decoding by rows of a stretch equals the package's decoder; bfloat16 costs little, and only where it may."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from msgspec.structs import replace
from torch import Tensor

from engine.codec import encodec
from engine.codec.encodec import Encodec, preserve_variance
from engine.codec.rows import STRETCH_FRAMES
from engine.config import FOLEY_TINY, FOLEYGEN, CodecConfig
from engine.lm.decoding import narrowing
from tests.engine.training.small_trainings import small_codec
from tests.engine.training.synthetic import ping, placed


def random_codec(config: CodecConfig) -> Encodec:
    torch.manual_seed(0)
    codec = Encodec(config)
    preserve_variance(codec.decoder)
    codec.quantizer.embed.normal_()
    for name, bias in codec.decoder.named_parameters():
        if name.endswith("bias"):
            bias.data.normal_(0, 0.1)
    return codec.eval().requires_grad_(False)


def kept(codec: Encodec, *, may_narrow: bool = False) -> Encodec:
    ours = Encodec(codec.config).eval().requires_grad_(False)
    ours.load_state_dict(codec.state_dict())
    ours.keep_for_decoding(may_narrow=may_narrow)
    return ours


def signal_to_noise_db(signal: Tensor, other: Tensor) -> float:
    return float(10 * torch.log10(signal.square().sum() / (signal - other).square().sum()))


@pytest.mark.parametrize(
    "config",
    [
        replace(FOLEYGEN.codec, num_filters=4),
        replace(FOLEYGEN.codec, num_filters=4, num_residual_layers=3),
        replace(FOLEY_TINY.codec, num_filters=4, pad_mode="constant", activation="SiLU", bands=None),
    ],
)
@pytest.mark.parametrize("num_frames", [1, 3, 5, STRETCH_FRAMES + 1, 2 * STRETCH_FRAMES + 7])
def test_rows_make_the_packages_sums(config: CodecConfig, num_frames: int) -> None:
    codec = random_codec(config)
    codes = torch.randint(config.codebook_size, (2, 4, num_frames))
    whole = codec.decode(codes)
    ours = kept(codec).decode(codes)
    assert ours.shape == whole.shape == (2, 1, config.hop_length * num_frames)
    assert signal_to_noise_db(whole, ours) > 100
    torch.testing.assert_close(ours, whole, atol=1e-5 * float(whole.abs().max()), rtol=0)


def test_what_is_kept_for_decoding_is_told_and_lets_the_rest_go() -> None:
    ours = kept(
        random_codec(
            replace(FOLEY_TINY.codec, num_filters=4, pad_mode="constant", activation="SiLU", bands=None)
        )
    )
    assert ours.decoding_dtype == "float32"
    assert list(ours.state_dict()) == ["quantizer.embed", "quantizer.cluster_size", "quantizer.embed_sum"]


def test_a_wide_codec_loses_little_in_bfloat16_and_a_narrow_one_stays_as_it_is() -> None:
    wide = random_codec(FOLEYGEN.codec)
    coarse = kept(wide, may_narrow=True)
    assert (coarse.decoding_dtype, kept(wide).decoding_dtype) == ("bfloat16", "float32")
    codes = torch.randint(2048, (1, 4, 20))
    assert signal_to_noise_db(wide.decode(codes), coarse.decode(codes)) > 37
    narrow = kept(random_codec(replace(FOLEYGEN.codec, num_filters=4)), may_narrow=True)
    assert narrow.decoding_dtype == "float32"


def test_bfloat16_would_lose_little_with_trained_weights_and_real_codes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A codec that has been trained is too narrow to be asked for it, so here it counts as wide."""
    monkeypatch.setattr(encodec, "WIDE_FILTERS", 1)
    trainer = small_codec(tmp_path)
    trainer.run()
    codec = trainer.codec.eval().requires_grad_(False)
    wav = torch.from_numpy(placed(2.0, [0.4, 1.3], ping()))[None, None]
    codes = codec.encode(wav)
    whole = codec.decode(codes)
    assert signal_to_noise_db(whole, kept(codec).decode(codes)) > 110
    assert signal_to_noise_db(whole, kept(codec, may_narrow=True).decode(codes)) > 35


@pytest.mark.parametrize(
    ("weights", "has_it", "expected"),
    [("int8", True, True), ("bfloat16", True, True), ("int8", False, False), ("float32", True, False)],
)
def test_only_a_narrow_take_on_a_processor_that_has_bfloat16_computes_in_it(
    weights: narrowing.WeightType, has_it: bool, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: has_it)
    assert narrowing.computes_in_bfloat16(weights) is expected
    assert not narrowing.computes_in_bfloat16(None)
