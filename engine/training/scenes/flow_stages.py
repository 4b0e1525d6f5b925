"""How an intensity is shown: one function a kind of motion, from a cue and a cast to actors."""

from __future__ import annotations

import numpy as np

from engine.training.scenes import flows
from engine.training.scenes.actors import Place
from engine.training.scenes.casting import Cast, draw_place, relit
from engine.training.scenes.cue import Cue, Staged, uniform
from engine.training.scenes.paths import Wander


def stage_slide(rng: np.random.Generator, cue: Cue, cast: Cast, *, rolls: bool = False) -> Staged:
    place = draw_place(rng, (0.04, 0.12))
    turn = uniform(rng, -0.4, 0.4)
    slider = flows.Slider(
        place,
        paint=cast.body,
        arm=cast.accent(rng),
        intensity=cue.intensity,
        span=uniform(rng, 0.2, 0.8),
        speed=uniform(rng, 0.8, 2.5),
        turn=turn,
        rolls=rolls,
    )
    return Staged((slider,), place.y, place)


def stage_roll(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    return stage_slide(rng, cue, cast, rolls=True)


def stage_wave(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    sea = cue.label in ("water_flow", "water_waves")
    place = Place(0.0 if sea else uniform(rng, -0.2, 0.2), 0.1 if sea else uniform(rng, -0.35, 0.0), 0.1, 1.0)
    sheet = flows.Sheet(
        place,
        cast.body,
        cue.intensity,
        half_width=1.0 if sea else uniform(rng, 0.2, 0.5),
        depth=1.3 if sea else uniform(rng, 0.2, 0.5),
        wave_number=uniform(rng, 4, 10),
        speed=uniform(rng, 0.8, 2.5),
        height=uniform(rng, 0.04, 0.14),
    )
    return Staged((sheet,), uniform(rng, 0.3, 0.5), place)


def stage_rain(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    streaks = tuple(
        (uniform(rng, -0.7, 0.7), uniform(rng, 0, 1.4), uniform(rng, 1.8, 3.5))
        for _ in range(rng.integers(14, 26))
    )
    rain = flows.Rain(
        relit(cast.body, 1.4), cue.intensity, streaks, uniform(rng, -0.4, 0.4), uniform(rng, 0.02, 0.05)
    )
    return Staged((rain,), uniform(rng, 0.25, 0.5), Place(0.0, 0.3, 0.1))


def stage_stream(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    place = Place(uniform(rng, -0.3, 0.3), uniform(rng, -0.1, 0.1), 0.1)
    stream = flows.Stream(
        place,
        cast.body,
        cue.intensity,
        half_width=uniform(rng, 0.06, 0.3),
        length=uniform(rng, 0.3, 0.7),
        speed=uniform(rng, 1.0, 3.0),
        angle=float(rng.choice([0.0, 0.8, -0.8, 1.4])) + uniform(rng, -0.2, 0.2),
    )
    return Staged((stream,), uniform(rng, 0.2, 0.5), place)


def stage_burn(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    place = Place(uniform(rng, -0.2, 0.2), uniform(rng, 0.2, 0.4), uniform(rng, 0.3, 0.7))
    flames = flows.Flames(
        place,
        cast.body,
        relit(cast.body, 1.5),
        cue.intensity,
        tongues=tuple(Wander.drawn(rng, 0.5, (1.0, 5.0)) for _ in range(int(rng.integers(4, 9)))),
        half_width=uniform(rng, 0.1, 0.4),
    )
    return Staged((flames,), place.y, place)


def stage_sway(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    place = Place(uniform(rng, -0.1, 0.1), uniform(rng, 0.25, 0.5), 0.1)
    count = int(rng.integers(1, 3)) if cue.label == "creak" else int(rng.integers(5, 12))
    roots = tuple(
        (uniform(rng, -0.6, 0.6), uniform(rng, 0.2, 0.7), uniform(rng, 0, 1.5)) for _ in range(count)
    )
    stalks = flows.Stalks(
        place,
        cast.body,
        cue.intensity,
        roots,
        thickness=uniform(rng, 0.012, 0.05),
        bend=uniform(rng, 0.2, 0.7),
        frequency_hz=uniform(rng, 0.6, 2.2),
        bushy=cue.label == "foliage" or bool(rng.random() < 0.3),
    )
    return Staged((stalks,), place.y, place)


def stage_gusts(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    puffs = tuple(
        (uniform(rng, 0, 2.4), uniform(rng, -0.45, 0.35), uniform(rng, 0.06, 0.25))
        for _ in range(rng.integers(4, 10))
    )
    glow = 1.6 if cue.label == "thunder" else 0.3
    gusts = flows.Gusts(cast.body, cue.intensity, puffs, uniform(rng, 0.8, 3.0), glow)
    return Staged((gusts,), uniform(rng, 0.25, 0.5), Place(0.0, 0.2, 0.1))
