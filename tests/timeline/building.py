"""Timelines as plain JSON, in a few words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Json = dict[str, Any]


def time(value: float, rate: float) -> Json:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": value}


def time_range(start: float, duration: float, rate: float) -> Json:
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "start_time": time(start, rate),
        "duration": time(duration, rate),
    }


def item(schema: str, name: str, source: Json | None, **more: Any) -> Json:
    return {
        "OTIO_SCHEMA": schema,
        "name": name,
        "metadata": {},
        "source_range": source,
        "effects": [],
        "markers": [],
        "enabled": True,
    } | more


def clip(
    name: str,
    source: Json | None,
    *,
    url: str | None = None,
    available: Json | None = None,
    reference: Json | None = None,
    **more: Any,
) -> Json:
    """A clip; without `url` and `reference` its media is missing."""
    if reference is None:
        schema = "MissingReference.1" if url is None else "ExternalReference.1"
        reference = {
            "OTIO_SCHEMA": schema,
            "name": name,
            "metadata": {},
            "available_range": available,
            "available_image_bounds": None,
        }
        if url is not None:
            reference["target_url"] = url
    media = {"media_references": {"DEFAULT_MEDIA": reference}, "active_media_reference_key": "DEFAULT_MEDIA"}
    return item("Clip.2", name, source, **media, **more)


def gap(duration: float, rate: float) -> Json:
    return item("Gap.1", "", time_range(0, duration, rate))


def dissolve(in_offset: float, out_offset: float, rate: float) -> Json:
    return {
        "OTIO_SCHEMA": "Transition.1",
        "name": "",
        "metadata": {},
        "in_offset": time(in_offset, rate),
        "out_offset": time(out_offset, rate),
        "transition_type": "SMPTE_Dissolve",
    }


def warp(scalar: float) -> Json:
    return {
        "OTIO_SCHEMA": "LinearTimeWarp.1",
        "name": "",
        "effect_name": "",
        "metadata": {},
        "time_scalar": scalar,
    }


def freeze() -> Json:
    return warp(0.0) | {"OTIO_SCHEMA": "FreezeFrame.1"}


def ramp(key_frames: list[list[Any]]) -> Json:
    return {
        "OTIO_SCHEMA": "TimeEffect.1",
        "name": "",
        "effect_name": "",
        "metadata": {"Resolve_OTIO": {"Key Frames": key_frames}},
    }


def track(*children: Json, kind: str = "Video", name: str = "", **more: Any) -> Json:
    return item("Track.1", name, None, children=list(children), kind=kind) | more


def stack(*children: Json, name: str = "", source: Json | None = None, **more: Any) -> Json:
    return item("Stack.1", name, source, children=list(children), **more)


def timeline(*tracks: Json, start: Json | None = None, **more: Any) -> Json:
    return {
        "OTIO_SCHEMA": "Timeline.1",
        "name": "",
        "metadata": {},
        "global_start_time": start,
        "tracks": stack(*tracks),
    } | more


def saved(root: Any, folder: Path, name: str = "cut.otio") -> Path:
    path = folder / name
    path.write_text(json.dumps(root), encoding="utf-8")
    return path


def images_reference(base: str, rate: float, available: Json | None = None) -> Json:
    """Pictures a.0001.png and so on under a folder."""
    return {
        "OTIO_SCHEMA": "ImageSequenceReference.1",
        "name": "",
        "metadata": {},
        "available_range": available,
        "available_image_bounds": None,
        "target_url_base": base,
        "name_prefix": "a.",
        "name_suffix": ".png",
        "start_frame": 1,
        "frame_step": 1,
        "rate": rate,
        "frame_zero_padding": 4,
        "missing_frame_policy": "error",
    }
