"""The shots of the demo cut: six small sets, designed by hand and drawn with the same actors as the scenes.

Times of hits count from the media's first frame. Every shot runs longer than its clip in the cut, so that
the clip has handles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.protocol import Hit
from engine.training.scenes.actors import Actor, Ball, Door, Drop, Fall, Hammer, Place, Struck, Walker
from engine.training.scenes.camera import Backdrop, Camera
from engine.training.scenes.labels import Surface
from engine.training.scenes.paths import BouncePath, Intensity, StrikePath, Times, Tremor, Wander
from engine.training.scenes.shapes import Paint, Shape, segment
from engine.training.scenes.spec import Grade, SceneSpec, Shot
from engine.training.scenes.textures import tile

RGB = tuple[float, float, float]

FRAME_RATE = 24000 / 1001
SHUTTER_S = 0.5 / FRAME_RATE
MEDIA_S = 5.6


@dataclass(frozen=True)
class DemoShot:
    """One clip of the demo: a scene, and the part of it that is in the cut.

    `first_frame` counts from the media's first frame; `num_frames` is the length on the timeline, and
    `speed` how fast the media runs under it.
    """

    name: str
    spec: SceneSpec
    first_frame: int
    num_frames: int
    speed: float = 1.0


@dataclass(frozen=True)
class Props:
    """Things that stand still."""

    items: tuple[Shape, ...]

    def shapes(self, t: Times) -> list[Shape]:
        return list(self.items)


def demo_shots() -> list[DemoShot]:
    """The shots in the order of the cut."""
    return [
        DemoShot("workshop_hammer", hammer_in_workshop(), first_frame=26, num_frames=76),
        DemoShot("courtyard_ball", ball_in_courtyard(), first_frame=25, num_frames=84),
        DemoShot("corridor_steps", steps_in_corridor(), first_frame=30, num_frames=80),
        DemoShot("basin_drip", drip_in_basin(), first_frame=30, num_frames=88, speed=0.5),
        DemoShot("study_door", door_in_study(), first_frame=28, num_frames=74),
        DemoShot("kitchen_glass", glass_in_kitchen(), first_frame=28, num_frames=66),
    ]


def hammer_in_workshop() -> SceneSpec:
    hits = _hits((0.45, 0.5), (1.62, 0.75), (2.29, 0.6), (2.98, 0.8), (3.78, 1.0), (4.7, 0.7))
    times = _times(hits)
    place = Place(x=0.12, y=0.12, size=0.1, facing=1.0)
    strikes = StrikePath(
        times, tuple(0.55 + 0.6 * hit.strength for hit in hits), (0.16,) * len(hits), 0.08, 0.32
    )
    wood, steel = _paint((0.62, 0.40, 0.20), "grain", 0.28), _paint((0.64, 0.67, 0.72), "brushed", 0.18)
    bench = _paint((0.40, 0.25, 0.14), "grain", 0.25, 1.6)
    tools = Props(
        (
            *_lamp((0.98, 0.86, 0.62), -0.52, -0.42),
            *_board(_paint((0.20, 0.17, 0.16), "plain", 0.1), -0.2, -0.26, 0.42, 0.13),
            segment(steel, -0.42, -0.34, -0.42, -0.2, 0.014),
            segment(_paint((0.70, 0.20, 0.14)), -0.42, -0.2, -0.42, -0.14, 0.02),
            segment(steel, -0.28, -0.35, -0.22, -0.19, 0.012),
            segment(_paint((0.80, 0.55, 0.16)), -0.06, -0.34, -0.06, -0.25, 0.024),
            segment(steel, -0.06, -0.24, -0.06, -0.16, 0.008),
            _shadow(0.12, 0.335, 0.24),
        )
    )
    block = Struck(place, wood, 0.17, 0.09, _tremor(hits, 0.012))
    hammer = Hammer(
        place, _paint((0.72, 0.50, 0.27), "grain", 0.2), steel, strikes, length=0.56, head_size=0.1
    )
    backdrop = Backdrop(_paint((0.20, 0.26, 0.29), "blotch", 0.1), bench, floor_y=0.3, shade=-0.25)
    return _scene("hammer", hits, backdrop, (tools, block, hammer), _hand_held(0.004))


def ball_in_courtyard() -> SceneSpec:
    hits = _hits((0.3, 0.5), (1.5, 1.0), (2.22, 0.84), (2.84, 0.7), (3.36, 0.56), (3.8, 0.42), (4.17, 0.3))
    times = _times(hits)
    place = Place(x=0.1, y=0.3, size=0.1)
    ball = Ball(
        place,
        _paint((0.95, 0.42, 0.10), "blotch", 0.12),
        BouncePath(times, gravity=8.2, first_fall_s=0.3),
        squash=Tremor(times, tuple(0.3 * hit.strength for hit in hits), 9.0, 0.06),
        roam=Wander((0.16,), (0.07,), (0.4,)),
        spin_rate=2.2,
    )
    stone = _paint((0.55, 0.56, 0.55), "speckle", 0.12, 2.0)
    yard = Props(
        (
            *_board(_paint((0.16, 0.30, 0.33)), -0.52, -0.02, 0.12, 0.28),
            *_board(_paint((0.93, 0.80, 0.55)), 0.56, -0.16, 0.13, 0.15),
            Shape(_paint((0.40, 0.22, 0.13)), 0.56, -0.16, 0.006, 0.15),
            Shape(_paint((0.58, 0.30, 0.20)), -0.28, 0.22, 0.05, 0.05, 0.015),
            Shape(_paint((0.20, 0.42, 0.22), "blotch", 0.35), -0.28, 0.09, radius=0.1),
            Shape(_paint((0.26, 0.50, 0.26), "blotch", 0.35), -0.23, 0.05, radius=0.06),
            _shadow(-0.28, 0.295, 0.09),
        )
    )
    shade = BallShadow(ball)
    backdrop = Backdrop(_paint((0.86, 0.72, 0.58), "speckle", 0.08, 2.0), stone, floor_y=0.27, shade=0.15)
    return _scene("impact_plastic", hits, backdrop, (yard, shade, ball), Camera())


@dataclass(frozen=True)
class BallShadow:
    """A shadow under a ball, fainter the higher it is."""

    ball: Ball

    def shapes(self, t: Times) -> list[Shape]:
        height = self.ball.path(t)
        return [
            Shape(
                _paint((0.05, 0.05, 0.08)),
                self.ball.place.x + self.ball.roam(t),
                self.ball.place.y + 0.004,
                half_width=0.04 + 0.05 * height,
                radius=0.018,
                opacity=0.45 * np.exp(-2.2 * height),
            )
        ]


def steps_in_corridor() -> SceneSpec:
    times = tuple(round(0.32 + 0.53 * number, 6) for number in range(10))
    hits = _hits(*((time_s, 0.75 if number % 2 else 0.65) for number, time_s in enumerate(times)))
    walker = Walker(
        Place(x=0.0, y=0.4, size=0.07, facing=1.0),
        clothes=_paint((0.20, 0.27, 0.46), "weave", 0.1),
        shoes=_paint((0.86, 0.83, 0.76)),
        hits_s=times,
        strengths=tuple(hit.strength for hit in hits),
        speed=0.42,
        step=0.38,
        lift=0.14,
        height=0.52,
        swing_s=0.38,
        middle_s=2.9,
    )
    dark, frame = _paint((0.24, 0.16, 0.13), "grain", 0.2), _paint((0.80, 0.74, 0.63))
    hall = Props(
        (
            *_lamp((1.0, 0.88, 0.66), -0.1, -0.5),
            *(
                shape
                for x in (-1.3, -0.45, 0.4, 1.25)
                for shape in (*_board(frame, x, -0.06, 0.2, 0.42), *_leaf(dark, x))
            ),
            Shape(_paint((0.30, 0.20, 0.15)), 0.0, 0.35, 2.5, 0.016),
        )
    )
    floor = _paint((0.36, 0.22, 0.13), "grain", 0.2, 1.4)
    backdrop = Backdrop(_paint((0.56, 0.60, 0.53), "weave", 0.05, 2.0), floor, floor_y=0.365, shade=-0.1)
    camera = Camera(
        pan_x=0.2,
        drift_x=Wander((0.004, 0.003), (0.8, 1.9), (0.0, 1.0)),
        drift_y=Wander((0.004, 0.002), (1.1, 2.3), (2.0, 0.5)),
        middle_s=2.9,
    )
    return _scene("footstep_wood", hits, backdrop, (hall, walker), camera)


def drip_in_basin() -> SceneSpec:
    hits = _hits((0.7, 0.7), (1.56, 0.9), (2.14, 0.7), (2.78, 1.0), (3.6, 0.8))
    water = _paint((0.45, 0.70, 0.80), "ripple", 0.10)
    drop = Drop(
        Place(x=0.02, y=0.26, size=0.06),
        _paint((0.20, 0.46, 0.66)),
        _times(hits),
        tuple(hit.strength for hit in hits),
        fall_s=0.3,
        height=0.52,
    )
    chrome, shine = _paint((0.70, 0.74, 0.78), "brushed", 0.2), _paint((0.95, 0.97, 1.0))
    tiles = [
        Shape(_paint((0.80, 0.86, 0.86)), x, y, 0.098, 0.098, 0.008)
        for x in _row(0.22)
        for y in (-0.5, -0.28, -0.06)
    ]
    basin = Props(
        (
            *tiles,
            Shape(_paint((0.93, 0.94, 0.93)), 0.0, 0.34, 0.95, 0.14, 0.03),
            Shape(water, 0.0, 0.36, 0.74, 0.12, 0.03),
        )
    )
    tap = Props(
        (
            segment(chrome, 0.8, -0.38, 0.06, -0.38, 0.055),
            Shape(chrome, 0.02, -0.335, 0.05, 0.075, 0.03),
            segment(shine, 0.76, -0.405, 0.08, -0.405, 0.008),
            Shape(shine, -0.02, -0.34, 0.004, 0.05, 0.006),
        )
    )
    backdrop = Backdrop(_paint((0.60, 0.68, 0.69)), _paint((0.90, 0.91, 0.90)), floor_y=0.3, shade=0.2)
    return _scene("water_drip", hits, backdrop, (basin, drop, tap), Camera(zoom=1.1))


def door_in_study() -> SceneSpec:
    hits = _hits((0.35, 0.4), (2.05, 0.7), (3.72, 1.0))
    path = StrikePath(_times(hits), (0.9, 1.25, 1.35), (0.25, 0.34, 0.24), 0.2, 0.75)
    place = Place(x=0.05, y=-0.04, size=0.2, facing=1.0)
    door = Door(
        place,
        leaf=_paint((0.46, 0.25, 0.13), "grain", 0.28),
        frame=_paint((0.83, 0.77, 0.66)),
        dark=_paint((0.06, 0.07, 0.10)),
        path=path,
        tremor=_tremor(hits, 0.006),
        half_width=0.2,
        half_height=0.38,
    )
    colours = (
        (0.66, 0.22, 0.18),
        (0.85, 0.66, 0.28),
        (0.24, 0.38, 0.50),
        (0.80, 0.78, 0.70),
        (0.34, 0.45, 0.30),
    )
    books = [
        Shape(
            _paint(colours[(number + 2 * row) % 5]),
            -0.66 + 0.042 * number,
            y,
            0.014,
            0.06 + 0.008 * (number % 3),
        )
        for row, y in enumerate((-0.28, -0.08, 0.12))
        for number in range(8)
    ]
    shelf = _paint((0.30, 0.18, 0.11), "grain", 0.2)
    study = Props(
        (
            *_board(shelf, -0.51, -0.06, 0.2, 0.36),
            *(Shape(_paint((0.17, 0.10, 0.07)), -0.51, y, 0.185, 0.085) for y in (-0.28, -0.08, 0.12)),
            *books,
            *_lamp((1.0, 0.82, 0.55), 0.56, -0.1),
            Shape(_paint((0.80, 0.60, 0.35)), 0.56, -0.1, 0.05, 0.035, 0.01),
            segment(_paint((0.25, 0.2, 0.18)), 0.56, -0.06, 0.56, 0.3, 0.008),
        )
    )
    floor = _paint((0.42, 0.27, 0.17), "grain", 0.25, 1.4)
    backdrop = Backdrop(_paint((0.25, 0.34, 0.36), "weave", 0.06, 2.0), floor, floor_y=0.34, shade=0.2)
    return _scene("door", hits, backdrop, (study, door), _hand_held(0.003))


def glass_in_kitchen() -> SceneSpec:
    hits = _hits((1.95, 0.8), (3.1, 1.0))
    glass = _paint((0.66, 0.90, 0.90))

    def falling(hit: Hit, x: float, seed: int) -> Fall:
        rng = np.random.default_rng(seed)
        pieces = tuple(
            (float(across), float(rng.uniform(0.3, 1.0)), float(rng.uniform(0.012, 0.028)))
            for across in np.linspace(-1.1, 1.1, 8) + rng.uniform(-0.1, 0.1, 8)
        )
        return Fall(
            Place(x, 0.34, 0.09),
            glass,
            hit_s=hit.time_s,
            fall_s=0.42,
            height=0.98,
            half_width=0.05,
            half_height=0.08,
            turn=1.3,
            later=None,
            gone_s=MEDIA_S + 1,
            pieces=pieces,
        )

    wood = _paint((0.58, 0.40, 0.24), "grain", 0.2, 1.4)
    kitchen = Props(
        (
            *_board(_paint((0.85, 0.90, 0.92)), 0.42, -0.28, 0.22, 0.17),
            Shape(_paint((0.50, 0.52, 0.53)), 0.42, -0.28, 0.006, 0.17),
            Shape(_paint((0.50, 0.52, 0.53)), 0.42, -0.28, 0.22, 0.006),
            *_board(wood, -0.5, 0.1, 0.3, 0.22),
            *_board(_paint((0.64, 0.45, 0.28), "grain", 0.2), -0.5, 0.12, 0.13, 0.16),
            Shape(_paint((0.90, 0.88, 0.83)), -0.5, -0.13, 0.34, 0.018),
            Shape(_paint((0.75, 0.25, 0.18)), -0.62, -0.2, 0.03, 0.03, 0.02),
        )
    )
    floor = _paint((0.36, 0.38, 0.40), "speckle", 0.15, 2.0)
    backdrop = Backdrop(_paint((0.72, 0.74, 0.64), "speckle", 0.05, 2.0), floor, floor_y=0.3, shade=0.15)
    camera = Camera(zoom=1.0, zoom_rate=0.03, middle_s=1.2)
    return _scene(
        "break_glass", hits, backdrop, (kitchen, falling(hits[0], -0.06, 3), falling(hits[1], 0.2, 8)), camera
    )


def _scene(
    label: str, hits: tuple[Hit, ...], backdrop: Backdrop, actors: Sequence[Actor], camera: Camera
) -> SceneSpec:
    grade = Grade(gain=0.98, lift=0.0, tint=(1.02, 1.0, 0.97), noise=0.006, flicker=None, noise_seed=11)
    return SceneSpec(
        duration_s=MEDIA_S,
        label=label,
        kind="demo",
        hits=hits,
        continuous=False,
        intensity=Intensity(np.zeros(round(MEDIA_S * 50) + 1, np.float32)),
        shots=(Shot(0.0, MEDIA_S, backdrop, camera, tuple(actors)),),
        grade=grade,
        frame_rate=FRAME_RATE,
        shutter_s=SHUTTER_S,
    )


def _hits(*pairs: tuple[float, float]) -> tuple[Hit, ...]:
    return tuple(Hit(time_s, strength) for time_s, strength in pairs)


def _times(hits: Sequence[Hit]) -> tuple[float, ...]:
    return tuple(hit.time_s for hit in hits)


def _paint(colour: RGB, surface: Surface | None = None, contrast: float = 0.0, scale: float = 1.0) -> Paint:
    return Paint(colour, None if surface is None else tile(surface, 3), contrast, scale)


def _tremor(hits: Sequence[Hit], size: float) -> Tremor:
    return Tremor(_times(hits), tuple(size * hit.strength for hit in hits))


def _hand_held(size: float) -> Camera:
    return Camera(
        drift_x=Wander((size, 0.6 * size), (0.5, 1.3), (0.0, 1.7)),
        drift_y=Wander((0.7 * size, 0.5 * size), (0.7, 1.7), (0.9, 0.2)),
        zoom=1.06,
    )


def _row(step: float) -> list[float]:
    return [step * number for number in range(-5, 6)]


def _lamp(colour: RGB, x: float, y: float) -> list[Shape]:
    """A glow: discs one in the other."""
    paint = _paint(colour)
    return [Shape(paint, x, y, radius=radius, opacity=0.05) for radius in np.linspace(0.5, 0.06, 9)]


def _board(paint: Paint, x: float, y: float, half_width: float, half_height: float) -> list[Shape]:
    """A flat thing on the wall, with a soft shadow under it."""
    dark = _paint((0.05, 0.04, 0.05))
    shadows = [
        Shape(dark, x + 0.012, y + 0.018, half_width, half_height, radius, opacity=0.14)
        for radius in (0.004, 0.012, 0.02)
    ]
    return [*shadows, Shape(paint, x, y, half_width, half_height, 0.004)]


def _leaf(paint: Paint, x: float) -> list[Shape]:
    """A closed door in its frame."""
    panel = _paint((0.32, 0.22, 0.17))
    return [
        Shape(paint, x, -0.03, 0.165, 0.385),
        Shape(panel, x, -0.19, 0.11, 0.14, 0.004),
        Shape(panel, x, 0.16, 0.11, 0.13, 0.004),
        Shape(_paint((0.85, 0.72, 0.40)), x + 0.135, -0.02, radius=0.018),
    ]


def _shadow(x: float, y: float, half_width: float) -> Shape:
    return Shape(_paint((0.03, 0.03, 0.05)), x, y, half_width, radius=0.02, opacity=0.35)
