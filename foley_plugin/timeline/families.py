"""Families of sounds: which track a label belongs on, in which order tracks lie, and how loud each family is.

The labels are those that the shipped model knows; the engine's own tables are not imported, and a test holds
this one against them. A label that is not here (another model's, or words) is placed by its first word, else
among the props.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TRACK_PREFIX = "FOLEY – "


@dataclass(frozen=True)
class Family:
    """One family of sounds.

    Attributes:
        name: as an editor reads it.
        labels: what belongs here, words apart by spaces.
        target_lufs: how loud a take of it is made.
        measure: what `target_lufs` is compared with. "momentary" is the loudest 400 ms, for sounds made of
            hits: it does not depend on the silence between them, nor on how long the clip is. "integrated"
            is the gated loudness of the whole, for sounds that go on and on.
        num_channels: of a delivered file; takes themselves are mono.
    """

    name: str
    labels: str
    target_lufs: float
    measure: Literal["momentary", "integrated"] = "momentary"
    num_channels: int = 1

    @property
    def track_name(self) -> str:
        return TRACK_PREFIX + self.name


FAMILIES = (
    Family(
        "Footsteps",
        "footstep footstep_barefoot footstep_carpet footstep_concrete footstep_dirt footstep_generic "
        "footstep_grass footstep_gravel footstep_ice footstep_metal footstep_mud footstep_sand "
        "footstep_snow footstep_stone footstep_water footstep_wood gallop",
        -24.0,
    ),
    Family("Cloth", "cloth leather whoosh zipper", -32.0),
    Family(
        "Handling",
        "bow chips coins dice eat finger_snap metal_blade metal_click metal_handling paper paper_cards "
        "scissors writing",
        -28.0,
    ),
    Family("Props", "bell chain pop rattle rolling scrape", -26.0),
    Family(
        "Impacts",
        "dig hammer impact impact_bell impact_body impact_ceramic impact_generic impact_glass impact_ice "
        "impact_metal impact_plastic impact_plate impact_soft impact_stone impact_wood knock",
        -20.0,
    ),
    Family(
        "Breaks",
        "break break_ceramic break_glass break_ice break_metal break_plastic break_stone break_wood",
        -18.0,
    ),
    Family("Doors", "creak door door_car door_chest door_metal door_window squeak", -22.0),
    Family("Mechanisms", "cash_till clock_tick ratchet saw switch_click", -28.0),
    Family("Water", "water water_drip water_pour water_splash", -26.0),
    Family(
        "Ambience",
        "fire foliage rain thunder water_flow water_waves wind",
        -34.0,
        measure="integrated",
        num_channels=2,
    ),
)
"""In the order of their tracks: what a mixer reaches for first lies on top, beds last."""

OTHER = next(family for family in FAMILIES if family.name == "Props")

_BY_LABEL = {label: family for family in FAMILIES for label in family.labels.split()}
_BY_TRACK = {family.track_name: family for family in FAMILIES}
_ORDER = {family.track_name: number for number, family in enumerate(FAMILIES)}


def family_of(label: str | None) -> Family:
    """The family of a label.

    >>> family_of("footstep_wood").name
    'Footsteps'
    >>> family_of("door_barn").name
    'Doors'
    """
    words = (label or "").strip().lower().replace("-", "_").replace(" ", "_")
    return _BY_LABEL.get(words) or _BY_LABEL.get(words.split("_", 1)[0]) or OTHER


def family_of_track(track_name: str) -> Family | None:
    """The family whose track has this name; None where the track is not one of ours by family."""
    return _BY_TRACK.get(track_name)


def track_order(track_name: str) -> int:
    """Where a track lies among the families; tracks of other names come after them all."""
    return _ORDER.get(track_name, len(_ORDER))
