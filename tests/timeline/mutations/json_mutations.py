"""Changes to a timeline's JSON that keep it JSON."""

from __future__ import annotations

import copy
import json
from random import Random
from typing import Any

HOSTILE: list[Any] = [
    None,
    True,
    "",
    "x" * 3000,
    "\ud800",
    "caf\udce9",
    "/etc/passwd",
    "file://host/share/x.mov",
    [],
    {},
    [None],
    {"OTIO_SCHEMA": "Clip.99"},
    {"OTIO_SCHEMA": "Stack.1", "children": [None]},
    {"OTIO_SCHEMA": "SerializableObjectRef.1", "id": "loop"},
    0,
    -1,
    1,
    0.5,
    1e300,
    -1e300,
    1e-300,
    float("nan"),
    float("inf"),
    10**30,
    2**63,
    -(2**63) - 1,
]
SCHEMAS = ["Timeline", "Stack", "Track", "Clip", "Gap", "Transition", "TimeRange", "RationalTime", "Marker"]
Place = tuple[Any, Any]
"""A container and a key or index in it."""


def mutated_json(root: Any, random: Random) -> bytes:
    root = copy.deepcopy(root)
    holder = [root]
    for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
        places = _places(holder)
        random.choice(CHANGES)(places, random)
    text = json.dumps(holder[0], ensure_ascii=random.random() < 0.5)
    return text.encode("utf-8", "surrogatepass")


def _places(holder: list[Any]) -> list[Place]:
    found: list[Place] = []
    pending: list[Any] = [holder]
    while pending:
        node = pending.pop()
        keys = list(node) if isinstance(node, dict) else range(len(node))
        for key in keys:
            found.append((node, key))
            if isinstance(node[key], (dict, list)):
                pending.append(node[key])
    return found


def _value(place: Place) -> Any:
    container, key = place
    return container[key] if (isinstance(container, dict) and key in container) or _is_in(place) else None


def _is_in(place: Place) -> bool:
    container, key = place
    return isinstance(container, list) and key < len(container)


def _replace(places: list[Place], random: Random) -> None:
    container, key = random.choice(places)
    container[key] = copy.deepcopy(random.choice(HOSTILE))


def _delete(places: list[Place], random: Random) -> None:
    container, key = random.choice([place for place in places if isinstance(place[0], dict)] or places)
    if isinstance(container, dict):
        del container[key]


def _number(places: list[Place], random: Random) -> None:
    numbers = [place for place in places if type(_value(place)) in (int, float)]
    if numbers:
        container, key = random.choice(numbers)
        value = container[key]
        container[key] = random.choice((-value, value * 2, value + 1, 0.5, 0, -1, float("nan"), 1e18, 1e9))


def _swap(places: list[Place], random: Random) -> None:
    (one, key), (two, other) = random.choice(places), random.choice(places)
    value, there = copy.deepcopy(one[key]), copy.deepcopy(two[other])
    one[key] = there
    if isinstance(two, dict) or other < len(two):
        two[other] = value


def _children(places: list[Place], random: Random) -> None:
    lists = [_value(place) for place in places if isinstance(_value(place), list) and _value(place)]
    if lists:
        items = random.choice(lists)
        at = random.randrange(len(items))
        if random.random() < 0.5:
            items.insert(at, copy.deepcopy(random.choice(items)))
        else:
            del items[at]


def _schema(places: list[Place], random: Random) -> None:
    schemas = [place for place in places if place[1] == "OTIO_SCHEMA"]
    if schemas:
        container, key = random.choice(schemas)
        versions = ("1", "2", "3", "99", "x", "")
        container[key] = f"{random.choice([*SCHEMAS, 'Strange'])}.{random.choice(versions)}"


def _loop(places: list[Place], random: Random) -> None:
    objects = [_value(place) for place in places if isinstance(_value(place), dict)]
    if objects:
        random.choice(objects)["OTIO_REF_ID"] = "loop"
        container, key = random.choice(places)
        container[key] = {"OTIO_SCHEMA": "SerializableObjectRef.1", "id": "loop"}


def _nest(places: list[Place], random: Random) -> None:
    container, key = random.choice(places)
    value = container[key]
    for _ in range(random.choice((1, 5, 70))):
        value = {"OTIO_SCHEMA": "Stack.1", "name": "n", "children": [value]}
    container[key] = value


CHANGES = [
    _replace,
    _replace,
    _delete,
    _delete,
    _number,
    _number,
    _number,
    _swap,
    _children,
    _schema,
    _loop,
    _nest,
]
