"""How things of a label look in one shot: colours, tiles and places, drawn around the label's palette."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

import numpy as np

from engine.training.scenes.labels import MATERIALS, Material
from engine.training.scenes.place import Place
from engine.training.scenes.shapes import Paint
from engine.training.scenes.textures import SURFACES, VARIANTS, tile

OFF_PALETTE_SHARE = 0.06
LOW_CONTRAST_SHARE = 0.1
MIN_LUMA_STEP = 0.18


@dataclass(frozen=True)
class Cast:
    """The paints of one shot."""

    body: Paint
    ground: Paint
    wall: Paint
    opacity: float

    def accent(self, rng: np.random.Generator) -> Paint:
        """Something else that goes with the body: a shaft, clothes, an arm."""
        return paint_of(MATERIALS[str(rng.choice(["wood", "skin", "grey", "cloth", "leather"]))], rng)


def cast_for(material: str, ground: str, rng: np.random.Generator) -> Cast:
    body_material = _maybe_other(material, rng)
    body = paint_of(MATERIALS[body_material], rng)
    ground_paint = paint_of(MATERIALS[_maybe_other(ground, rng)], rng)
    if material == ground:
        ground_paint = relit(ground_paint, float(rng.choice([0.55, 0.7, 1.35])))
    return Cast(body, ground_paint, _wall_behind(body, rng), MATERIALS[body_material].opacity)


def paint_of(material: Material, rng: np.random.Generator) -> Paint:
    hue, saturation, value = (
        float(rng.uniform(*span)) for span in (material.hue, material.saturation, material.value)
    )
    contrast = float(rng.uniform(0.08, 0.4))
    return Paint(
        colour=colorsys.hsv_to_rgb(hue % 1.0, saturation, value),
        tile=tile(material.surface, int(rng.integers(VARIANTS))),
        contrast=contrast if material.surface != "plain" else 0.4 * contrast,
        scale=float(rng.uniform(0.5, 2.0)),
    )


def relit(paint: Paint, factor: float) -> Paint:
    red, green, blue = (min(1.0, channel * factor) for channel in paint.colour)
    return Paint((red, green, blue), paint.tile, paint.contrast, paint.scale)


def luma(paint: Paint) -> float:
    return float(paint.channels(1)[0])


def _maybe_other(material: str, rng: np.random.Generator) -> str:
    return str(rng.choice(list(MATERIALS))) if rng.random() < OFF_PALETTE_SHARE else material


def _wall_behind(body: Paint, rng: np.random.Generator) -> Paint:
    apart = 0.0 if rng.random() < LOW_CONTRAST_SHARE else MIN_LUMA_STEP
    while True:
        colour = colorsys.hsv_to_rgb(rng.uniform(), rng.uniform(0, 0.35), rng.uniform(0.1, 0.95))
        wall = Paint(
            colour=colour,
            tile=tile(SURFACES[int(rng.integers(len(SURFACES)))], int(rng.integers(VARIANTS))),
            contrast=float(rng.uniform(0.0, 0.3)) if rng.random() < 0.8 else 0.0,
            scale=float(rng.uniform(0.3, 1.5)),
        )
        if abs(luma(wall) - luma(body)) >= apart:
            return wall


def draw_place(rng: np.random.Generator, size: tuple[float, float]) -> Place:
    return Place(
        x=float(rng.uniform(-0.25, 0.25)),
        y=float(rng.uniform(0.05, 0.35)),
        size=float(rng.uniform(*size)),
        facing=float(rng.choice([-1.0, 1.0])),
    )
