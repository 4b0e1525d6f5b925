"""Hits that a hand makes by setting things down, between reaching, grasping and carrying, which hit nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from engine.protocol import Hit
from engine.training.scenes.actors import Actor
from engine.training.scenes.casting import Cast, draw_place, relit
from engine.training.scenes.cue import Cue, Staged, uniform
from engine.training.scenes.handling import Hand, Handled, Waypoints
from engine.training.scenes.place import Place

AWAY = 1.4
"""How far out of the picture a hand waits, in frame heights."""
MIN_STEP_S = 0.02
SHORT_S = 0.3
"""Within less, a thing in the hand only comes down."""
REACH_S = 1.3
"""Within less, a hand does not let go of a thing to fetch another one."""


@dataclass
class _Track:
    """Waypoints while they are laid out; `value` is that of the last one."""

    value: float
    start_s: float
    times_s: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    arriving: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._put(self.start_s, self.value, 0.0)

    def begin_at(self, value: float) -> None:
        """Elsewhere than it was first laid out."""
        self.value = self.values[0] = value

    def rest(self, until_s: float) -> None:
        self.go(until_s, self.value)

    def go(self, until_s: float, value: float, arriving: float = 0.0) -> None:
        until_s = max(until_s, self.times_s[-1] + MIN_STEP_S)
        self._put(until_s, value, arriving)

    def _put(self, time_s: float, value: float, arriving: float) -> None:
        self.value = value
        self.times_s.append(time_s)
        self.values.append(value)
        self.arriving.append(arriving)

    def path(self) -> Waypoints:
        return Waypoints(tuple(self.times_s), tuple(self.values), tuple(self.arriving))


@dataclass
class _Thing:
    across: _Track
    height: _Track
    lean: _Track


class _Director:
    """Lays out what the hand does, one act after the other. Heights are over the table, of a thing's foot."""

    def __init__(
        self, rng: np.random.Generator, cue: Cue, place: Place, half_width: float, half_height: float
    ) -> None:
        self.rng, self.now_s, self.place = rng, cue.start_s, place
        count = int(rng.integers(1, 4))
        between = 2 * half_width + uniform(rng, 0.05, 0.25)
        self.things = [
            _Thing(*(_Track(at, cue.start_s) for at in ((i - (count - 1) / 2) * between, 0.0, 0.0)))
            for i in range(count)
        ]
        # By its top, or by its side.
        self.grip = (0.0, 2 * half_height) if rng.random() < 0.6 else (half_width, 1.2 * half_height)
        self.coming_from = uniform(rng, -1.1, 1.1) if rng.random() < 0.75 else uniform(rng, 1.1, 5.2)
        self.out = (AWAY * np.sin(self.coming_from), AWAY * np.cos(self.coming_from))
        self.held = self.things[int(rng.integers(count))]
        self.is_holding = False
        x, y = self._grip_of(self.held)
        self.across, self.height = (
            _Track(at + out, cue.start_s) for at, out in zip((x, y), self.out, strict=True)
        )
        self.open = _Track(1.0, cue.start_s)

    def carry_in(self, within_s: float) -> None:
        """The shot opens on a thing already in the hand: out of the picture, if there is time, or over the table."""
        self.is_holding = True
        x, y = self.out
        if within_s < REACH_S or self.rng.random() < 0.4:
            x, y = uniform(self.rng, -0.2, 0.2), self._lift()
            x, y = min(1.0, within_s) * x, min(1.0, within_s) * y
        thing = self.held
        foot = max(0.02, y)
        thing.across.begin_at(thing.across.value + x)
        thing.height.begin_at(foot)
        thing.lean.begin_at(uniform(self.rng, -0.25, 0.25))
        for track, value in zip((self.across, self.height), self._grip_of(thing), strict=True):
            track.begin_at(value)
        self.open.begin_at(0.0)

    def set_down(self, hit: Hit) -> None:
        """The next hit: perhaps another thing is fetched first, then it is lifted, carried and set down."""
        rng, free_s = self.rng, hit.time_s - self.now_s
        if free_s < SHORT_S:
            self._land(hit, self.held.across.value, self.held.height.value)
            return
        stands = self.held.height.value == 0.0
        fetches = not self.is_holding or (stands and free_s > REACH_S and rng.random() < 0.6)
        waits_s = uniform(rng, 0.05, 0.6)
        fetch_s = [uniform(rng, 0.3, 0.8), uniform(rng, 0.05, 0.35)] if fetches else [0.0, 0.0]
        rise_s, air_s = uniform(rng, 0.2, 0.7), float(rng.choice([0.0, 0.0, uniform(rng, 0.05, 0.5)]))
        fall_s = uniform(rng, 0.2, 0.9)
        steps = np.array([waits_s, *fetch_s, rise_s, air_s, fall_s])
        spare_s = free_s - float(steps.sum())
        if spare_s < 0:
            steps *= free_s / steps.sum()
        else:
            steps[0 if air_s == 0 or rng.random() < 0.6 else 4] += spare_s
        ends = self.now_s + np.cumsum(steps)
        self._rest_all(float(ends[0]))
        if fetches:
            self._fetch(float(ends[1]), float(ends[2]))
        lift = self._lift() * min(1.0, 0.15 + float(steps[3]))
        home = self.held.across.value if rng.random() < 0.5 else self._free_spot()
        over = home + uniform(rng, -0.25, 0.25) * min(1.0, 2 * lift)
        self._move(float(ends[3]), over, lift, lean=uniform(rng, -0.25, 0.25))
        self._move(float(ends[4]), over, lift)
        self._land(hit, home, lift)

    def end(self, end_s: float) -> None:
        """What comes after the last hit: the hand stays, leaves, or takes something away."""
        rng = self.rng
        self._rest_all(self.now_s + uniform(rng, 0.1, 1.2))
        ending = rng.random()
        if ending < 0.1 or self.now_s >= end_s:
            return
        if ending < 0.35:
            if not self.is_holding:
                self._fetch(self.now_s + uniform(rng, 0.3, 0.8), self.now_s + uniform(rng, 0.85, 1.2))
            x, y = self.out
            self._move(self.now_s + uniform(rng, 0.4, 0.9), self.held.across.value + x, max(0.3, y))
            return
        self._let_go(self.now_s + uniform(rng, 0.35, 0.9), away=True)

    def _land(self, hit: Hit, across: float, lift: float) -> None:
        """Down from where it is. Harder hits arrive faster."""
        rng, fall_s = self.rng, max(hit.time_s - self.now_s, MIN_STEP_S)
        speed = min((0.1 + 0.9 * hit.strength) * uniform(rng, 0.7, 1.3), 2.4 * lift / fall_s)
        self._move(hit.time_s, across, 0.0, arriving=-speed)
        self.held.lean.go(hit.time_s + uniform(rng, 0.0, 0.2), 0.0)

    def _lift(self) -> float:
        return float(np.exp(self.rng.uniform(np.log(0.05), np.log(0.7))))

    def _grip_of(self, thing: _Thing) -> tuple[float, float]:
        return thing.across.value + self.grip[0], thing.height.value + self.grip[1]

    def _free_spot(self) -> float:
        """Somewhere in the picture where nothing else stands."""
        others = [thing.across.value for thing in self.things if thing is not self.held]
        spots = self.rng.uniform(-0.4, 0.4, 8) - self.place.x
        return float(max(spots, key=lambda x: min((abs(x - other) for other in others), default=1.0)))

    def _rest_all(self, until_s: float) -> None:
        if until_s > self.now_s + MIN_STEP_S:
            held = (self.held.across, self.held.height) if self.is_holding else ()
            for track in (self.across, self.height, *held):
                track.rest(until_s)
            self.now_s = until_s

    def _fetch(self, there_s: float, grasped_s: float) -> None:
        if self.is_holding:
            self._let_go((self.now_s + there_s) / 2, away=self.rng.random() < 0.3)
        self.held = self.things[int(self.rng.integers(len(self.things)))]
        x, y = self._grip_of(self.held)
        self.across.go(there_s, x)
        self.height.go(there_s, y)
        self.open.rest(there_s)
        self.open.go(grasped_s, 0.0)
        self.is_holding, self.now_s = True, max(grasped_s, self.open.times_s[-1])
        for track in (self.across, self.height, self.held.across, self.held.height, self.held.lean):
            track.rest(self.now_s)

    def _let_go(self, until_s: float, *, away: bool) -> None:
        x, y = self.out if away else tuple(uniform(self.rng, 0.08, 0.3) * at / AWAY for at in self.out)
        self.open.rest(self.now_s)
        self.open.go(self.now_s + 0.12, 1.0)
        self.across.go(until_s, self.across.value + x)
        self.height.go(until_s, self.height.value + y)
        self.is_holding, self.now_s = False, until_s

    def _move(
        self,
        until_s: float,
        across: float,
        height: float,
        *,
        lean: float | None = None,
        arriving: float = 0.0,
    ) -> None:
        """Hand and thing together."""
        if until_s <= self.now_s + MIN_STEP_S:
            return
        thing = self.held
        if lean is not None:
            thing.lean.rest(self.now_s)
            thing.lean.go(until_s, lean)
        thing.across.go(until_s, across)
        thing.height.go(until_s, height, arriving)
        self.across.go(until_s, across + self.grip[0])
        self.height.go(until_s, height + self.grip[1], arriving)
        self.now_s = until_s


