"""What a clip's media reference stands for, from its text alone; the disk is asked later."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from engine.protocol import MissingPolicy
from foley_plugin.timeline.errors import BadTime
from foley_plugin.timeline.image_numbers import pattern_name
from foley_plugin.timeline.rates import NotATime, seconds, snapped_rate
from foley_plugin.timeline.urls import MediaAddress, Place, is_media_name, parsed_url

SLOWEST_IMAGES, FASTEST_IMAGES = 1, 1000
"""Images a second; other rates count something else."""


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
class Images:
    """What an ImageSequenceReference says of its numbers.

    Attributes:
        rate: frame numbers a second; with a step there are fewer images.
    """

    first: int
    step: int
    digits: int
    rate: Fraction
    missing: MissingPolicy


@dataclass(frozen=True)
class Reference:
    """A media reference, read.

    Attributes:
        available: the media's own range; None where the timeline does not say (null, zero or no rate).
        reason: why its picture cannot be had where the timeline says, without a look at the disk; None
            where it may be there.
        is_title: a title or generator, made inside the editor.
        may_be_found: there is a name to look for, whatever `reason` says.
        images: of an image sequence; its address has `#` for digits.
        rate: frames a second that the clip's own numbers count in, None where they make no sense.
        other_names: what the file may be called beside the address's name, suffixes left out.
    """

    name: str
    address: MediaAddress
    available: TimeSpan | None
    reason: str | None = None
    is_title: bool = False
    may_be_found: bool = False
    images: Images | None = None
    rate: Fraction | None = None
    other_names: tuple[str, ...] = ()


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


@dataclass(frozen=True)
class _Entry:
    """A clip's entry in the timeline, being read; `whose` names it at the head of a sentence."""

    clip: Any
    reference: Any
    folder: str
    whose: str

    @property
    def name(self) -> str:
        return text_of(lambda: self.reference.name) if self.reference is not None else ""

    @property
    def available(self) -> TimeSpan | None:
        return _available(self.reference, self.whose)

    @property
    def rate(self) -> Fraction | None:
        """The rate that the media's own range counts in, else the clip's source range."""
        ranges = (getattr(self.reference, "available_range", None), self.clip.source_range)
        rates = (_plausible(each.duration.rate) for each in ranges if each is not None)
        return next((rate for rate in rates if rate is not None), None)


def reference_of(clip: Any, folder: str, whose: str, *, from_resolve: bool) -> Reference:
    """Read a clip's active media reference."""
    entry = _Entry(clip, clip.media_reference, folder, whose)
    schema = entry.reference.schema_name() if entry.reference is not None else "MissingReference"
    if schema == "ExternalReference":
        address = parsed_url(text_of(lambda: entry.reference.target_url), folder)
        reason = _address_reason(address, whose)
        return _nameless(entry, reason) if address.place is Place.NOWHERE else _at(entry, address, reason)
    if schema == "ImageSequenceReference":
        return _image_sequence(entry)
    if schema == "GeneratorReference":
        return _title(entry, f"{whose} is a generator, with no media to watch.")
    return _missing(entry, from_resolve)


def _at(entry: _Entry, address: MediaAddress, reason: str | None) -> Reference:
    name = entry.name or address.file_name
    return Reference(name, address, entry.available, reason, may_be_found=True, rate=entry.rate)


def _title(entry: _Entry, reason: str) -> Reference:
    return Reference(entry.name, parsed_url(None, entry.folder), entry.available, reason, True)


def _missing(entry: _Entry, from_resolve: bool) -> Reference:
    """Offline media keep their path in Resolve's metadata; titles and generators have none."""
    url = _resolve_media_url(entry.reference)
    if url:
        reason = f"{entry.whose} is offline: your editor did not find {url}; {RELINK}."
        return _at(entry, parsed_url(url, entry.folder), reason)
    if from_resolve:
        return _title(entry, f"{entry.whose} is a title or generator, with no media to watch.")
    return _nameless(entry, f"{entry.whose} has no media; {RELINK}.")


def _nameless(entry: _Entry, reason: str | None) -> Reference:
    """No address at all, as in an EDL: the clip's name or its reel is what the file is looked for by."""
    named = entry.name or text_of(lambda: entry.clip.name)
    reel = in_metadata(entry.clip.metadata, "cmx_3600", "reel")
    others = tuple(each for each in (reel,) if isinstance(each, str) and each)
    if is_media_name(named):
        address = parsed_url(named, entry.folder)
    else:
        address = MediaAddress(Place.NOWHERE, (), re.sub(r".*[\\/]", "", named.replace("\0", "")))
    return Reference(
        entry.name,
        address,
        entry.available,
        reason,
        may_be_found=bool(named or others),
        rate=entry.rate,
        other_names=others,
    )


def _image_sequence(entry: _Entry) -> Reference:
    reference = entry.reference
    base = text_of(lambda: reference.target_url_base)
    digits = min(max(1, int(reference.frame_zero_padding)), 12)
    prefix, suffix = (text_of(lambda: reference.name_prefix), text_of(lambda: reference.name_suffix))
    glue = "" if not base or base.endswith(("/", "\\")) else "/"
    address = parsed_url(base + glue + pattern_name(prefix, digits, suffix), entry.folder)
    rate = _plausible(reference.rate) or entry.rate
    step = int(reference.frame_step)
    if rate is None or step < 1:
        reason = f"{entry.whose} is an image sequence without a frame rate or step; export the cut again."
        return Reference(entry.name, address, entry.available, reason)
    policy: MissingPolicy = _POLICIES.get(reference.missing_frame_policy.name, "error")
    images = Images(int(reference.start_frame), step, digits, rate, policy)
    return replace(_at(entry, address, _address_reason(address, entry.whose)), images=images, rate=rate)


_POLICIES: dict[str, MissingPolicy] = {"error": "error", "hold": "hold", "black": "black"}


def _plausible(rate: float) -> Fraction | None:
    try:
        exact = snapped_rate(rate)
    except NotATime:
        return None
    return exact if SLOWEST_IMAGES <= exact <= FASTEST_IMAGES else None


def _resolve_media_url(reference: Any) -> str:
    url = in_metadata(getattr(reference, "metadata", None), "Resolve_OTIO", "Media Url")
    return text_of(lambda: url) if isinstance(url, str) else ""


RELINK = "relink it in your editor, or look for its media in a folder (“Find media…”, or --media)"
MOUNTED = "allow it (--network)" if os.name == "nt" else "say where the share is mounted (--relink)"


def _address_reason(address: MediaAddress, whose: str) -> str | None:
    if address.place is Place.LOCAL:
        return None
    if address.place is Place.NOWHERE:
        return f"{whose} names no media file; {RELINK}."
    if address.place is Place.FOREIGN:
        return f"{whose} plays {address.shown}, a path of another operating system; {RELINK}."
    if address.place is Place.NETWORK:
        return (
            f"{whose} plays {address.shown} from the network, which is not opened unasked; "
            f"{MOUNTED}, or {RELINK}."
        )
    return f"{whose} plays {address.shown}, which is not a file on this computer; download it, then {RELINK}."


def _available(reference: Any, whose: str) -> TimeSpan | None:
    available = getattr(reference, "available_range", None)
    if available is None or available.duration.value == 0 or available.duration.rate == 0:
        return None
    return span_of(available, f"The media of {whose[0].lower()}{whose[1:]}")
