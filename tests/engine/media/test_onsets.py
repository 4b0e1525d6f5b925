"""The onset detector on sounds whose onsets are known to the sample."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from engine.errors import MediaNotFound, MediaUnreadable
from engine.media.matching import times_of
from engine.media.onsets import STRETCH_S, detect_onsets, onsets_of_wav

RATE = 16000
Wav = NDArray[np.float32]


def strike(
    level: float = 0.3, *, seed: int = 0, tone_hz: float = 700.0, rate: int = RATE
) -> NDArray[np.float32]:
    age = np.arange(round(0.5 * rate)) / rate
    noise = np.random.default_rng(seed).standard_normal(age.size)
    return np.asarray(
        level * (0.4 * noise + np.cos(2 * np.pi * tone_hz * age)) * np.exp(-age / 0.07), np.float32
    )


def scene(
    times_s: list[float], length_s: float = 4.0, rate: int = RATE, levels: list[float] | None = None
) -> NDArray[np.float32]:
    wav = np.zeros(round(length_s * rate), np.float32)
    for index, time_s in enumerate(times_s):
        sound = strike(levels[index] if levels else 0.3, seed=index, rate=rate)
        start = round(time_s * rate)
        wav[start : start + sound.size] += sound[: wav.size - start]
    return wav


@pytest.mark.parametrize("times_s", [[0.5], [0.02, 1.0, 1.26, 3.7], [0.3, 0.55, 0.8, 1.05, 1.3]])
def test_onsets_are_found_within_three_milliseconds(times_s: list[float]) -> None:
    assert np.allclose(times_of(detect_onsets(scene(times_s), RATE)), times_s, atol=0.003)


def test_level_does_not_matter() -> None:
    wav = scene([0.5, 1.5, 2.5])
    assert np.allclose(times_of(detect_onsets(wav * 0.02, RATE)), [0.5, 1.5, 2.5], atol=0.003)


@pytest.mark.parametrize("noise_db", [-60, -50, -40])
def test_noise_neither_hides_hits_nor_invents_any(noise_db: int) -> None:
    noise = np.random.default_rng(1).standard_normal(4 * RATE) * 10 ** (noise_db / 20)
    found = times_of(detect_onsets(np.asarray(scene([0.5, 1.2, 2.9]) + noise, np.float32), RATE))
    assert np.allclose(found, [0.5, 1.2, 2.9], atol=0.01)


def test_silence_a_steady_tone_and_a_slow_swell_have_no_onset_inside() -> None:
    t = np.arange(4 * RATE) / RATE
    assert detect_onsets(np.zeros(4 * RATE, np.float32), RATE) == []
    assert detect_onsets(np.zeros(10, np.float32), RATE) == []
    tone = np.asarray(0.2 * np.sin(2 * np.pi * 440 * t), np.float32)
    assert [time_s for time_s in times_of(detect_onsets(tone, RATE)) if 0.05 < time_s < 3.9] == []
    swell = np.asarray(tone * np.sin(np.pi * t / 4) ** 2, np.float32)
    assert [time_s for time_s in times_of(detect_onsets(swell, RATE)) if time_s > 0.3] == []


def test_strength_follows_level() -> None:
    levels = [0.3, 0.15, 0.075]
    found = detect_onsets(scene([0.5, 1.5, 2.5], levels=levels), RATE)
    drops_db = 24 * -np.diff([hit.strength for hit in found])
    assert np.allclose(drops_db, 6.02, atol=1.5)


def test_other_sample_rates_are_resampled() -> None:
    wav = scene([0.5, 1.5], rate=48000)
    assert np.allclose(times_of(detect_onsets(wav, 48000)), [0.5, 1.5], atol=0.004)


def test_noise_alone_is_no_hit_twice_a_second() -> None:
    noise = np.random.default_rng(2).standard_normal(10 * RATE).astype(np.float32) * 0.05
    assert len(detect_onsets(noise, RATE)) <= 2


def test_a_long_file_is_heard_in_stretches_as_it_is_whole(tmp_path: Path) -> None:
    length_s = 2.0 * STRETCH_S + 5
    times_s = [0.5, STRETCH_S - 0.02, STRETCH_S + 0.4, 2.0 * STRETCH_S, length_s - 1]
    soundfile.write(tmp_path / "long.wav", scene(times_s, length_s), RATE, subtype="PCM_24")
    found = times_of(list(onsets_of_wav(tmp_path / "long.wav")))
    assert found == pytest.approx(times_s, abs=0.02)
    (tmp_path / "no.wav").write_bytes(b"RIFF")
    with pytest.raises(MediaUnreadable):
        list(onsets_of_wav(tmp_path / "no.wav"))
    with pytest.raises(MediaNotFound):
        list(onsets_of_wav(tmp_path / "gone.wav"))
