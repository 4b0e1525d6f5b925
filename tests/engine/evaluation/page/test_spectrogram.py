"""Spectrograms: tones lie where they sound, and the images are real PNGs."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest

from engine.evaluation.page.spectrogram import (
    HOP_SAMPLES,
    NUM_BANDS,
    as_png,
    height_of,
    mel_db,
    palette,
)

RATE = 16000


@pytest.mark.parametrize("frequency_hz", [300.0, 1000.0, 4000.0])
def test_a_tone_lies_at_its_height(frequency_hz: float) -> None:
    wav = np.sin(2 * np.pi * frequency_hz * np.arange(RATE) / RATE).astype(np.float32)
    loudest = mel_db(wav).mean(axis=1).argmax()
    assert loudest / NUM_BANDS == pytest.approx(height_of(frequency_hz), abs=2 / NUM_BANDS)


def test_a_click_lies_at_its_time() -> None:
    wav = np.zeros(2 * RATE, np.float32)
    wav[RATE] = 1.0
    levels = mel_db(wav)
    assert levels.shape == (NUM_BANDS, 2 * RATE // HOP_SAMPLES)
    assert levels.mean(axis=0).argmax() == pytest.approx(RATE / HOP_SAMPLES, abs=1)


def test_the_image_holds_the_levels_the_lowest_band_at_the_bottom() -> None:
    levels = np.full((4, 6), -100, np.float32)
    levels[0, 2] = 0
    levels[3, 5] = -35
    with av.open(io.BytesIO(as_png(levels, 0.0))) as container:
        [frame] = list(container.decode(video=0))
        pixels = frame.to_ndarray(format="rgb24")
    assert pixels.shape == (4, 6, 3)
    assert np.array_equal(pixels[3, 2], palette()[-1])
    assert np.array_equal(pixels[0, 5], palette()[round(0.5 * 63)])
    assert np.array_equal(pixels[0, 0], palette()[0])


def test_the_palettes_lightness_rises() -> None:
    lightness = palette().astype(float) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(lightness) > 0).all()
