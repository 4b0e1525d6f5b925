"""Small repeating grey tiles that give surfaces their grain. Cached: the same seed gives the same tile."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from engine.training.scenes.labels import Surface

TILE_SIZE = 128
"""Side of a tile in texels; one tile spans one frame height at scale 1."""
VARIANTS = 24
SURFACES: tuple[Surface, ...] = (
    "plain",
    "grain",
    "speckle",
    "weave",
    "brushed",
    "blotch",
    "blades",
    "ripple",
)

Tile = NDArray[np.float32]


@cache
def tile(surface: Surface, variant: int) -> Tile:
    """One tile [128, 128], float32, mean 0, about -1 to 1, that repeats without a seam."""
    rng = np.random.default_rng([variant % VARIANTS, SURFACES.index(surface)])
    rows, columns = np.meshgrid(np.arange(TILE_SIZE), np.arange(TILE_SIZE), indexing="ij")
    turn = 2 * np.pi / TILE_SIZE
    if surface == "plain":
        raw = _noise(rng, 0.03, 0.03)
    elif surface == "grain":
        raw = np.sin(rows * turn * rng.integers(4, 12) + 2.5 * _noise(rng, 0.02, 0.04)) + 0.6 * _noise(
            rng, 0.01, 0.2
        )
    elif surface == "speckle":
        raw = _noise(rng, 0.25, 0.25) + 0.7 * _noise(rng, 0.04, 0.04)
    elif surface == "weave":
        count = int(rng.integers(8, 22))
        raw = np.sign(np.sin(rows * turn * count)) + np.sign(np.sin(columns * turn * count))
        raw = raw + 0.5 * _noise(rng, 0.05, 0.05)
    elif surface == "brushed":
        raw = _noise(rng, 0.005, 0.3) + 0.8 * np.sin(rows * turn + rng.uniform(0, 6.28))
    elif surface == "blotch":
        raw = np.tanh(2.5 * _noise(rng, 0.05, 0.05))
    elif surface == "blades":
        raw = _noise(rng, 0.3, 0.05) + 0.5 * _noise(rng, 0.06, 0.06)
    else:
        raw = np.sin(rows * turn * rng.integers(6, 14) + 1.5 * _noise(rng, 0.03, 0.02) + columns * turn)
    raw = raw - raw.mean()
    return np.asarray(np.clip(raw / (1.6 * raw.std() + 1e-6), -1, 1), np.float32)


def _noise(rng: np.random.Generator, columns_cut: float, rows_cut: float) -> NDArray[np.float64]:
    """Periodic smooth noise of unit deviation; cuts are cycles a texel along columns and rows."""
    fx = np.fft.fftfreq(TILE_SIZE)[None, :] / columns_cut
    fy = np.fft.fftfreq(TILE_SIZE)[:, None] / rows_cut
    shaped = np.fft.fft2(rng.standard_normal((TILE_SIZE, TILE_SIZE))) * np.exp(-0.5 * (fx**2 + fy**2))
    field = np.fft.ifft2(shaped).real
    return np.asarray(field / (field.std() + 1e-9))
