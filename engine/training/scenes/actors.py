"""All that can be seen in a shot, in one place."""

from __future__ import annotations

from engine.training.scenes.passing import Cover, Drifter, Drop, Fall, Sweep
from engine.training.scenes.place import Actor, Place
from engine.training.scenes.striking import Ball, Colliders, Door, Hammer, Pendulum, Poker, Struck
from engine.training.scenes.walker import Walker

__all__ = [
    "Actor",
    "Ball",
    "Colliders",
    "Cover",
    "Door",
    "Drifter",
    "Drop",
    "Fall",
    "Hammer",
    "Pendulum",
    "Place",
    "Poker",
    "Struck",
    "Sweep",
    "Walker",
]
