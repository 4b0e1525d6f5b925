"""One primitive, the rounded box, drawn into many frames at once with motion blur.

A disc is a box without sides, a capsule one without height. Coordinates: frame height 1, centre (0, 0), x to
the right, y down.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.training.scenes.textures import TILE_SIZE, Tile

Floats = NDArray[np.float32]
Number = float | NDArray[np.floating]

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of R, G, B (ITU-R BT.601)."""
BLUR_STEPS = 4
"""Moments averaged over the shutter where something moves."""
STILL_PIXELS = 0.35
"""Less motion than this during the shutter is drawn once."""


@dataclass(frozen=True)
class Paint:
    """What a shape is coloured with: `colour` RGB 0 to 1 and a tile that lightens and darkens it."""

    colour: tuple[float, float, float]
    tile: Tile | None = None
    contrast: float = 0.0
    scale: float = 1.0

    def channels(self, count: int) -> Floats:
        """The colour as RGB [3], or as its luma [1]."""
        rgb = np.asarray(self.colour, np.float32)
        return rgb if count == 3 else np.atleast_1d(rgb @ LUMA)


@dataclass(frozen=True)
class Shape:
    """A rounded box at each of M moments; every number may be one float or an array [M].

    `angle` in radians turns clockwise on the screen. `shift_x`, `shift_y` move the tile within the shape.
    `fixed` shapes do not move with the camera.
    """

    paint: Paint
    x: Number
    y: Number
    half_width: Number = 0.0
    half_height: Number = 0.0
    radius: Number = 0.0
    angle: Number = 0.0
    opacity: Number = 1.0
    light: Number = 1.0
    shift_x: Number = 0.0
    shift_y: Number = 0.0
    fixed: bool = False


def segment(
    paint: Paint, x0: Number, y0: Number, x1: Number, y1: Number, radius: Number, light: Number = 1.0
) -> Shape:
    """A capsule from one point to another."""
    dx, dy = np.subtract(x1, x0), np.subtract(y1, y0)
    return Shape(
        paint,
        x=np.add(x0, x1) / 2,
        y=np.add(y0, y1) / 2,
        half_width=np.hypot(dx, dy) / 2,
        radius=radius,
        angle=np.arctan2(dy, dx),
        light=light,
    )


@dataclass(frozen=True)
class Lens:
    """The camera's place at each of M moments."""

    x: Floats
    y: Floats
    zoom: Floats


def draw(frames: Floats, shape: Shape, lens: Lens, steps: int) -> None:
    """Paint a shape over `frames` [N, H, W, C] in place; it and the lens hold N * `steps` moments."""
    count, height, width, _ = frames.shape
    rows = _pixels(shape, lens, count * steps, height, width)
    x, y, angle, half_width, half_height, radius, opacity, light, shift_x, shift_y, zoom = (
        row.reshape(count, steps) for row in rows
    )
    reach = np.hypot(half_width, half_height) * np.abs(np.diff(angle, axis=1, append=angle[:, -1:])).max(
        axis=1, keepdims=True
    )
    travel = (
        np.ptp(x, axis=1)
        + np.ptp(y, axis=1)
        + reach[:, 0]
        + np.ptp(half_width, axis=1)
        + np.ptp(radius, axis=1)
    )
    extent = np.hypot(half_width, half_height) + radius + 1
    seen = (
        (opacity.max(axis=1) > 0.01)
        & ((x + extent).max(axis=1) > 0)
        & ((x - extent).min(axis=1) < width)
        & ((y + extent).max(axis=1) > 0)
        & ((y - extent).min(axis=1) < height)
    )
    columns = [x, y, angle, half_width, half_height, radius, opacity, light, shift_x, shift_y, zoom]
    still = np.flatnonzero(seen & (travel < STILL_PIXELS))
    moving = np.flatnonzero(seen & (travel >= STILL_PIXELS))
    if still.size:
        _draw_some(frames, still, [c[still, :1] for c in columns], shape.paint)
    if moving.size:
        _draw_some(frames, moving, [c[moving] for c in columns], shape.paint)


