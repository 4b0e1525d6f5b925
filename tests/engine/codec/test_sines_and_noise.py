"""Sounds become rows of sines and noise and sounds again."""

import math

import pytest
import torch
from torch import Tensor

from engine.codec.sines_and_noise import LOWEST_DB, WINDOWS, SinesAndNoise

RATE, ROW, BANDS = 48_000, 240, 64
SOUND = SinesAndNoise(RATE, ROW, BANDS)


def white(seconds: float, seed: int = 0) -> Tensor:
    return torch.randn(1, round(seconds * RATE), generator=torch.Generator().manual_seed(seed))


def tone(hz: float, seconds: float = 1.0, level: float = 0.1) -> Tensor:
    return level * torch.sin(2 * math.pi * hz * torch.arange(round(seconds * RATE)) / RATE)[None]


def again(wav: Tensor, seed: int = 1) -> Tensor:
    return SOUND.synthesise(SOUND.analyse(wav), white(wav.shape[1] / RATE, seed))


def strongest_hz(wav: Tensor) -> float:
    spectrum = torch.fft.rfft(wav[0] * torch.hann_window(wav.shape[1])).abs()
    return float(spectrum.argmax()) * RATE / wav.shape[1]


def test_white_noise_has_the_level_of_its_variance_and_no_sines() -> None:
    rows = SOUND.analyse(0.1 * white(2.0))[0, 20:-20]
    assert rows.shape[1:] == (3, BANDS)
    power_db = 10 * torch.log10((10 ** (rows[:, 0] / 10)).mean(dim=0))
    assert float((power_db + 20).abs().max()) < 1.5
    assert float(rows[:, 1].mean()) < 0.01


def test_noise_comes_back_as_loud_as_it_was() -> None:
    wav = 0.1 * white(2.0)
    assert float(again(wav).std() / wav.std()) == pytest.approx(1.0, abs=0.06)


def test_silence_stays_silent() -> None:
    silence = torch.zeros(1, RATE)
    assert float(SOUND.analyse(silence)[:, :, 0].max()) == pytest.approx(LOWEST_DB, abs=0.01)
    assert float(again(silence).abs().max()) < 1e-5


@pytest.mark.parametrize("hz", [150.0, 440.0, 1234.5, 5000.0])
def test_a_tone_comes_back_as_a_tone_of_its_pitch(hz: float) -> None:
    made = again(tone(hz))
    assert abs(1200 * math.log2(strongest_hz(made) / hz)) < 30
    rows = SOUND.analyse(tone(hz))[0, 50:-50]
    assert float(rows[:, 1].amax(dim=1).mean()) > 0.8
    # A sine's power lies in a few bins where noise of a band would fill it.
    power = torch.fft.rfft(made[0] * torch.hann_window(made.shape[1])).abs().square()
    near = int(power.argmax())
    assert float(power[max(0, near - 8) : near + 9].sum() / power.sum()) > 0.5


def test_a_click_does_not_sound_before_it_is_struck() -> None:
    wav = torch.zeros(1, RATE)
    wav[0, 24_000 : 24_000 + 960] = 0.5 * white(0.02)[0]
    made = again(wav)[0]
    assert float(made[: 24_000 - 600].square().sum()) < 1e-3 * float(made.square().sum())


def test_a_boom_does_not_sound_long_before_it_is_struck() -> None:
    """A window that tells 90 Hz from 110 Hz is 43 ms long."""
    since = torch.arange(24_000) / RATE
    wav = torch.zeros(1, RATE)
    wav[0, 24_000:] = 0.5 * torch.sin(2 * math.pi * 100 * since) * torch.exp(-since / 0.05)
    rows = SOUND.analyse(wav)[0, :, 0]
    level_db = 10 * torch.log10((10 ** (rows / 10) * SOUND.bandwidth).sum(dim=1))
    struck = 24_000 // ROW
    assert float(level_db[struck - 3] - level_db.max()) < -25
    assert float(level_db[struck - 6] - level_db.max()) < -50


def lows_db(wav: Tensor, first: int, end: int) -> float:
    """Power under 700 Hz of some samples of [1, N]."""
    part = wav[0, first:end] * torch.hann_window(end - first)
    spectrum = torch.fft.rfft(part, n=8 * (end - first)).abs().square()
    return float(10 * torch.log10(spectrum[: round(700 * 8 * (end - first) / RATE)].sum()))


