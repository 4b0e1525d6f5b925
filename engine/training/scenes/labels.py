"""What each sound label looks like: how it moves, and of which material.

The picture must give the label away about as well as real footage does, so a label has its own ways of
moving and its own material, while size, shape, light, place and camera are drawn at random.
"""

from __future__ import annotations

from typing import Literal, get_args

from msgspec import Struct

PointKind = Literal[
    "bounce",
    "strike",
    "poke",
    "collide",
    "walk",
    "door",
    "pendulum",
    "drop",
    "shatter",
    "drip",
    "sweep",
    "handle",
    "stride",
]
FlowKind = Literal["slide", "roll", "wave", "rain", "stream", "burn", "sway", "gusts"]
Kind = PointKind | FlowKind | Literal["still"]

Surface = Literal["plain", "grain", "speckle", "weave", "brushed", "blotch", "blades", "ripple"]


class Material(Struct, frozen=True):
    """A palette: hue, saturation and value each as a range from 0 to 1 (hue may pass 1 and wraps)."""

    hue: tuple[float, float]
    saturation: tuple[float, float]
    value: tuple[float, float]
    surface: Surface
    opacity: float = 1.0


MATERIALS: dict[str, Material] = {
    "wood": Material((0.05, 0.10), (0.45, 0.75), (0.35, 0.75), "grain"),
    "metal": Material((0.55, 0.64), (0.03, 0.18), (0.50, 0.85), "brushed"),
    "rust": Material((0.02, 0.06), (0.45, 0.70), (0.25, 0.50), "blotch"),
    "gold": Material((0.11, 0.14), (0.65, 0.95), (0.65, 0.95), "brushed"),
    "glass": Material((0.46, 0.54), (0.10, 0.35), (0.70, 0.98), "plain", 0.55),
    "ceramic": Material((0.08, 0.14), (0.00, 0.12), (0.82, 1.00), "plain"),
    "plate": Material((0.58, 0.66), (0.15, 0.45), (0.75, 0.98), "plain"),
    "stone": Material((0.07, 0.15), (0.02, 0.14), (0.30, 0.62), "speckle"),
    "concrete": Material((0.55, 0.62), (0.00, 0.08), (0.55, 0.75), "speckle"),
    "plastic": Material((0.80, 1.20), (0.75, 1.00), (0.70, 1.00), "plain"),
    "soft": Material((0.75, 0.90), (0.25, 0.55), (0.45, 0.80), "blotch"),
    "skin": Material((0.03, 0.08), (0.30, 0.60), (0.45, 0.95), "plain"),
    "leather": Material((0.02, 0.05), (0.55, 0.80), (0.20, 0.45), "blotch"),
    "cloth": Material((0.55, 0.75), (0.40, 0.90), (0.40, 0.90), "weave"),
    "carpet": Material((0.93, 1.00), (0.50, 0.85), (0.30, 0.60), "weave"),
    "paper": Material((0.10, 0.16), (0.02, 0.18), (0.85, 1.00), "ripple"),
    "cards": Material((0.95, 1.05), (0.60, 0.90), (0.75, 1.00), "weave"),
    "grass": Material((0.24, 0.33), (0.50, 0.85), (0.30, 0.65), "blades"),
    "leaves": Material((0.20, 0.30), (0.55, 0.90), (0.25, 0.60), "blotch"),
    "gravel": Material((0.08, 0.14), (0.05, 0.22), (0.40, 0.70), "speckle"),
    "sand": Material((0.10, 0.13), (0.35, 0.60), (0.70, 0.95), "speckle"),
    "dirt": Material((0.05, 0.09), (0.45, 0.70), (0.18, 0.40), "blotch"),
    "mud": Material((0.06, 0.10), (0.50, 0.75), (0.12, 0.28), "ripple"),
    "snow": Material((0.55, 0.62), (0.02, 0.12), (0.90, 1.00), "blotch"),
    "ice": Material((0.50, 0.55), (0.15, 0.35), (0.85, 1.00), "brushed", 0.8),
    "water": Material((0.54, 0.63), (0.50, 0.90), (0.35, 0.80), "ripple", 0.85),
    "foam": Material((0.50, 0.58), (0.15, 0.40), (0.80, 1.00), "ripple"),
    "fire": Material((0.02, 0.11), (0.80, 1.00), (0.80, 1.00), "blotch", 0.9),
    "storm": Material((0.62, 0.72), (0.25, 0.55), (0.15, 0.40), "blotch"),
    "sky": Material((0.55, 0.60), (0.20, 0.45), (0.75, 1.00), "blotch"),
    "ink": Material((0.63, 0.68), (0.70, 1.00), (0.15, 0.45), "plain"),
    "neon": Material((0.33, 0.48), (0.80, 1.00), (0.75, 1.00), "plain"),
    "grey": Material((0.0, 1.0), (0.00, 0.06), (0.25, 0.85), "plain"),
}


class LabelLook(Struct, frozen=True):
    """How a label is seen. `ground` is the material of what is struck or walked on."""

    kinds: tuple[Kind, ...]
    material: str
    ground: str = ""


def _look(kinds: str, material: str, ground: str = "") -> LabelLook:
    return LabelLook(tuple(kinds.split()), material, ground or material)  # type: ignore[arg-type]


