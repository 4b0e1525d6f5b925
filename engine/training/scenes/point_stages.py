"""How hits are shown: one function a kind of motion, from a cue and a cast to actors, back to front."""

from __future__ import annotations

import numpy as np

from engine.protocol import Hit
from engine.training.scenes import actors as on
from engine.training.scenes.actors import Actor, Place
from engine.training.scenes.casting import Cast, draw_place, relit
from engine.training.scenes.cue import Cue, Staged, uniform
from engine.training.scenes.paths import BouncePath, StrikePath, Tremor, Wander


def _strikes(rng: np.random.Generator, cue: Cue, height: float, fall_s: tuple[float, float]) -> StrikePath:
    """Harder hits come from higher and fall faster."""
    falls = tuple(
        min(uniform(rng, *fall_s) * (1.3 - 0.6 * strength), 0.55 * gap)
        for gap, strength in zip(cue.gaps_s(1.0), cue.strengths, strict=True)
    )
    heights = tuple(
        height * (0.3 + 0.7 * strength) * min(1.0, 0.35 + 1.6 * gap)
        for gap, strength in zip(cue.gaps_s(1.0), cue.strengths, strict=True)
    )
    return StrikePath(
        cue.times_s,
        heights,
        falls,
        hold_s=uniform(rng, 0.0, 0.25),
        lift_s=uniform(rng, 0.12, 0.6),
        springy=bool(rng.random() < 0.35),
        rest=float(rng.choice([0.0, height * 0.6])),
    )


def _tremor(rng: np.random.Generator, cue: Cue, size: float) -> Tremor:
    return Tremor(
        cue.times_s,
        tuple(size * strength for strength in cue.strengths),
        frequency_hz=uniform(rng, 6, 18),
        decay_s=uniform(rng, 0.04, 0.16),
    )


