"""The decoder that draws spectra: its chunks, its noise, and what it can draw at once."""

import pytest
import torch
from msgspec.structs import replace

from engine.codec.encodec import Encodec
from engine.codec.spectral import Noise, SpectralDecoder
from engine.config import CodecConfig, SpectralConfig

SPECTRAL = SpectralConfig(dim=12, fine_dim=8, num_blocks=2, num_fine_blocks=2, n_fft=320, noise_dim=4)
CONFIG = CodecConfig(num_filters=4, num_lstm_layers=0, latent_dim=16, codebook_size=32, spectral=SPECTRAL)


def loud_codec() -> Encodec:
    """Random weights, with enough in the heads to be heard."""
    torch.manual_seed(0)
    codec = Encodec(CONFIG)
    codec.quantizer.start_by_kmeans(torch.randn(400, 16), iterations=1)
    decoder = codec.decoder
    assert isinstance(decoder, SpectralDecoder)
    for head in (decoder.head, decoder.hiss):
        head.weight.data.normal_(0, 0.5)
        head.bias.data.zero_()
    return codec.eval().requires_grad_(False)


def some_codes(frames: int, seed: int = 1) -> torch.Tensor:
    return torch.randint(0, 32, (1, 4, frames), generator=torch.Generator().manual_seed(seed))


def test_a_hop_a_frame_comes_out() -> None:
    assert loud_codec().decode(some_codes(7)).shape == (1, 1, 7 * CONFIG.hop_length)


def test_a_chunk_with_its_reach_equals_the_whole_and_with_less_it_does_not() -> None:
    codec, codes, hop = loud_codec(), some_codes(80), CONFIG.hop_length
    whole = codec.decode(codes)[0, 0]
    for reach, is_enough in ((codec.reach_frames, True), (codec.reach_frames - 2, False)):
        first = 30 - reach
        chunk = codec.decode(codes[..., first : 50 + reach], first)[0, 0, reach * hop :][: 20 * hop]
        assert torch.allclose(chunk, whole[30 * hop : 50 * hop], atol=1e-6) is is_enough


def test_the_first_and_the_last_chunk_equal_the_whole_too() -> None:
    codec, codes, hop = loud_codec(), some_codes(60), CONFIG.hop_length
    whole, reach = codec.decode(codes)[0, 0], codec.reach_frames
    head = codec.decode(codes[..., : 20 + reach])[0, 0, : 20 * hop]
    tail = codec.decode(codes[..., 40 - reach :], 40 - reach)[0, 0, reach * hop :]
    assert torch.allclose(
        torch.cat([head, tail]), torch.cat([whole[: 20 * hop], whole[40 * hop :]]), atol=1e-6
    )


def test_the_same_tokens_sound_the_same_and_their_noise_is_no_others() -> None:
    codec = loud_codec()
    decoder = codec.decoder
    assert isinstance(decoder, SpectralDecoder)
    codes, others = some_codes(12), some_codes(12, seed=2)
    assert torch.equal(codec.decode(codes), codec.decode(codes))
    noise, other, later = decoder.noise_of(codes), decoder.noise_of(others), decoder.noise_of(codes, 1)
    for one, two in (
        (noise.white, other.white),
        (noise.white, later.white),
        (noise.stirring, other.stirring),
    ):
        assert abs(float(torch.corrcoef(torch.stack([one.flatten(), two.flatten()]))[0, 1])) < 0.15
    assert float(noise.white.std()) == pytest.approx(1, abs=0.05)


def test_rows_of_a_batch_do_not_touch_each_other() -> None:
    codec = loud_codec()
    both = codec.decode(torch.cat([some_codes(9), some_codes(9, seed=2)]))
    assert torch.allclose(both[1:], codec.decode(some_codes(9, seed=2)), atol=1e-5)


def test_bands_of_noise_have_the_level_that_their_gains_say() -> None:
    decoder = SpectralDecoder(SPECTRAL, 16, 320)
    rows = torch.zeros(1, 400, SPECTRAL.fine_dim)
    decoder.head.bias.data[: decoder.num_bins] = -30
    half = decoder.num_bands // 2
    decoder.hiss.bias.data[:half], decoder.hiss.bias.data[half:] = -1.0, -30.0
    decoder.hiss.weight.data.zero_()
    with torch.no_grad():
        wav = decoder.reading(rows)[0, 0]
    power = torch.fft.rfft(wav).abs().square()
    low, high = power[: power.numel() // 2].sum(), power[power.numel() // 2 :].sum()
    assert high < 1e-2 * low
    # White noise of variance 1 has half of its power in the lower half.
    assert float(wav.square().mean()) == pytest.approx(0.5 * torch.e**-2, rel=0.1)


def test_a_magnitude_and_a_direction_in_each_step_make_a_steady_tone() -> None:
    decoder = SpectralDecoder(replace(SPECTRAL, n_fft=320), 16, 320)
    count, step, bin_ = 60, decoder.step_length, 12
    head = torch.zeros(1, count, 3 * decoder.num_bins)
    head[..., : decoder.num_bins] = -30
    head[..., bin_] = 2.0
    turn = 2 * torch.pi * bin_ / SPECTRAL.n_fft * step * torch.arange(count)
    head[0, :, decoder.num_bins + bin_] = turn.cos()
    head[0, :, 2 * decoder.num_bins + bin_] = turn.sin()
    tone = decoder._drawn(head)[0, 10 * step : 50 * step]
    # Hann windows that overlap by three quarters add up to 2, and are scaled as if their squares were added.
    expected = torch.e**2 * 2 / SPECTRAL.n_fft / 2**0.5 * 4 / 3
    assert float(tone.square().mean().sqrt()) == pytest.approx(expected, rel=0.03)
    spectrum = torch.fft.rfft(tone).abs()
    assert float(spectrum.max() / spectrum.norm()) > 0.99


def test_what_is_kept_for_decoding_sounds_as_before() -> None:
    codec = loud_codec()
    before = codec.decode(some_codes(9))
    codec.keep_for_decoding(may_narrow=True)
    assert torch.equal(codec.decode(some_codes(9)), before) and codec.decoding_dtype == "float32"


def test_fresh_noise_makes_two_readings_of_one_row() -> None:
    decoder = loud_codec().decoder
    assert isinstance(decoder, SpectralDecoder)
    rows = decoder.rows(torch.randn(1, 16, 5))
    assert not torch.allclose(decoder.reading(rows), decoder.reading(rows))
    noise = Noise(*decoder.fresh_noise(rows))
    assert torch.equal(decoder.reading(rows, noise), decoder.reading(rows, noise))
