"""Hits of the picture and onsets of the production sound, joined: what is seen, what is heard, what is both.

A fully filled music-and-effects track needs every sound that the production sound holds; its onsets also say to the
millisecond when a contact was that the picture shows to a frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct

from engine.protocol import Hit

SAME_S = 0.1
"""A hit and an onset within this of each other are one contact: light and sound are seldom further apart on a set."""


class Origin(StrEnum):
    PICTURE = "picture"
    SOUND = "sound"
    BOTH = "both"


class Candidate(Struct, frozen=True):
    """A moment that may be a hit. `time_s` counts as the hits it was joined from."""

    time_s: float
    strength: float
    origin: Origin

    @property
    def hit(self) -> Hit:
        return Hit(self.time_s, self.strength)


def joined(seen: Sequence[Hit], heard: Sequence[Hit]) -> list[Candidate]:
    """All candidates in the order of time. Each onset stands for at most one hit, the nearest pairs first.

    What is both has the sound's time, which is finer, and the greater strength.
    """
    pairs = sorted(
        (abs(hit.time_s - onset.time_s), i, k)
        for i, hit in enumerate(seen)
        for k, onset in enumerate(heard)
        if abs(hit.time_s - onset.time_s) <= SAME_S
    )
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for _, i, k in pairs:
        if i not in partner and k not in taken:
            partner[i] = k
            taken.add(k)
    found = [
        Candidate(hit.time_s, hit.strength, Origin.PICTURE) for i, hit in enumerate(seen) if i not in partner
    ]
    found += [
        Candidate(onset.time_s, onset.strength, Origin.SOUND)
        for k, onset in enumerate(heard)
        if k not in taken
    ]
    found += [
        Candidate(heard[k].time_s, max(seen[i].strength, heard[k].strength), Origin.BOTH)
        for i, k in partner.items()
    ]
    return sorted(found, key=lambda each: each.time_s)