def stage_bounce(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    place = draw_place(rng, (0.05, 0.15))
    gaps = cue.gaps_s(uniform(rng, 0.3, 0.8))
    longest = max(gaps[1:], default=0.8)
    gravity = min(16.0, 8 * uniform(rng, 0.35, 0.9) / longest**2)
    path = BouncePath(cue.times_s, gravity, first_fall_s=min(uniform(rng, 0.2, 0.6), 1.0))
    ball = on.Ball(
        place,
        cast.body,
        path,
        squash=_tremor(rng, cue, uniform(rng, 0.0, 0.5)),
        roam=Wander.drawn(rng, uniform(rng, 0, 0.25), (0.05, 0.25)),
        spin_rate=uniform(rng, -4, 4),
        square=float(rng.choice([0.0, 0.0, 0.0, 0.75])),
    )
    return Staged((ball,), place.y, place)


def stage_strike(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    place = draw_place(rng, (0.04, 0.1))
    struck = _struck(rng, cue, cast, place, sideways=False)
    hammer = on.Hammer(
        place,
        shaft=cast.accent(rng),
        head=cast.body,
        path=_strikes(rng, cue, uniform(rng, 0.6, 1.6), (0.07, 0.22)),
        length=uniform(rng, 0.35, 0.75),
        head_size=float(rng.choice([0.02, place.size, 1.4 * place.size])),
        tilt=uniform(rng, -0.3, 0.3),
    )
    return Staged((struck, hammer), max(place.y, uniform(rng, 0.2, 0.5)), place)


def _struck(rng: np.random.Generator, cue: Cue, cast: Cast, place: Place, *, sideways: bool) -> on.Struck:
    return on.Struck(
        place,
        cast.ground,
        half_width=uniform(rng, 0.05, 0.3),
        half_height=uniform(rng, 0.03, 0.2),
        tremor=_tremor(rng, cue, float(rng.choice([0.0, 0.01, 0.03]))),
        sideways=sideways,
    )


def stage_poke(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    place = draw_place(rng, (0.03, 0.09))
    direction = float(rng.choice([0.0, 0.5, np.pi / 2])) + uniform(rng, -0.2, 0.2)
    struck = _struck(rng, cue, cast, place, sideways=direction > 1.0)
    poker = on.Poker(
        place,
        paint=cast.accent(rng),
        tip=cast.body,
        path=_strikes(rng, cue, uniform(rng, 0.12, 0.45), (0.06, 0.2)),
        direction=direction,
        thickness=place.size,
    )
    return Staged((struck, poker), max(place.y, uniform(rng, 0.2, 0.5)), place)


def stage_collide(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    place = draw_place(rng, (0.05, 0.1))
    place = Place(place.x, place.y - 0.2, place.size, place.facing)
    pair = on.Colliders(
        place,
        first=cast.body,
        second=cast.body if rng.random() < 0.5 else cast.ground,
        path=_strikes(rng, cue, uniform(rng, 0.2, 0.6), (0.08, 0.3)),
        half_width=uniform(rng, 0.02, 0.12),
        half_height=uniform(rng, 0.03, 0.2),
        share=uniform(rng, 0.0, 0.5),
        turn=uniform(rng, -0.5, 0.5) if rng.random() < 0.7 else uniform(rng, 1.1, 1.9),
    )
    return Staged((pair,), uniform(rng, 0.2, 0.5), place)


def stage_pendulum(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    place = draw_place(rng, (0.05, 0.12))
    longest = max(cue.gaps_s(0.8)[1:], default=0.8)
    path = BouncePath(
        cue.times_s, 8 * uniform(rng, 0.4, 1.1) / longest**2, first_fall_s=min(0.5, 0.5 * longest)
    )
    struck = _struck(rng, cue, cast, place, sideways=True)
    pendulum = on.Pendulum(place, cast.accent(rng), cast.body, path, length=uniform(rng, 0.4, 0.8))
    return Staged((struck, pendulum), max(place.y + 0.1, uniform(rng, 0.3, 0.5)), place)


def stage_door(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    place = draw_place(rng, (0.1, 0.2))
    place = Place(place.x, uniform(rng, -0.05, 0.1), place.size, place.facing)
    path = _strikes(rng, cue, uniform(rng, 0.9, 1.45), (0.2, 0.5))
    door = on.Door(
        place,
        leaf=cast.body,
        frame=cast.accent(rng),
        dark=relit(cast.wall, 0.25),
        path=StrikePath(path.hits_s, path.heights, path.falls_s, 0.25, uniform(rng, 0.5, 1.2), rest=0.0),
        tremor=_tremor(rng, cue, float(rng.choice([0.0, 0.012]))),
        half_width=uniform(rng, 0.12, 0.28),
        half_height=uniform(rng, 0.22, 0.42),
    )
    return Staged((door,), place.y + door.half_height, place)


def _fall(
    rng: np.random.Generator, cast: Cast, place: Place, group: tuple[Hit, ...], gone_s: float
) -> on.Fall:
    """A thing that lands at the first hit of `group` and bounces at the others."""
    fall_s, height = uniform(rng, 0.18, 0.5), uniform(rng, 0.6, 1.1)
    if len(group) > 1:
        fall_s = max(0.1, (group[1].time_s - group[0].time_s) * uniform(rng, 0.55, 0.9))
    gravity = 2 * height / fall_s**2
    times = tuple(hit.time_s for hit in group)
    wide, tall = (place.size * float(rng.uniform(0.3, 1.0)) for _ in range(2))
    x = place.x + uniform(rng, -0.3, 0.3)
    return on.Fall(
        Place(x, place.y, place.size, place.facing),
        cast.body,
        hit_s=times[0],
        fall_s=fall_s,
        height=height,
        half_width=wide,
        half_height=tall,
        turn=uniform(rng, -4, 4),
        later=BouncePath(times, gravity, fall_s) if len(times) > 1 else None,
        gone_s=gone_s,
        rolls=uniform(rng, -0.2, 0.2) if len(times) > 1 else 0.0,
    )


def stage_drop(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    place = draw_place(rng, (0.03, 0.12))
    stays_s = uniform(rng, 0.5, 2.0)
    dropped: list[Actor] = []
    hits = list(cue.hits)
    while hits:
        group = [hits.pop(0)]
        while hits and _is_bounce(group, hits[0]):
            group.append(hits.pop(0))
        dropped.append(_fall(rng, cast, place, tuple(group), group[-1].time_s + stays_s))
    return Staged(tuple(dropped), place.y, place)


def _is_bounce(group: list[Hit], hit: Hit) -> bool:
    """Each bounce is weaker than the one before and, from the second on, comes sooner."""
    if len(group) > 3 or hit.strength >= group[-1].strength or hit.time_s - group[-1].time_s > 0.7:
        return False
    return len(group) < 2 or hit.time_s - group[-1].time_s < group[-1].time_s - group[-2].time_s


def stage_shatter(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    place = draw_place(rng, (0.07, 0.15))
    breaking: list[Actor] = []
    for hit in cue.hits:
        whole = _fall(rng, cast, place, (hit,), hit.time_s + uniform(rng, 0.7, 1.6))
        pieces = tuple(
            (
                uniform(rng, -1, 1) * (0.4 + hit.strength),
                uniform(rng, 0.1, 1.0),
                uniform(rng, 0.15, 0.4) * place.size,
            )
            for _ in range(int(rng.integers(4, 9)))
        )
        breaking.append(on.Fall(**{**vars(whole), "pieces": pieces}))
    return Staged(tuple(breaking), place.y, place)


def stage_drip(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    place = draw_place(rng, (0.02, 0.05))
    place = Place(place.x, uniform(rng, 0.15, 0.35), place.size, place.facing)
    gaps = cue.gaps_s(0.6)
    fall_s = min(uniform(rng, 0.2, 0.45), 0.9 * min(gaps, default=0.5))
    drop = on.Drop(place, cast.body, cue.times_s, cue.strengths, fall_s, uniform(rng, 0.5, 0.9))
    return Staged((drop,), place.y - uniform(rng, 0.02, 0.15), place)


def stage_sweep(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    place = draw_place(rng, (0.02, 0.08))
    pass_s = min(uniform(rng, 0.2, 0.5), 0.7 * min(cue.gaps_s(1.0), default=0.5))
    sweep = on.Sweep(place, cast.body, cue.times_s, cue.strengths, uniform(rng, 0.7, 1.1), pass_s)
    return Staged((sweep,), uniform(rng, 0.2, 0.45), place)


def stage_walk(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    close = rng.random() < 0.45
    height = uniform(rng, 0.45, 0.8) if close else uniform(rng, 0.2, 0.35)
    place = draw_place(rng, (0.1 * height, 0.17 * height))
    place = Place(place.x, uniform(rng, 0.25, 0.42), place.size, place.facing)
    gaps = cue.gaps_s(0.6)
    pace = float(np.median(gaps)) if gaps else 0.6
    step = height * uniform(rng, 0.5, 0.9)
    walker = on.Walker(
        place,
        clothes=cast.accent(rng),
        shoes=cast.accent(rng),
        hits_s=cue.times_s,
        strengths=cue.strengths,
        speed=float(rng.choice([0.0, 0.6, 1.0])) * step / max(pace, 0.25) * 0.6,
        step=step,
        lift=height * uniform(rng, 0.12, 0.3),
        height=height,
        swing_s=min(uniform(rng, 0.25, 0.5), 1.2 * pace),
        middle_s=cue.middle_s,
        legs=4 if cue.label == "gallop" else 2,
    )
    return Staged((walker,), place.y, place)
