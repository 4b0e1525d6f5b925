"""Where the camera is, and what stands behind everything."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.training.scenes.paths import Times, Tremor, Wander
from engine.training.scenes.shapes import Floats, Lens, Paint
from engine.training.scenes.textures import TILE_SIZE


@dataclass(frozen=True)
class Camera:
    """A place over time: a steady pan, slow drift, hand-held shake, a bump by each hit, a slow zoom."""

    pan_x: float = 0.0
    pan_y: float = 0.0
    drift_x: Wander | None = None
    drift_y: Wander | None = None
    bump: Tremor | None = None
    zoom: float = 1.0
    zoom_rate: float = 0.0
    middle_s: float = 0.0
    """When the pan passes the origin."""

    @property
    def still(self) -> bool:
        return not (self.pan_x or self.pan_y or self.drift_x or self.drift_y or self.bump or self.zoom_rate)

    def lens(self, t: Times) -> Lens:
        since = t - self.middle_s
        x, y = self.pan_x * since, self.pan_y * since
        if self.drift_x is not None:
            x = x + self.drift_x(t)
        if self.drift_y is not None:
            y = y + self.drift_y(t)
        if self.bump is not None:
            y = y + self.bump(t)
        zoom = self.zoom * np.exp(self.zoom_rate * since)
        return Lens(x.astype(np.float32), y.astype(np.float32), zoom.astype(np.float32))


@dataclass(frozen=True)
class Backdrop:
    """A wall and, under `floor_y`, a floor, both reaching to all sides."""

    wall: Paint
    floor: Paint
    floor_y: float = 0.3
    shade: float = 0.0
    """How much darker the picture is at its left than at its right."""

    def paint(self, lens: Lens, count: int, height: int, width: int, channels: int) -> Floats:
        """Frames [N, H, W, C] for a lens of N moments."""
        xs = np.asarray((np.arange(width) + 0.5 - width / 2) / height, np.float32)
        ys = np.asarray((np.arange(height) + 0.5 - height / 2) / height, np.float32)
        x: Floats = xs[None, :] / lens.zoom[:, None] + lens.x[:, None]  # [N, W]
        y: Floats = ys[None, :] / lens.zoom[:, None] + lens.y[:, None]  # [N, H]
        floored = y > self.floor_y
        frames = np.empty((count, height, width, channels), np.float32)
        frames[:] = _surface(self.wall, x, y, channels)
        if floored.any():
            first = int(np.argmax(floored.any(axis=0)))
            ground = _surface(self.floor, x, y[:, first:], channels)
            np.copyto(frames[:, first:], ground, where=floored[:, first:, None, None])
        if self.shade:
            frames *= (1 + self.shade * (xs / xs[-1]))[None, None, :, None]
        return frames


def _surface(paint: Paint, x: Floats, y: Floats, channels: int) -> Floats:
    colour = paint.channels(channels)
    if paint.tile is None or paint.contrast == 0:
        return np.broadcast_to(colour, (x.shape[0], y.shape[1], x.shape[1], channels))
    shades = 1 + np.float32(paint.contrast) * paint.tile  # [128, 128]
    coloured = shades[..., None] * colour
    columns: NDArray[np.int32] = (x * (TILE_SIZE * paint.scale)).astype(np.int32) % TILE_SIZE
    rows: NDArray[np.int32] = (y * (TILE_SIZE * paint.scale)).astype(np.int32) % TILE_SIZE
    texels: Floats = coloured[rows[:, :, None], columns[:, None, :]]
    return texels
