"""How footsteps are shown where the legs are to look like legs: see `engine.training.scenes.gait`."""

from __future__ import annotations

import numpy as np

from engine.training.scenes.casting import Cast, draw_place
from engine.training.scenes.cue import Cue, Staged, uniform
from engine.training.scenes.gait import Gait, Strider
from engine.training.scenes.place import Place

CLOSE_SHARE = 0.35
"""Shots of little more than the legs."""
HIDDEN_SHARE = 0.08
"""Shots in which the feet are under the picture."""
TURNED_SHARE = 0.3
ON_THE_SPOT_SHARE = 0.1
FOLLOWED_SHARE, CLOSE_FOLLOWED_SHARE = 0.4, 0.75
"""Of walkers from the side, those whom the camera goes along with; who is seen from near is gone at once otherwise."""


def stage_stride(rng: np.random.Generator, cue: Cue, cast: Cast) -> Staged:
    close = rng.random() < CLOSE_SHARE
    leg = uniform(rng, 0.6, 1.5) if close else uniform(rng, 0.2, 0.5)
    drawn = draw_place(rng, (0.09, 0.16))
    hidden = not close and rng.random() < HIDDEN_SHARE
    ground = 0.5 + uniform(rng, 0.2, 0.5) * leg if hidden else uniform(rng, 0.25, 0.45)
    turned = bool(rng.random() < TURNED_SHARE)
    step = uniform(rng, 0.02, 0.1) if rng.random() < ON_THE_SPOT_SHARE else uniform(rng, 0.45, 0.85)
    place = Place(drawn.x, ground, drawn.size, drawn.facing)
    lift = uniform(rng, 0.1, 0.3)
    # Who takes no step stands there until long after.
    gait = (
        Gait(cue.times_s, cue.strengths, step, lift)
        if cue.hits
        else Gait((cue.end_s + 9,), (1.0,), step, lift)
    )
    middle = float(gait.hip(np.array([cue.middle_s]))[0])
    followed = not turned and rng.random() < (CLOSE_FOLLOWED_SHARE if close else FOLLOWED_SHARE)
    travelled = float(np.ptp(gait.hip(np.array([cue.start_s, cue.end_s])))) * leg
    speed = drawn.facing * travelled / max(cue.end_s - cue.start_s, 1e-3)
    strider = Strider(
        place,
        gait,
        clothes=cast.accent(rng),
        top=cast.accent(rng),
        shoes=cast.accent(rng),
        leg=leg,
        start_x=drawn.x - (0.0 if turned else drawn.facing * leg * middle),
        turned=turned,
        grows=float(rng.choice([-1.0, 1.0])) * uniform(rng, 0.02, 0.2) if turned else 0.0,
        middle_s=cue.middle_s,
    )
    return Staged((strider,), ground, place, pan_x=speed if followed else 0.0)