def _pixels(shape: Shape, lens: Lens, moments: int, height: int, width: int) -> list[Floats]:
    """The shape's numbers in pixels, camera applied, each [M]."""
    full = [
        np.broadcast_to(np.asarray(value, np.float32), (moments,))
        for value in (
            *(shape.x, shape.y, shape.angle, shape.half_width, shape.half_height),
            *(shape.radius, shape.opacity, shape.light, shape.shift_x, shape.shift_y),
        )
    ]
    x, y, angle, half_width, half_height, radius, opacity, light, shift_x, shift_y = full
    zoom = np.full(moments, height, np.float32) if shape.fixed else lens.zoom * height
    if not shape.fixed:
        x, y = x - lens.x, y - lens.y
    return [
        *(x * zoom + width / 2, y * zoom + height / 2, angle, half_width * zoom, half_height * zoom),
        *(radius * zoom, opacity, light, shift_x, shift_y, zoom),
    ]


def _draw_some(frames: Floats, which: NDArray[np.intp], columns: list[Floats], paint: Paint) -> None:
    """Paint the frames `which`; `columns` hold [n, S] each."""
    _, height, width, channels = frames.shape
    x, y, angle, half_width, half_height, radius, opacity, light, shift_x, shift_y, zoom = columns
    cos, sin = np.cos(angle), np.sin(angle)
    extent_x = np.abs(half_width * cos) + np.abs(half_height * sin) + radius + 1
    extent_y = np.abs(half_width * sin) + np.abs(half_height * cos) + radius + 1
    left, columns_count = _patch((x - extent_x).min(axis=1), (x + extent_x).max(axis=1), width)
    top, rows_count = _patch((y - extent_y).min(axis=1), (y + extent_y).max(axis=1), height)
    xs = left[:, None] + np.arange(columns_count)  # [n, Q]
    ys = top[:, None] + np.arange(rows_count)  # [n, P]
    dx = (xs[:, None, :] + np.float32(0.5)) - x[:, :, None]  # [n, S, Q]
    dy = (ys[:, None, :] + np.float32(0.5)) - y[:, :, None]  # [n, S, P]
    u = dx[:, :, None, :] * cos[:, :, None, None] + dy[:, :, :, None] * sin[:, :, None, None]  # [n, S, P, Q]
    v = dy[:, :, :, None] * cos[:, :, None, None] - dx[:, :, None, :] * sin[:, :, None, None]
    cover = _coverage(u, v, half_width, half_height, radius)
    cover *= opacity[:, :, None, None]
    cover = cover.mean(axis=1)[..., None]  # [n, P, Q, 1]
    colour = paint.channels(channels)
    glow = light.mean(axis=1)[:, None, None, None]
    if paint.tile is None or paint.contrast == 0:
        painted = glow * colour
    else:
        per_pixel = np.float32(TILE_SIZE) * paint.scale / zoom[:, 0]
        iu = (u[:, 0] * per_pixel[:, None, None]).astype(np.int32)
        iv = (v[:, 0] * per_pixel[:, None, None]).astype(np.int32)
        iu += (shift_x[:, 0] * TILE_SIZE * paint.scale).astype(np.int32)[:, None, None]
        iv += (shift_y[:, 0] * TILE_SIZE * paint.scale).astype(np.int32)[:, None, None]
        texels = paint.tile[iv % TILE_SIZE, iu % TILE_SIZE]
        painted = (glow[..., 0] * (1 + np.float32(paint.contrast) * texels))[..., None] * colour
    index = (which[:, None, None], ys[:, :, None], xs[:, None, :])
    under = frames[index]
    under += cover * (painted - under)
    frames[index] = under


def _coverage(u: Floats, v: Floats, half_width: Floats, half_height: Floats, radius: Floats) -> Floats:
    """How much of each pixel the box covers, from its signed distance in pixels."""
    over_u = np.abs(u) - half_width[:, :, None, None]
    over_v = np.abs(v) - half_height[:, :, None, None]
    inside = np.minimum(np.maximum(over_u, over_v), 0)
    np.maximum(over_u, 0, out=over_u)
    np.maximum(over_v, 0, out=over_v)
    over_u *= over_u
    over_v *= over_v
    over_u += over_v
    distance = np.sqrt(over_u, out=over_u)
    distance += inside
    distance -= radius[:, :, None, None]
    cover: Floats = np.clip(0.5 - distance, 0, 1)
    return cover


def _patch(low: Floats, high: Floats, size: int) -> tuple[NDArray[np.int32], int]:
    """Where each frame's patch begins, and one length for all, inside 0 to `size`."""
    low = np.clip(np.floor(low), 0, size - 1)
    high = np.clip(np.ceil(high), 1, size)
    length = int(min(size, max(1, np.max(high - low))))
    return np.minimum(low, size - length).astype(np.int32), length
