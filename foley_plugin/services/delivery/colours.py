"""One colour a family, the same on the page as on the markers in the editor."""

from __future__ import annotations

from typing import NamedTuple

from foley_plugin.timeline.families import Family


class FamilyColour(NamedTuple):
    marker: str
    """As Resolve calls it."""
    hue: int
    """Degrees."""


COLOURS = {
    "Footsteps": FamilyColour("Blue", 215),
    "Cloth": FamilyColour("Lavender", 262),
    "Handling": FamilyColour("Cyan", 187),
    "Props": FamilyColour("Cocoa", 22),
    "Impacts": FamilyColour("Red", 0),
    "Breaks": FamilyColour("Fuchsia", 318),
    "Doors": FamilyColour("Yellow", 46),
    "Mechanisms": FamilyColour("Sand", 34),
    "Water": FamilyColour("Mint", 165),
    "Ambience": FamilyColour("Green", 130),
}


def colour_of(family: Family) -> FamilyColour:
    return COLOURS[family.name]
