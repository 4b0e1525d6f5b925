"""What a clip's media reference stands for, from its text alone; the disk is asked later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from foley_plugin.timeline.errors import BadTime
from foley_plugin.timeline.rates import NotATime, seconds
from foley_plugin.timeline.urls import MediaAddress, Place, parsed_url


@dataclass(frozen=True)
class TimeSpan:
    """A start and a length in exact seconds."""

    start: Fraction
    duration: Fraction

    @property
    def end(self) -> Fraction:
        return self.start + self.duration

    def overlaps(self, other: TimeSpan) -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True)
class Reference:
    """A media reference, read.

    Attributes:
        available: the media's own range; None where the timeline does not say (null, zero or no rate).
        reason: why its picture cannot be had, without a look at the disk; None where it may be there.
        is_title: a title or generator, made inside the editor.
    """

    name: str
    address: MediaAddress
    available: TimeSpan | None
    reason: str | None = None
    is_title: bool = False


def text_of(get: Callable[[], object]) -> str:
    """A name that any JSON writer accepts; OTIO raises TypeError on invalid UTF-8."""
    try:
        value = get()
    except (TypeError, UnicodeDecodeError):
        return "(unreadable name)"
    return str(value or "").encode("utf-8", "replace").decode()


def in_metadata(metadata: Any, *keys: str) -> Any:
    """A value deep in metadata, None where anything on the way is missing or no mapping."""
    for key in keys:
        if not hasattr(metadata, "get"):
            return None
        metadata = metadata.get(key)
    return metadata


def span_of(otio_range: Any, whose: str) -> TimeSpan:
    """An OTIO TimeRange in exact seconds.

    Raises:
        BadTime: not finite, a rate of zero or less, or a negative duration; names `whose`.
    """
    try:
        start = seconds(otio_range.start_time.value, otio_range.start_time.rate)
        duration = seconds(otio_range.duration.value, otio_range.duration.rate)
    except NotATime as error:
        raise BadTime(f"{whose} has {error}; correct it in your editor and export the cut again.") from None
    if duration < 0:
        raise BadTime(
            f"{whose} has a negative duration ({float(duration):g} s); "
            "correct it in your editor and export the cut again."
        )
    return TimeSpan(start, duration)


def reference_of(clip: Any, folder: str, whose: str, *, from_resolve: bool) -> Reference:
    """Read a clip's active media reference."""
    reference = clip.media_reference
    schema = reference.schema_name() if reference is not None else "MissingReference"
    name = text_of(lambda: reference.name) if reference is not None else ""
    available = _available(reference, whose)
    nowhere = parsed_url(None, folder)
    if schema == "ExternalReference":
        address = parsed_url(text_of(lambda: reference.target_url), folder)
        return Reference(name or address.file_name, address, available, _address_reason(address, whose))
    if schema == "ImageSequenceReference":
        address = parsed_url(text_of(lambda: reference.target_url_base), folder)
        reason = f"{whose} is an image sequence; render it to a movie file and use that in the cut."
        return Reference(name, address, available, reason)
    if schema == "GeneratorReference":
        return Reference(name, nowhere, available, f"{whose} is a generator, with no media to watch.", True)
    return _missing(reference, name, available, folder, whose, from_resolve)


def _missing(
    reference: Any, name: str, available: TimeSpan | None, folder: str, whose: str, from_resolve: bool
) -> Reference:
    """Offline media keep their path in Resolve's metadata; titles and generators have none."""
    url = _resolve_media_url(reference)
    address = parsed_url(url, folder)
    if url:
        reason = f"{whose} is offline: your editor did not find {url}; relink it there and export again."
        return Reference(name or address.file_name, address, available, reason)
    if from_resolve:
        reason = f"{whose} is a title or generator, with no media to watch."
        return Reference(name, address, available, reason, True)
    reason = f"{whose} has no media; relink it in your editor and export again."
    return Reference(name, address, available, reason)


def _resolve_media_url(reference: Any) -> str:
    url = in_metadata(getattr(reference, "metadata", None), "Resolve_OTIO", "Media Url")
    return text_of(lambda: url) if isinstance(url, str) else ""


def _address_reason(address: MediaAddress, whose: str) -> str | None:
    if address.place is Place.LOCAL:
        return None
    if address.place is Place.NOWHERE:
        return f"{whose} names no media file; relink it in your editor and export again."
    if address.place is Place.FOREIGN:
        return (
            f"{whose} plays {address.shown}, a path of another operating system; "
            "relink it on this computer and export again."
        )
    if address.place is Place.NETWORK:
        return (
            f"{whose} plays {address.shown} from the network, which is not opened unasked; "
            "copy it to a local disk or a mapped drive and relink it."
        )
    return f"{whose} plays {address.shown}, which is not a file on this computer; download and relink it."


def _available(reference: Any, whose: str) -> TimeSpan | None:
    available = getattr(reference, "available_range", None)
    if available is None or available.duration.value == 0 or available.duration.rate == 0:
        return None
    return span_of(available, f"The media of {whose[0].lower()}{whose[1:]}")
