"""OpenTimelineIO JSON objects, as its own writer makes them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from foley_plugin.timeline.guards import Json


def time_json(time_s: Fraction, rate: Fraction) -> Json:
    """Exact seconds in frames at `rate`; off the frame grid the value is no whole number."""
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(rate), "value": float(time_s * rate)}


def range_json(start_s: Fraction, duration_s: Fraction, rate: Fraction, start_rate: Fraction) -> Json:
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "duration": time_json(duration_s, rate),
        "start_time": time_json(start_s, start_rate),
    }


def _item(schema: str, name: str, metadata: Json | None) -> Json:
    return {
        "OTIO_SCHEMA": schema,
        "metadata": metadata or {},
        "name": name,
        "source_range": None,
        "effects": [],
        "markers": [],
        "enabled": True,
    }


def gap_json(duration_s: Fraction, rate: Fraction) -> Json:
    return _item("Gap.1", "", None) | {"source_range": range_json(Fraction(0), duration_s, rate, rate)}


def clip_json(name: str, source_range: Json, reference: Json, metadata: Json | None = None) -> Json:
    return _item("Clip.2", name, metadata) | {
        "source_range": source_range,
        "media_references": {"DEFAULT_MEDIA": reference},
        "active_media_reference_key": "DEFAULT_MEDIA",
    }


def stack_json(name: str, children: Sequence[Json], metadata: Json | None = None) -> Json:
    return _item("Stack.1", name, metadata) | {"children": list(children)}


def track_json(name: str, kind: str, children: Sequence[Json]) -> Json:
    return _item("Track.1", name, None) | {"children": list(children), "kind": kind}


def timeline_json(name: str, stack: Json, start: Json | None, metadata: Json | None = None) -> Json:
    return {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": metadata or {},
        "name": name,
        "global_start_time": start,
        "tracks": stack,
    }


def collection_json(name: str, children: Sequence[Json]) -> Json:
    return {
        "OTIO_SCHEMA": "SerializableCollection.1",
        "metadata": {},
        "name": name,
        "children": list(children),
    }


def transition_json(name: str, in_offset: Json, out_offset: Json) -> Json:
    return {
        "OTIO_SCHEMA": "Transition.1",
        "metadata": {},
        "name": name,
        "in_offset": in_offset,
        "out_offset": out_offset,
        "transition_type": "SMPTE_Dissolve",
    }


def _reference(schema: str, name: str, available_range: Json | None) -> Json:
    return {
        "OTIO_SCHEMA": schema,
        "metadata": {},
        "name": name,
        "available_range": available_range,
        "available_image_bounds": None,
    }


def external_json(name: str, url: str, available_range: Json | None) -> Json:
    return _reference("ExternalReference.1", name, available_range) | {"target_url": url}


def missing_json(name: str, available_range: Json | None = None) -> Json:
    return _reference("MissingReference.1", name, available_range)


def generator_json(name: str, kind: str) -> Json:
    return _reference("GeneratorReference.1", name, None) | {"generator_kind": kind, "parameters": {}}


def warp_json(speed: Fraction) -> Json:
    """A constant speed; a held frame where it is zero."""
    kind = "FreezeFrame.1" if speed == 0 else "LinearTimeWarp.1"
    return {
        "OTIO_SCHEMA": kind,
        "metadata": {},
        "name": "",
        "effect_name": kind.partition(".")[0],
        "enabled": True,
        "time_scalar": float(speed),
    }


def ramp_json(points: Sequence[tuple[Fraction, Fraction]]) -> Json:
    """A speed ramp as Resolve writes it: key frames of (retimed, source) seconds from the media's start."""
    rows = [[float(retimed), float(source)] for retimed, source in points]
    return {
        "OTIO_SCHEMA": "TimeEffect.1",
        "metadata": {"Resolve_OTIO": {"Key Frames": rows}},
        "name": "",
        "effect_name": "TimeEffect",
        "enabled": True,
    }