def stage_handle(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    """Things on a table that a hand sets down at the hits."""
    place = draw_place(rng, (0.04, 0.12))
    place = Place(0.5 * place.x, place.y, place.size, place.facing)
    half_height = uniform(rng, 0.05, 0.24)
    half_width = min(0.13, half_height * uniform(rng, 0.25, 1.1))
    director = _Director(rng, cue, place, half_width, half_height)
    lead_s = cue.hits[0].time_s - cue.start_s if cue.hits else 0.0
    if cue.hits and (rng.random() < 0.5 or lead_s < REACH_S):
        director.carry_in(lead_s)
    for hit in cue.hits:
        director.set_down(hit)
    director.end(cue.end_s)
    paints = [cast.body if rng.random() < 0.7 else cast.accent(rng) for _ in director.things]
    cap = cast.accent(rng) if rng.random() < 0.4 else None
    things: list[Actor] = [
        Handled(
            place, paint, cap, thing.across.path(), thing.height.path(), thing.lean.path(), half_width, half_height,
            cast.opacity,
        )
        for thing, paint in zip(director.things, paints, strict=True)
    ]  # fmt: skip
    hand = Hand(
        place,
        skin=cast.accent(rng),
        sleeve=cast.accent(rng),
        across=director.across.path(),
        height=director.height.path(),
        open=director.open.path(),
        coming_from=director.coming_from,
        shadow=relit(cast.wall, 0.2) if rng.random() < 0.4 else None,
    )
    actors = (*things, hand) if rng.random() < 0.8 else (hand, *things)
    return Staged(actors, place.y - uniform(rng, 0.0, 0.2), place)