LOOKS: dict[str, LabelLook] = {
    "bell": _look("pendulum strike", "gold"),
    "bow": _look("sweep strike", "wood", "grass"),
    "break_ceramic": _look("shatter", "ceramic", "wood"),
    "break_glass": _look("shatter", "glass", "stone"),
    "break_ice": _look("shatter", "ice", "snow"),
    "break_metal": _look("shatter strike", "rust", "concrete"),
    "break_plastic": _look("shatter", "plastic", "concrete"),
    "break_stone": _look("shatter", "stone", "dirt"),
    "break_wood": _look("shatter strike", "wood", "grass"),
    "cash_till": _look("poke", "neon", "plastic"),
    "chain": _look("pendulum drop", "rust", "metal"),
    "chips": _look("drop collide", "plastic", "carpet"),
    "clock_tick": _look("pendulum", "wood", "gold"),
    "cloth": _look("wave", "cloth"),
    "coins": _look("drop bounce", "gold", "wood"),
    "creak": _look("sway", "wood"),
    "dice": _look("drop bounce", "ceramic", "carpet"),
    "dig": _look("strike poke", "metal", "dirt"),
    "door": _look("door", "wood", "concrete"),
    "door_car": _look("door", "cards", "concrete"),
    "door_chest": _look("door strike", "leather", "wood"),
    "door_metal": _look("door", "metal", "concrete"),
    "door_window": _look("door", "glass", "wood"),
    "eat": _look("collide", "skin", "leaves"),
    "finger_snap": _look("collide poke", "skin"),
    "fire": _look("burn", "fire"),
    "foliage": _look("sway", "leaves", "grass"),
    "footstep_barefoot": _look("walk", "skin", "wood"),
    "footstep_carpet": _look("walk", "carpet"),
    "footstep_concrete": _look("walk", "concrete"),
    "footstep_dirt": _look("walk", "dirt"),
    "footstep_generic": _look("walk", "grey"),
    "footstep_grass": _look("walk", "grass"),
    "footstep_gravel": _look("walk", "gravel"),
    "footstep_ice": _look("walk", "ice"),
    "footstep_metal": _look("walk", "metal"),
    "footstep_mud": _look("walk", "mud"),
    "footstep_sand": _look("walk", "sand"),
    "footstep_snow": _look("walk", "snow"),
    "footstep_stone": _look("walk", "stone"),
    "footstep_water": _look("walk", "water"),
    "footstep_wood": _look("walk", "wood"),
    "gallop": _look("walk", "leather", "grass"),
    "hammer": _look("strike", "metal", "wood"),
    "impact_bell": _look("strike pendulum", "wood", "gold"),
    "impact_body": _look("strike collide", "skin", "skin"),
    "impact_ceramic": _look("bounce strike", "ceramic", "wood"),
    "impact_generic": _look("bounce collide strike", "grey", "grey"),
    "impact_glass": _look("bounce strike collide", "glass", "glass"),
    "impact_ice": _look("bounce drop", "ice", "ice"),
    "impact_metal": _look("strike bounce collide drop", "metal", "metal"),
    "impact_plastic": _look("bounce drop", "plastic", "plastic"),
    "impact_plate": _look("strike collide", "plate", "metal"),
    "impact_soft": _look("bounce drop", "soft", "soft"),
    "impact_stone": _look("drop bounce", "stone", "stone"),
    "impact_wood": _look("strike bounce collide drop", "wood", "wood"),
    "knock": _look("poke", "skin", "wood"),
    "leather": _look("strike collide", "leather", "leather"),
    "metal_blade": _look("collide sweep", "metal", "concrete"),
    "metal_click": _look("poke collide", "metal", "rust"),
    "metal_handling": _look("drop collide", "rust", "metal"),
    "paper": _look("drop sweep", "paper", "wood"),
    "paper_cards": _look("drop poke", "cards", "grass"),
    "pop": _look("shatter", "neon", "neon"),
    "rain": _look("rain", "water", "storm"),
    "ratchet": _look("strike", "metal", "rust"),
    "rattle": _look("slide wave", "gold", "wood"),
    "rolling": _look("roll", "stone", "wood"),
    "saw": _look("slide", "metal", "wood"),
    "scissors": _look("collide", "metal", "paper"),
    "scrape": _look("slide", "stone", "concrete"),
    "squeak": _look("poke", "plastic", "soft"),
    "switch_click": _look("poke", "plate", "ceramic"),
    "thunder": _look("gusts", "storm", "storm"),
    "water_drip": _look("drip", "water", "plate"),
    "water_flow": _look("stream", "water", "stone"),
    "water_pour": _look("stream", "foam", "glass"),
    "water_splash": _look("drop drip", "stone", "water"),
    "water_waves": _look("wave", "water", "sand"),
    "whoosh": _look("sweep", "cloth", "sky"),
    "wind": _look("gusts sway", "sky", "grass"),
    "writing": _look("slide", "ink", "paper"),
    "zipper": _look("slide", "gold", "cloth"),
}

POINT_KINDS: frozenset[str] = frozenset(get_args(PointKind))

CONTINUOUS_LABELS: frozenset[str] = frozenset(
    label for label, look in LOOKS.items() if not POINT_KINDS.intersection(look.kinds)
)
"""Labels that sound under an intensity curve rather than at hits."""

ANY_LOOK = LabelLook(("bounce", "strike", "poke", "collide", "drop", "pendulum"), "grey")
ANY_CONTINUOUS_LOOK = LabelLook(("slide", "wave"), "grey")
"""Of a label that the table does not know: it may move in any way."""
