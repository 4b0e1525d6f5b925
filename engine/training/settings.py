"""Numbers of a training or a model, changed by name: from a TOML file, and by `--set key=value` over it."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec

from engine.errors import RequestError

Record = TypeVar("Record")

AtLeastOne = Annotated[int, msgspec.Meta(ge=1)]
NotNegative = Annotated[int, msgspec.Meta(ge=0)]
Positive = Annotated[float, msgspec.Meta(gt=0)]


def read_settings(file: Path | None, pairs: Sequence[str]) -> dict[str, Any]:
    """Dotted names and what they are set to. A table [lm] of the file holds `lm.…`; pairs come last.

    Raises:
        RequestError: the file cannot be read, or a pair has no "=".
    """
    settings: dict[str, Any] = {}
    if file is not None:
        try:
            settings = _flat(tomllib.loads(file.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise RequestError(
                f"The settings in {file} cannot be read ({error}): write them as TOML."
            ) from error
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise RequestError(f"--set {pair} sets nothing: write it as NAME=VALUE.")
        settings[name.strip()] = None if value.strip() in ("none", "null") else value.strip()
    return settings


def changed(record: Record, settings: Mapping[str, Any]) -> Record:
    """A dataclass or struct with some fields, named by dotted paths, set anew.

    Raises:
        RequestError: there is no such field, or the value is none that it may have.
    """
    plain = msgspec.to_builtins(record)
    for name, value in settings.items():
        *path, last = name.split(".")
        place: Any = plain
        for step in path:
            place = place.get(step) if isinstance(place, dict) else None
        if not isinstance(place, dict) or last not in place:
            known = ", ".join(place if isinstance(place, dict) else plain)
            raise RequestError(f"There is no setting {name}: choose among {known}.")
        place[last] = value
    try:
        made = msgspec.convert(plain, type(record), strict=False)
    except msgspec.ValidationError as error:
        raise RequestError(f"A setting cannot be used: {error}.") from error
    for name, value in _flat(msgspec.to_builtins(made)).items():
        if isinstance(value, float) and not math.isfinite(value):
            raise RequestError(f"The setting {name} is {value}: give a finite number.")
    return made


def split_by(settings: Mapping[str, Any], *parts: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """(those whose path begins with one of `parts`, the others)."""
    chosen = {name: value for name, value in settings.items() if name.split(".")[0] in parts}
    return chosen, {name: value for name, value in settings.items() if name not in chosen}


def _flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            flat.update(_flat(value, f"{prefix}{name}."))
        else:
            flat[prefix + name] = value
    return flat