def test_the_lows_of_noise_begin_with_their_row() -> None:
    """They are shaped by a window of 43 ms, which alone would begin 20 ms before."""
    rows = torch.zeros(1, 200, 3, BANDS)
    rows[:, :, 0] = LOWEST_DB
    rows[:, 100:140, 0, :16] = -30.0
    begins = 100 * ROW
    made = SOUND.synthesise(rows, white(1.0))
    loud = lows_db(made, begins + 10 * ROW, begins + 14 * ROW)
    assert lows_db(made, begins - 5 * ROW, begins - ROW) < loud - 50
    assert lows_db(made, begins + 41 * ROW, begins + 45 * ROW) < loud - 50
    # Power of -30 dB a band's density, by the bands' share of all frequencies.
    share = float(SOUND.bandwidth[:16].sum())
    inner = made[0, begins + 5 * ROW : begins + 35 * ROW]
    assert float(10 * torch.log10(inner.square().mean())) == pytest.approx(
        -30 + 10 * math.log10(share), abs=1.5
    )


def test_what_the_shortest_window_sees_too_stays_as_it_is() -> None:
    wav = 0.1 * white(4.0) + tone(300, 4.0)
    powers = [SOUND._power(wav, n) for n in WINDOWS]
    level = sum(
        (p @ getattr(SOUND, f"bank_{n}")) * getattr(SOUND, f"uses_{n}")
        for n, p in zip(WINDOWS, powers, strict=True)
    )
    assert isinstance(level, Tensor)
    share = SOUND._where_it_is(level, powers[0]) / level
    assert float((share < 0.99).float().mean()) < 0.02


def test_nothing_is_made_under_the_lowest_band() -> None:
    made = again(0.1 * white(4.0))
    power = torch.fft.rfft(made[0]).abs().square()
    hz = torch.arange(power.shape[0]) / 4
    assert float(power[hz < 15].mean()) < 0.02 * float(power[(hz > 100) & (hz < 1000)].mean())
    assert abs(float(made.mean())) < 1e-4


def test_lows_count_for_less_than_their_density_says_and_highs_for_more() -> None:
    middles = (SOUND.edges_hz[1:] + SOUND.edges_hz[:-1]) / 2
    at_hz = {hz: float(SOUND.emphasis_db[int((middles - hz).abs().argmin())]) for hz in (60, 1000, 8000)}
    assert at_hz[60] < -15 and abs(at_hz[1000]) < 0.5 and at_hz[8000] > 5


def test_a_part_sounds_as_it_does_in_the_whole() -> None:
    rows = SOUND.analyse(tone(700, 2.0) + 0.01 * white(2.0))
    noise = white(2.0, seed=3)
    whole = SOUND.synthesise(rows, noise)
    first, last = 100, 300
    part = SOUND.synthesise(rows[:, first:last], noise[:, first * ROW : last * ROW], first * ROW)
    inside = slice(10 * ROW, 190 * ROW)
    expected = whole[:, first * ROW : last * ROW]
    assert float((part[:, inside] - expected[:, inside]).abs().max()) < 1e-6


def test_sounds_of_a_batch_do_not_touch_each_other() -> None:
    both = torch.cat([tone(500), 0.1 * white(1.0)])
    assert torch.allclose(SOUND.analyse(both)[1:], SOUND.analyse(both[1:]), atol=1e-3)
    rows, noise = SOUND.analyse(both), white(2.0, seed=4).view(2, -1)
    assert torch.allclose(SOUND.synthesise(rows, noise)[1:], SOUND.synthesise(rows[1:], noise[1:]), atol=1e-6)


def test_amplitudes_can_be_learned() -> None:
    rows = SOUND.analyse(tone(600, 0.1) + 0.01 * white(0.1)).requires_grad_(True)
    SOUND.synthesise(rows, white(0.1)).square().sum().backward()
    assert (
        rows.grad is not None
        and bool(rows.grad.isfinite().all())
        and float(rows.grad[:, :, 0].abs().sum()) > 0
    )
