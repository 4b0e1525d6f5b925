"""Families of labels, as an editor knows them: what must be right where the label itself is only nearly so."""

from __future__ import annotations

_MEMBERS: dict[str, str] = {
    "footsteps": "gallop",
    "impacts": "knock bell",
    "doors": "creak",
    "cloth": "cloth leather zipper foliage",
    "handling": "cash_till chain chips clock_tick coins dice eat finger_snap pop rattle switch_click",
    "breakage": "",
    "friction": "rolling scrape squeak",
    "water": "",
    "whoosh": "bow whoosh",
    "tools": "dig hammer ratchet saw scissors writing",
    "ambience": "fire rain thunder wind",
}
_BY_FIRST_WORD = {
    "break": "breakage",
    "door": "doors",
    "footstep": "footsteps",
    "impact": "impacts",
    "metal": "handling",
    "paper": "handling",
    "water": "water",
}
_BY_LABEL = {label: family for family, members in _MEMBERS.items() for label in members.split()}


def family_of(label: str) -> str:
    """The family of a label; a label that no family knows is a family of its own."""
    return _BY_LABEL.get(label) or _BY_FIRST_WORD.get(label.split("_")[0], label)
