"""The codec of bands: its components, its chunks, its noise."""

import pytest
import torch
from msgspec.structs import replace
from torch import Tensor

from engine.codec.bands import BandDecoder, BandEncoder, loudness_first, set_components
from engine.codec.detail import CHANCES, Detail
from engine.codec.encodec import Encodec
from engine.codec.gain_shape import LOUDEST_DB, SILENT_DB, STEP_DB, loudness_of, rows_of, seen_of
from engine.config import CodecConfig
from tests.engine.models import OF_BANDS, WITH_DETAIL

CONFIG = replace(OF_BANDS, latent_dim=24)
TAUGHT = replace(WITH_DETAIL, latent_dim=24)
both_kinds = pytest.mark.parametrize("config", [CONFIG, TAUGHT], ids=["components", "detail"])
HOP = CONFIG.hop_length


def some_sound(seconds: float = 1.0, seed: int = 0) -> Tensor:
    """Noise that comes and goes, [1, 1, T]."""
    count = round(seconds * CONFIG.sample_rate)
    noise = 0.2 * torch.randn(1, 1, count, generator=torch.Generator().manual_seed(seed))
    return noise * (0.5 + 0.5 * torch.sin(torch.arange(count) / 3000))


def found_codec(config: CodecConfig = CONFIG, *, detail_deviation: float = 0.3) -> Encodec:
    """Found on a sound; a detail of the config's says something, at random."""
    torch.manual_seed(0)
    codec = Encodec(config)
    encoder, decoder = ends(codec)
    with torch.no_grad():
        seen = seen_of(encoder.sound.analyse(some_sound()[:, 0]), encoder.sound.emphasis_db)
        set_components(encoder, decoder, seen)
        codec.quantizer.start_by_kmeans(
            encoder.latents(seen)[0].t().contiguous(),
            iterations=2,
            generator=torch.Generator().manual_seed(0),
        )
        if decoder.detail is not None:
            decoder.detail.out.weight.normal_(0, detail_deviation)
    return codec.eval().requires_grad_(False)


def ends(codec: Encodec) -> tuple[BandEncoder, BandDecoder]:
    encoder, decoder = codec.encoder, codec.decoder
    assert isinstance(encoder, BandEncoder) and isinstance(decoder, BandDecoder)
    return encoder, decoder


def some_codes(frames: int, seed: int = 1) -> Tensor:
    return torch.randint(0, 32, (1, 4, frames), generator=torch.Generator().manual_seed(seed))


def test_frames_are_of_one_length_on_both_sides_and_a_torn_one_counts() -> None:
    codec = found_codec()
    codes = codec.encode(some_sound()[..., : 7 * HOP - 100])
    assert codes.shape == (1, 4, 7) and codec.decode(codes).shape == (1, 1, 7 * HOP)


def test_a_louder_sound_has_the_same_shape_and_other_steps_of_loudness() -> None:
    codec = Encodec(replace(CONFIG, codebook_size=128))
    encoder, decoder = ends(codec)
    with torch.no_grad():
        seen = seen_of(encoder.sound.analyse(some_sound()[:, 0]), encoder.sound.emphasis_db)
        set_components(encoder, decoder, seen)
        codec.quantizer.start_by_kmeans(encoder.latents(seen)[0].t().contiguous(), iterations=2)
    soft, loud = (codec.encode(gain * some_sound()) for gain in (1.0, 10 ** (12 / 20)))
    heard = soft[0, 0] > 30
    assert bool((loud[0, 0] - soft[0, 0] == 12 / STEP_DB)[heard].all()) and float(heard.float().mean()) > 0.5
    assert float((loud[0, 1:] == soft[0, 1:]).float()[:, heard].mean()) > 0.95


def test_silence_is_one_code_whatever_else_the_tokens_say() -> None:
    codec = found_codec()
    assert int(codec.encode(torch.zeros(1, 1, 5 * HOP))[:, 0].max()) == 0
    assert int(codec.encode(10 ** ((SILENT_DB - 6) / 20) * torch.randn(1, 1, 5 * HOP))[:, 0].max()) == 0
    codes = some_codes(20)
    codes[:, 0] = 0
    assert float(codec.decode(codes).abs().max()) < 1e-4


def test_codes_of_loudness_that_no_sound_has_are_silent() -> None:
    given = loudness_of(loudness_first(replace(CONFIG, codebook_size=512)).embed[0, :, 0])
    loudest = int(given.argmax())
    assert float(given[loudest]) == pytest.approx(LOUDEST_DB, abs=STEP_DB)
    assert bool((given[1 : loudest + 1].diff() > 0).all())
    assert loudest < 120 and float(given[loudest + 1 :].max()) < SILENT_DB


def test_training_leaves_the_steps_of_loudness_as_they_are() -> None:
    codec = found_codec()
    encoder, _ = ends(codec)
    before = codec.quantizer.embed.clone()
    quantized = codec.quantizer.quantize(encoder(some_sound()))
    codec.quantizer.follow(quantized.residuals, quantized.codes, generator=torch.Generator().manual_seed(0))
    assert torch.equal(codec.quantizer.embed[0], before[0])
    assert not torch.equal(codec.quantizer.embed[1], before[1])


