"""Optical flow of textures that were moved by a known amount."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.evaluation.flow import WIDTH, motion_of, optical_flow

HEIGHT, MARGIN = 72, 16


def texture(seed: int = 0) -> NDArray[np.float64]:
    """Smooth noise of several sizes, periodic, values 0 to 1."""
    rng = np.random.default_rng(seed)
    spectrum = np.fft.fft2(rng.standard_normal((HEIGHT, WIDTH)))
    y, x = np.meshgrid(np.fft.fftfreq(HEIGHT), np.fft.fftfreq(WIDTH), indexing="ij")
    smooth = np.fft.ifft2(spectrum * np.exp(-((x**2 + y**2) / 0.1**2))).real
    return np.clip(0.5 + 0.18 * smooth / smooth.std(), 0, 1)


def moved(picture: NDArray[np.float64], by_x: float, by_y: float) -> NDArray[np.float64]:
    """Exactly, by the shift theorem; what leaves on one side comes back on the other."""
    y, x = np.meshgrid(np.fft.fftfreq(HEIGHT), np.fft.fftfreq(WIDTH), indexing="ij")
    return np.fft.ifft2(np.fft.fft2(picture) * np.exp(-2j * np.pi * (x * by_x + y * by_y))).real


def flow_between(before: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.float64]:
    frames = [torch.from_numpy(frame).float()[None] for frame in (before, after)]
    found = optical_flow(*frames)[0].numpy()
    return np.asarray(found[:, MARGIN:-MARGIN, MARGIN:-MARGIN], np.float64)


@pytest.mark.parametrize("by", [(0.3, 0.0), (0.0, -0.7), (1.5, 1.0), (-3.0, 2.0), (5.0, -4.0)])
def test_a_moved_texture_has_the_flow_that_it_was_moved_by(by: tuple[float, float]) -> None:
    picture = texture()
    found = flow_between(picture, moved(picture, *by))
    assert np.median(found, axis=(1, 2)) == pytest.approx(by, abs=0.05)
    assert np.abs(found - np.array(by)[:, None, None]).mean() < 0.15


def test_each_half_moves_its_own_way() -> None:
    picture = texture(1)
    after = np.concatenate([moved(picture, 1, 0)[:, : WIDTH // 2], moved(picture, -1, 0)[:, WIDTH // 2 :]], 1)
    found = flow_between(picture, after)
    middle = WIDTH // 2 - MARGIN
    assert np.median(found[0, :, : middle - 6]) == pytest.approx(1, abs=0.1)
    assert np.median(found[0, :, middle + 6 :]) == pytest.approx(-1, abs=0.1)


def test_noise_and_a_flat_picture_stand_still() -> None:
    rng = np.random.default_rng(2)
    flat = np.full((HEIGHT, WIDTH), 0.5)
    noisy = [flat + rng.normal(0, 1.5 / 255, flat.shape) for _ in range(2)]
    assert np.abs(flow_between(flat, flat)).max() == 0
    assert np.abs(flow_between(*noisy)).mean() < 0.1


def test_motion_over_time_follows_the_speed_and_a_cut_makes_no_peak() -> None:
    """A texture that moves faster and faster, stops, and is cut to another."""
    first, second = texture(3), texture(4)
    places = np.concatenate([[0.0], np.cumsum([0.5, 1.0, 1.5, 2.0, 1.0, 0.0, 0.0])])
    shots = [moved(first, place, 0) for place in places] + [second] * 6
    frames = np.stack([np.clip(np.round(shot * 255), 0, 255).astype(np.uint8) for shot in shots])
    motion = motion_of(frames, 25.0)
    assert np.allclose(motion.magnitude[1:6], [0.5, 1.0, 1.5, 2.0, 1.0], atol=0.2)
    assert list(np.flatnonzero(motion.is_cut)) == [8]
    assert motion.magnitude[8:].max() < 0.05
