"""One function a kind of motion: from hits (or an intensity) and a cast to actors, back to front."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.protocol import Hit
from engine.training.scenes import actors as on
from engine.training.scenes import flows
from engine.training.scenes.actors import Actor, Place
from engine.training.scenes.casting import Cast, draw_place, relit
from engine.training.scenes.paths import BouncePath, Intensity, StrikePath, Tremor, Wander


@dataclass(frozen=True)
class Staged:
    """The actors of a shot, the height of its floor, and where contact is made."""

    actors: tuple[Actor, ...]
    floor_y: float
    place: Place


@dataclass(frozen=True)
class Cue:
    """What a shot must show: its time range, its hits inside that, and the intensity of continuous kinds."""

    start_s: float
    end_s: float
    hits: tuple[Hit, ...]
    intensity: Intensity
    label: str

    @property
    def times_s(self) -> tuple[float, ...]:
        return tuple(hit.time_s for hit in self.hits)

    @property
    def strengths(self) -> tuple[float, ...]:
        return tuple(hit.strength for hit in self.hits)

    @property
    def middle_s(self) -> float:
        return (self.start_s + self.end_s) / 2

    def gaps_s(self, lead_s: float) -> tuple[float, ...]:
        """Time before each hit since the one before; `lead_s` before the first."""
        times = self.times_s
        return (
            tuple(b - a for a, b in zip((times[0] - lead_s, *times[:-1]), times, strict=True))
            if times
            else ()
        )


def _uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


def _strikes(rng: np.random.Generator, cue: Cue, height: float, fall_s: tuple[float, float]) -> StrikePath:
    """Harder hits come from higher and fall faster."""
    falls = tuple(
        min(_uniform(rng, *fall_s) * (1.3 - 0.6 * strength), 0.55 * gap)
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
        hold_s=_uniform(rng, 0.0, 0.25),
        lift_s=_uniform(rng, 0.12, 0.6),
        springy=bool(rng.random() < 0.35),
        rest=float(rng.choice([0.0, height * 0.6])),
    )


def _tremor(rng: np.random.Generator, cue: Cue, size: float) -> Tremor:
    return Tremor(
        cue.times_s,
        tuple(size * strength for strength in cue.strengths),
        frequency_hz=_uniform(rng, 6, 18),
        decay_s=_uniform(rng, 0.04, 0.16),
    )


def stage_bounce(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    place = draw_place(rng, (0.05, 0.15))
    gaps = cue.gaps_s(_uniform(rng, 0.3, 0.8))
    longest = max(gaps[1:], default=0.8)
    gravity = min(16.0, 8 * _uniform(rng, 0.35, 0.9) / longest**2)
    path = BouncePath(cue.times_s, gravity, first_fall_s=min(_uniform(rng, 0.2, 0.6), 1.0))
    ball = on.Ball(
        place,
        cast.body,
        path,
        squash=_tremor(rng, cue, _uniform(rng, 0.0, 0.5)),
        roam=Wander.drawn(rng, _uniform(rng, 0, 0.25), (0.05, 0.25)),
        spin_rate=_uniform(rng, -4, 4),
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
        path=_strikes(rng, cue, _uniform(rng, 0.6, 1.6), (0.07, 0.22)),
        length=_uniform(rng, 0.35, 0.75),
        head_size=float(rng.choice([0.02, place.size, 1.4 * place.size])),
        tilt=_uniform(rng, -0.3, 0.3),
    )
    return Staged((struck, hammer), max(place.y, _uniform(rng, 0.2, 0.5)), place)


def _struck(rng: np.random.Generator, cue: Cue, cast: Cast, place: Place, *, sideways: bool) -> on.Struck:
    return on.Struck(
        place,
        cast.ground,
        half_width=_uniform(rng, 0.05, 0.3),
        half_height=_uniform(rng, 0.03, 0.2),
        tremor=_tremor(rng, cue, float(rng.choice([0.0, 0.01, 0.03]))),
        sideways=sideways,
    )


def stage_poke(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    place = draw_place(rng, (0.03, 0.09))
    direction = float(rng.choice([0.0, 0.5, np.pi / 2])) + _uniform(rng, -0.2, 0.2)
    struck = _struck(rng, cue, cast, place, sideways=direction > 1.0)
    poker = on.Poker(
        place,
        paint=cast.accent(rng),
        tip=cast.body,
        path=_strikes(rng, cue, _uniform(rng, 0.12, 0.45), (0.06, 0.2)),
        direction=direction,
        thickness=place.size,
    )
    return Staged((struck, poker), max(place.y, _uniform(rng, 0.2, 0.5)), place)


def stage_collide(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    place = draw_place(rng, (0.05, 0.1))
    place = Place(place.x, place.y - 0.2, place.size, place.facing)
    pair = on.Colliders(
        place,
        first=cast.body,
        second=cast.body if rng.random() < 0.5 else cast.ground,
        path=_strikes(rng, cue, _uniform(rng, 0.2, 0.6), (0.08, 0.3)),
        half_width=_uniform(rng, 0.02, 0.12),
        half_height=_uniform(rng, 0.03, 0.2),
        share=_uniform(rng, 0.0, 0.5),
        turn=_uniform(rng, -0.5, 0.5) if rng.random() < 0.7 else _uniform(rng, 1.1, 1.9),
    )
    return Staged((pair,), _uniform(rng, 0.2, 0.5), place)


def stage_pendulum(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    place = draw_place(rng, (0.05, 0.12))
    longest = max(cue.gaps_s(0.8)[1:], default=0.8)
    path = BouncePath(
        cue.times_s, 8 * _uniform(rng, 0.4, 1.1) / longest**2, first_fall_s=min(0.5, 0.5 * longest)
    )
    struck = _struck(rng, cue, cast, place, sideways=True)
    pendulum = on.Pendulum(place, cast.accent(rng), cast.body, path, length=_uniform(rng, 0.4, 0.8))
    return Staged((struck, pendulum), max(place.y + 0.1, _uniform(rng, 0.3, 0.5)), place)


def stage_door(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    place = draw_place(rng, (0.1, 0.2))
    place = Place(place.x, _uniform(rng, -0.05, 0.1), place.size, place.facing)
    path = _strikes(rng, cue, _uniform(rng, 0.9, 1.45), (0.2, 0.5))
    door = on.Door(
        place,
        leaf=cast.body,
        frame=cast.accent(rng),
        dark=relit(cast.wall, 0.25),
        path=StrikePath(path.hits_s, path.heights, path.falls_s, 0.25, _uniform(rng, 0.5, 1.2), rest=0.0),
        tremor=_tremor(rng, cue, float(rng.choice([0.0, 0.012]))),
        half_width=_uniform(rng, 0.12, 0.28),
        half_height=_uniform(rng, 0.22, 0.42),
    )
    return Staged((door,), place.y + door.half_height, place)


def _fall(
    rng: np.random.Generator, cast: Cast, place: Place, group: tuple[Hit, ...], gone_s: float
) -> on.Fall:
    """A thing that lands at the first hit of `group` and bounces at the others."""
    fall_s, height = _uniform(rng, 0.18, 0.5), _uniform(rng, 0.6, 1.1)
    if len(group) > 1:
        fall_s = max(0.1, (group[1].time_s - group[0].time_s) * _uniform(rng, 0.55, 0.9))
    gravity = 2 * height / fall_s**2
    times = tuple(hit.time_s for hit in group)
    wide, tall = (place.size * float(rng.uniform(0.3, 1.0)) for _ in range(2))
    x = place.x + _uniform(rng, -0.3, 0.3)
    return on.Fall(
        Place(x, place.y, place.size, place.facing),
        cast.body,
        hit_s=times[0],
        fall_s=fall_s,
        height=height,
        half_width=wide,
        half_height=tall,
        turn=_uniform(rng, -4, 4),
        later=BouncePath(times, gravity, fall_s) if len(times) > 1 else None,
        gone_s=gone_s,
        rolls=_uniform(rng, -0.2, 0.2) if len(times) > 1 else 0.0,
    )


def stage_drop(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    place = draw_place(rng, (0.03, 0.12))
    stays_s = _uniform(rng, 0.5, 2.0)
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
        whole = _fall(rng, cast, place, (hit,), hit.time_s + _uniform(rng, 0.7, 1.6))
        pieces = tuple(
            (
                _uniform(rng, -1, 1) * (0.4 + hit.strength),
                _uniform(rng, 0.1, 1.0),
                _uniform(rng, 0.15, 0.4) * place.size,
            )
            for _ in range(int(rng.integers(4, 9)))
        )
        breaking.append(on.Fall(**{**vars(whole), "pieces": pieces}))
    return Staged(tuple(breaking), place.y, place)


def stage_drip(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    place = draw_place(rng, (0.02, 0.05))
    place = Place(place.x, _uniform(rng, 0.15, 0.35), place.size, place.facing)
    gaps = cue.gaps_s(0.6)
    fall_s = min(_uniform(rng, 0.2, 0.45), 0.9 * min(gaps, default=0.5))
    drop = on.Drop(place, cast.body, cue.times_s, cue.strengths, fall_s, _uniform(rng, 0.5, 0.9))
    return Staged((drop,), place.y - _uniform(rng, 0.02, 0.15), place)


def stage_sweep(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    place = draw_place(rng, (0.02, 0.08))
    pass_s = min(_uniform(rng, 0.2, 0.5), 0.7 * min(cue.gaps_s(1.0), default=0.5))
    sweep = on.Sweep(place, cast.body, cue.times_s, cue.strengths, _uniform(rng, 0.7, 1.1), pass_s)
    return Staged((sweep,), _uniform(rng, 0.2, 0.45), place)


def stage_walk(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    close = rng.random() < 0.45
    height = _uniform(rng, 0.45, 0.8) if close else _uniform(rng, 0.2, 0.35)
    place = draw_place(rng, (0.1 * height, 0.17 * height))
    place = Place(place.x, _uniform(rng, 0.25, 0.42), place.size, place.facing)
    gaps = cue.gaps_s(0.6)
    pace = float(np.median(gaps)) if gaps else 0.6
    step = height * _uniform(rng, 0.5, 0.9)
    walker = on.Walker(
        place,
        clothes=cast.accent(rng),
        shoes=cast.accent(rng),
        hits_s=cue.times_s,
        strengths=cue.strengths,
        speed=float(rng.choice([0.0, 0.6, 1.0])) * step / max(pace, 0.25) * 0.6,
        step=step,
        lift=height * _uniform(rng, 0.12, 0.3),
        height=height,
        swing_s=min(_uniform(rng, 0.25, 0.5), 1.2 * pace),
        middle_s=cue.middle_s,
        legs=4 if cue.label == "gallop" else 2,
    )
    return Staged((walker,), place.y, place)


def stage_slide(rng: np.random.Generator, cue: Cue, cast: Cast, *, rolls: bool = False) -> Staged:
    place = draw_place(rng, (0.04, 0.12))
    turn = _uniform(rng, -0.4, 0.4)
    slider = flows.Slider(
        place,
        paint=cast.body,
        arm=cast.accent(rng),
        intensity=cue.intensity,
        span=_uniform(rng, 0.2, 0.8),
        speed=_uniform(rng, 0.8, 2.5),
        turn=turn,
        rolls=rolls,
    )
    return Staged((slider,), place.y, place)


def stage_roll(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    return stage_slide(rng, cue, cast, rolls=True)


def stage_wave(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    sea = cue.label in ("water_flow", "water_waves")
    place = Place(
        0.0 if sea else _uniform(rng, -0.2, 0.2), 0.1 if sea else _uniform(rng, -0.35, 0.0), 0.1, 1.0
    )
    sheet = flows.Sheet(
        place,
        cast.body,
        cue.intensity,
        half_width=1.0 if sea else _uniform(rng, 0.2, 0.5),
        depth=1.3 if sea else _uniform(rng, 0.2, 0.5),
        wave_number=_uniform(rng, 4, 10),
        speed=_uniform(rng, 0.8, 2.5),
        height=_uniform(rng, 0.04, 0.14),
    )
    return Staged((sheet,), _uniform(rng, 0.3, 0.5), place)


def stage_rain(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    streaks = tuple(
        (_uniform(rng, -0.7, 0.7), _uniform(rng, 0, 1.4), _uniform(rng, 1.8, 3.5))
        for _ in range(rng.integers(14, 26))
    )
    rain = flows.Rain(
        relit(cast.body, 1.4), cue.intensity, streaks, _uniform(rng, -0.4, 0.4), _uniform(rng, 0.02, 0.05)
    )
    return Staged((rain,), _uniform(rng, 0.25, 0.5), Place(0.0, 0.3, 0.1))


def stage_stream(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    place = Place(_uniform(rng, -0.3, 0.3), _uniform(rng, -0.1, 0.1), 0.1)
    stream = flows.Stream(
        place,
        cast.body,
        cue.intensity,
        half_width=_uniform(rng, 0.06, 0.3),
        length=_uniform(rng, 0.3, 0.7),
        speed=_uniform(rng, 1.0, 3.0),
        angle=float(rng.choice([0.0, 0.8, -0.8, 1.4])) + _uniform(rng, -0.2, 0.2),
    )
    return Staged((stream,), _uniform(rng, 0.2, 0.5), place)


def stage_burn(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    place = Place(_uniform(rng, -0.2, 0.2), _uniform(rng, 0.2, 0.4), _uniform(rng, 0.3, 0.7))
    flames = flows.Flames(
        place,
        cast.body,
        relit(cast.body, 1.5),
        cue.intensity,
        tongues=tuple(Wander.drawn(rng, 0.5, (1.0, 5.0)) for _ in range(int(rng.integers(4, 9)))),
        half_width=_uniform(rng, 0.1, 0.4),
    )
    return Staged((flames,), place.y, place)


def stage_sway(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    place = Place(_uniform(rng, -0.1, 0.1), _uniform(rng, 0.25, 0.5), 0.1)
    count = int(rng.integers(1, 3)) if cue.label == "creak" else int(rng.integers(5, 12))
    roots = tuple(
        (_uniform(rng, -0.6, 0.6), _uniform(rng, 0.2, 0.7), _uniform(rng, 0, 1.5)) for _ in range(count)
    )
    stalks = flows.Stalks(
        place,
        cast.body,
        cue.intensity,
        roots,
        thickness=_uniform(rng, 0.012, 0.05),
        bend=_uniform(rng, 0.2, 0.7),
        frequency_hz=_uniform(rng, 0.6, 2.2),
        bushy=cue.label == "foliage" or bool(rng.random() < 0.3),
    )
    return Staged((stalks,), place.y, place)


def stage_gusts(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    puffs = tuple(
        (_uniform(rng, 0, 2.4), _uniform(rng, -0.45, 0.35), _uniform(rng, 0.06, 0.25))
        for _ in range(rng.integers(4, 10))
    )
    glow = 1.6 if cue.label == "thunder" else 0.3
    gusts = flows.Gusts(cast.body, cue.intensity, puffs, _uniform(rng, 0.8, 3.0), glow)
    return Staged((gusts,), _uniform(rng, 0.25, 0.5), Place(0.0, 0.2, 0.1))


STAGES: dict[str, Callable[[np.random.Generator, Cue, Cast], Staged]] = {
    "bounce": stage_bounce,
    "strike": stage_strike,
    "poke": stage_poke,
    "collide": stage_collide,
    "walk": stage_walk,
    "door": stage_door,
    "pendulum": stage_pendulum,
    "drop": stage_drop,
    "shatter": stage_shatter,
    "drip": stage_drip,
    "sweep": stage_sweep,
    "slide": stage_slide,
    "roll": stage_roll,
    "wave": stage_wave,
    "rain": stage_rain,
    "stream": stage_stream,
    "burn": stage_burn,
    "sway": stage_sway,
    "gusts": stage_gusts,
}
