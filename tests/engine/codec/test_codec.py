"""EnCodec's shapes, its quantiser, and decoding in chunks."""

import msgspec
import pytest
import torch

from engine.codec.encodec import Encodec, preserve_variance
from engine.codec.quantizer import ResidualVectorQuantizer
from engine.config import FOLEY_TINY, FOLEYGEN, CodecConfig

SMALL = CodecConfig(
    num_filters=4, num_lstm_layers=0, latent_dim=16, codebook_size=32, pad_mode="constant", activation="SiLU"
)


def small_codec() -> Encodec:
    torch.manual_seed(0)
    codec = Encodec(SMALL)
    preserve_variance(codec, gain=2.2)
    codec.quantizer.start_by_kmeans(torch.randn(400, 16))
    return codec.eval()


@pytest.mark.parametrize(
    # A codec of bands has no strides of its own: its rows make up a frame.
    ("config", "expected"),
    [
        (FOLEYGEN.codec, [2, 4, 5, 8]),
        (msgspec.structs.replace(FOLEY_TINY.codec, bands=None), [4, 5, 6, 8]),
        (FOLEY_TINY.codec, []),
    ],
)
def test_strides_are_the_presets_and_a_second_is_fifty_frames(
    config: CodecConfig, expected: list[int]
) -> None:
    small = Encodec(msgspec.structs.replace(config, num_filters=2))
    strides = [
        m.stride[0] for m in small.encoder.modules() if isinstance(m, torch.nn.Conv1d) and m.stride[0] > 1
    ]
    assert strides == expected
    assert config.hop_length * 50 == config.sample_rate and config.frame_rate == 50
    assert small.encoder(torch.zeros(1, 1, config.sample_rate)).shape[-1] == 50


def test_encode_gives_codes_and_decode_a_hop_a_frame() -> None:
    codec = small_codec()
    codes = codec.encode(torch.randn(2, 1, 6400) * 0.1)
    assert codes.shape == (2, 4, 20)
    assert codec.decode(codes).shape == (2, 1, 6400)


def test_decoding_in_chunks_with_four_frames_of_context_equals_the_whole() -> None:
    codec = small_codec()
    codes = torch.randint(0, 32, (1, 4, 60))
    with torch.no_grad():
        whole = codec.decode(codes)[0, 0]
        chunk = codec.decode(codes[..., 16:44])[0, 0]
    assert torch.allclose(
        chunk[4 * 320 : -4 * 320], whole[20 * 320 : 40 * 320], atol=1e-6 * float(whole.abs().max())
    )


def test_a_variance_preserving_start_lets_the_latent_follow_the_input() -> None:
    torch.manual_seed(0)
    dead, alive = Encodec(SMALL), Encodec(SMALL)
    preserve_variance(alive, gain=2.2)
    wav = torch.randn(4, 1, 8000) * 0.1
    assert alive.encoder(wav).std(dim=2).mean() > 10 * dead.encoder(wav).std(dim=2).mean()


def test_each_quantiser_brings_the_sum_nearer() -> None:
    torch.manual_seed(0)
    pool = torch.randn(2000, 8)
    quantizer = ResidualVectorQuantizer(4, 64, 8)
    quantizer.start_by_kmeans(pool)
    latents = pool[:500].t()[None]
    codes = quantizer.encode(latents)
    errors = [float((quantizer.decode(codes[:, :k]) - latents).square().mean()) for k in (1, 2, 3, 4)]
    assert errors == sorted(errors, reverse=True)
    assert errors[3] < 0.35 * errors[0]


def test_every_quantiser_pulls_the_encoder_through_commitment() -> None:
    quantizer = ResidualVectorQuantizer(2, 8, 4)
    quantizer.start_by_kmeans(torch.randn(64, 4))
    latents = torch.randn(1, 4, 6, requires_grad=True)
    quantizer.quantize(latents).commitment.backward()
    vectors = latents.detach().transpose(1, 2)
    total = torch.zeros_like(vectors)
    expected = torch.zeros_like(vectors)
    for k in range(2):
        residual = vectors - total
        chosen = quantizer.embed[k][torch.cdist(residual[0], quantizer.embed[k]).argmin(dim=1)][None]
        expected += 2 * (residual - chosen) / residual.numel() / 2
        total = total + chosen
    assert latents.grad is not None
    assert torch.allclose(latents.grad, expected.transpose(1, 2), atol=1e-6)


def test_a_dead_code_is_revived_and_stays() -> None:
    torch.manual_seed(0)
    quantizer = ResidualVectorQuantizer(1, 16, 4)
    quantizer.start_by_kmeans(torch.randn(200, 4))
    quantizer.embed[0, 3] = 100.0
    quantizer.cluster_size[0, 3] = 0.0
    quantized = quantizer.quantize(torch.randn(4, 4, 50))
    quantizer.follow(quantized.residuals, quantized.codes)
    assert quantizer.embed[0, 3].abs().max() < 6
    assert quantizer.cluster_size[0, 3] > 1