def test_components_alone_give_the_sound_back() -> None:
    torch.manual_seed(0)
    encoder, decoder = ends(Encodec(CONFIG))
    with torch.no_grad():
        seen = seen_of(encoder.sound.analyse(some_sound(2.0)[:, 0]), encoder.sound.emphasis_db)
        white = torch.randn(1, 2 * CONFIG.sample_rate)
        before = (decoder.seen(encoder.latents(seen), white) - seen).abs().mean()
        set_components(encoder, decoder, seen)
        after = (decoder.seen(encoder.latents(seen), white) - seen).abs().mean()
    assert float(after) < 0.25 * float(before)


@both_kinds
def test_a_chunk_with_its_reach_equals_the_whole_and_with_less_it_does_not(config: CodecConfig) -> None:
    codec, codes = found_codec(config), some_codes(100)
    whole = codec.decode(codes)[0, 0]
    for reach, is_enough in ((codec.reach_frames, True), (codec.reach_frames - 1, False)):
        first = 40 - reach
        chunk = codec.decode(codes[..., first : 60 + reach], first)[0, 0, reach * HOP :][: 20 * HOP]
        assert torch.allclose(chunk, whole[40 * HOP : 60 * HOP], atol=1e-6) is is_enough


@both_kinds
def test_the_first_and_the_last_chunk_equal_the_whole_too(config: CodecConfig) -> None:
    codec, codes = found_codec(config), some_codes(60)
    whole, reach = codec.decode(codes)[0, 0], codec.reach_frames
    head = codec.decode(codes[..., : 20 + reach])[0, 0, : 20 * HOP]
    tail = codec.decode(codes[..., 40 - reach :], 40 - reach)[0, 0, reach * HOP :]
    assert torch.allclose(
        torch.cat([head, tail]), torch.cat([whole[: 20 * HOP], whole[40 * HOP :]]), atol=1e-6
    )


def test_the_same_tokens_sound_the_same_and_their_noise_is_no_others() -> None:
    codec = found_codec()
    _, decoder = ends(codec)
    codes, others = some_codes(12), some_codes(12, seed=2)
    assert torch.equal(codec.decode(codes), codec.decode(codes))
    noise, other, later = decoder.noise_of(codes), decoder.noise_of(others), decoder.noise_of(codes, 1)
    for another in (other, later):
        assert abs(float(torch.corrcoef(torch.cat([noise, another]))[0, 1])) < 0.05
    assert float(noise.std()) == pytest.approx(1, abs=0.05)


@both_kinds
def test_rows_of_a_batch_do_not_touch_each_other(config: CodecConfig) -> None:
    codec = found_codec(config)
    both = codec.decode(torch.cat([some_codes(9), some_codes(9, seed=2)]))
    assert torch.allclose(both[1:], codec.decode(some_codes(9, seed=2)), atol=1e-5)


def test_what_is_kept_for_decoding_sounds_as_before() -> None:
    codec = found_codec()
    before = codec.decode(some_codes(9))
    codec.keep_for_decoding(may_narrow=True)
    assert torch.equal(codec.decode(some_codes(9)), before) and codec.decoding_dtype == "float32"


def test_a_detail_that_was_never_taught_says_nothing_and_a_taught_one_leaves_tokens_and_loudness_alone() -> (
    None
):
    plain, fresh, taught = found_codec(), found_codec(TAUGHT, detail_deviation=0.0), found_codec(TAUGHT)
    wav = some_sound()
    codes = plain.encode(wav)
    assert torch.equal(fresh.encode(wav), codes) and torch.equal(taught.encode(wav), codes)
    before, unchanged, after = (codec.decode(codes) for codec in (plain, fresh, taught))
    assert torch.allclose(unchanged, before, atol=1e-6)
    assert float((after - before).abs().max()) > 0.01
    level_db = [20 * float(sound.square().mean().sqrt().log10()) for sound in (before, after)]
    assert level_db[1] == pytest.approx(level_db[0], abs=1.5)


def test_a_sine_stays_where_it_is_when_its_share_is_moved() -> None:
    torch.manual_seed(0)
    assert TAUGHT.bands is not None
    detail = Detail(TAUGHT.bands)
    torch.nn.init.normal_(detail.out.weight, std=0.5)
    level, share, place = torch.zeros(1, 8, 16), 0.2 + 0.8 * torch.rand(1, 8, 16), torch.rand(1, 8, 16)
    emphasis_db = torch.zeros(16)
    seen = seen_of(torch.stack([level, share, place], dim=2), emphasis_db)
    with torch.no_grad():
        moved = rows_of(detail(seen, torch.zeros(1, 2), torch.randn(1, 8, CHANCES)), emphasis_db)
    before = rows_of(seen, emphasis_db)
    assert float((moved[:, :, 1] - before[:, :, 1]).abs().mean()) > 0.05
    assert torch.allclose(moved[:, :, 2], before[:, :, 2], atol=1e-4)
