"""Checks of the cut's own clips against what a target's import is known to refuse or lose."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from fractions import Fraction

from foley_plugin.nle.target import Imports, MediaPaths, Trait
from foley_plugin.timeline.guards import schema_name
from foley_plugin.timeline.out.media_files import MediaFiles
from foley_plugin.timeline.out.seats import Seat, url_of
from foley_plugin.timeline.preflight.findings import Finding, Mend, Severity
from foley_plugin.timeline.ranges import inner_extent
from foley_plugin.timeline.urls import Place, parsed_url

ON_AN_EDGE_S = Fraction(1, 500)
"""Seconds; a range that leaves its media by less than this has been rounded."""


def findings_of(
    seat: Seat, imports: Imports, files: MediaFiles, frame_s: Fraction, base: str | None
) -> Iterator[Finding]:
    """All that is wrong with one clip, for one target.

    Args:
        base: the folder that relative paths count from in the written file, None where it is not chosen yet.
    """
    yield from _relative(seat, imports, base)
    if schema_name(seat.reference) == "ImageSequenceReference":
        yield from _trait(seat, Trait.IMAGE_SEQUENCE, imports)
    elif not seat.has_media:
        yield from _without_media(seat, imports)
    else:
        yield from _path(seat, imports)
        yield from _presence(seat, imports, files)
        yield from _name(seat, imports)
        yield from _range(seat, imports, files, frame_s)
    for trait in _retimes(seat):
        yield from _trait(seat, trait, imports)
    if any(_is_seen(effect) for effect in seat.node.get("effects") or []):
        yield from _trait(seat, Trait.EFFECT, imports)
    if seat.node.get("markers"):
        yield from _trait(seat, Trait.MARKER, imports)
    if not seat.is_heard_or_seen:
        yield from _trait(seat, Trait.DISABLED, imports)
    if _premiere_link(seat):
        yield from _trait(seat, Trait.LINK, imports, Mend.UNLINK)


def finding(seat: Seat, severity: Severity, what: str, remedy: str, mend: Mend | None = None) -> Finding:
    """A finding about a clip; `what` goes on after the clip's name."""
    label = " ".join(part for part in (seat.place, seat.name) if part)
    if mend is Mend.LEAVE_OUT and seat.span is None:
        mend = None  # nobody knows how long a gap would take its place
    return Finding(severity, label, f"{seat.shown} {what}.", remedy, mend, seat.at)


def _trait(seat: Seat, trait: Trait, imports: Imports, mend: Mend | None = None) -> Iterator[Finding]:
    if trait in imports.refuses:
        remedy = "Take it out of the cut, or leave it out of the written copy."
        what = f"cannot come in: {imports.refuses[trait]}"
        yield finding(seat, Severity.ERROR, what, remedy, Mend.LEAVE_OUT)
    elif trait in imports.loses:
        yield finding(seat, Severity.WARNING, imports.loses[trait], _remedy_of(trait), mend)


def _remedy_of(trait: Trait) -> str:
    if trait in (Trait.FAST, Trait.REVERSE, Trait.SLOW, Trait.FREEZE, Trait.RAMP):
        return "Render the retimed clip in your editor and use the file, or set its speed again after the import."
    if trait is Trait.LINK:
        return "Link the clips again after the import."
    return "Bring only the foley tracks into your own timeline, or put it back after the import."


def _without_media(seat: Seat, imports: Imports) -> Iterator[Finding]:
    yield from _trait(seat, Trait.TITLE, imports)


def _path(seat: Seat, imports: Imports) -> Iterator[Finding]:
    url = url_of(seat.reference)
    if imports.paths is MediaPaths.PLAIN and schema_name(seat.reference) == "ExternalReference":
        if url[:5].lower() == "file:":
            what = "names its media by a file URL, which the import refuses"
            yield finding(seat, Severity.ERROR, what, "Name it by its plain path.", _plain_mend(seat))
        elif seat.address.place is Place.LOCAL and not os.path.isabs(url):
            what = f"names its media by the relative path {url}, which the import does not find"
            yield finding(seat, Severity.ERROR, what, "Name it by its absolute path.", _plain_mend(seat))
    path = seat.address.path or seat.address.shown
    bad = re.search(imports.bad_in_paths, path) if imports.bad_in_paths else None
    if bad:
        what = f"plays {path}, and a {bad[0]} in a path makes the whole import fail"
        yield finding(seat, Severity.ERROR, what, "Rename the file or its folder and relink the clip.")


def _relative(seat: Seat, imports: Imports, base: str | None) -> Iterator[Finding]:
    """A relative path goes into the written file as it is, and means another place in another folder."""
    is_told = imports.paths is MediaPaths.PLAIN and schema_name(seat.reference) == "ExternalReference"
    url = url_of(seat.reference)
    if imports.paths is MediaPaths.OURS or is_told or seat.address.place is not Place.LOCAL:
        return
    if parsed_url(url, base or "").path == seat.address.path:
        return
    what = f"names its media by the relative path {url}, which is found from the source's folder alone"
    severity = Severity.NOTE if base is None else Severity.WARNING
    yield finding(seat, severity, what, "Name it by its absolute path.", Mend.PLAIN_PATH)


def _plain_mend(seat: Seat) -> Mend | None:
    return Mend.PLAIN_PATH if seat.address.path else None


def _presence(seat: Seat, imports: Imports, files: MediaFiles) -> Iterator[Finding]:
    path, is_there = files.path_of(seat)
    if is_there:
        return
    if seat.address.place in (Place.FOREIGN, Place.NETWORK):
        what = f"plays {path}, which cannot be looked up on this computer"
        remedy = "Check that the file is there where you import."
        yield finding(seat, Severity.NOTE, what, remedy)
    elif imports.missing_media == "refused":
        what = f"is offline: there is no {path}, and one missing file makes the whole import fail"
        remedy = "Bring the file back or relink it, or leave the clip out of the written copy."
        yield finding(seat, Severity.ERROR, what, remedy, Mend.LEAVE_OUT)
    else:
        what = f"is offline: there is no {path}"
        yield finding(seat, Severity.WARNING, what, "Bring the file back, or relink it after the import.")


def _name(seat: Seat, imports: Imports) -> Iterator[Finding]:
    if not imports.names_with_suffix or schema_name(seat.reference) != "ExternalReference":
        return
    suffix = os.path.splitext(seat.address.file_name)[1].lower()
    names = (str(seat.node.get("name") or ""), str(seat.reference.get("name") or ""))
    wrong = [name for name in names if os.path.splitext(name)[1].lower() != suffix]
    if suffix and wrong:
        shown = f"is called “{wrong[0]}”" if wrong[0] else "has a name missing"
        what = f"{shown} without its file's {suffix}, by which the import finds media"
        remedy = f"Call it {seat.address.file_name}."
        yield finding(seat, Severity.WARNING, what, remedy, Mend.ADD_SUFFIX)


def _range(seat: Seat, imports: Imports, files: MediaFiles, frame_s: Fraction) -> Iterator[Finding]:
    """What is played must lie in the media: from its own first frame to its end."""
    pieces = [piece for run in seat.runs for piece in run]
    if not pieces or seat.span is None:
        return
    media, origin = files.file_of(seat), files.origin_of(seat)
    if not media.is_there and seat.available is None:
        return
    low, high = inner_extent(pieces)
    mend = Mend.TRIM_TO_MEDIA if _can_be_trimmed(seat, origin, media.duration) else None
    if low < origin - ON_AN_EDGE_S:
        refused = imports.missing_media == "refused"
        severity = Severity.ERROR if refused else Severity.WARNING
        result = ", which makes the whole import fail" if refused else ""
        what = f"begins {float(origin - low):.3f} s before its media's first frame{result}"
        yield finding(seat, severity, what, "Cut its in-point to the media.", mend)
    end = origin + media.duration
    if high > end + frame_s + ON_AN_EDGE_S and media.duration > 0:
        what = f"plays {float(high - end):.3f} s past its media's end"
        yield finding(seat, Severity.WARNING, what, "Cut its out-point to the media.", mend)


def _can_be_trimmed(seat: Seat, origin: Fraction, duration: Fraction) -> bool:
    """Only a clip at normal speed without dissolves, which would lose what they dissolve from."""
    span = seat.span
    is_plain = seat.retime.speed == 1 and not seat.retime.ramp and not (seat.before or seat.after)
    return is_plain and span is not None and span.start < origin + duration and span.end > origin


def _retimes(seat: Seat) -> Iterator[Trait]:
    speed = seat.retime.speed
    if seat.retime.ramp:
        yield Trait.RAMP
    elif speed == 0:
        yield Trait.FREEZE
    elif speed < 0:
        yield Trait.REVERSE
    elif speed > 1:
        yield Trait.FAST
    elif speed < 1:
        yield Trait.SLOW


def _is_seen(effect: object) -> bool:
    """Whether an effect does something: Resolve lists a dozen on every clip, most without a parameter."""
    if not isinstance(effect, dict) or schema_name(effect) in ("LinearTimeWarp", "FreezeFrame", "TimeEffect"):
        return False
    if effect.get("enabled", True) is False:
        return False
    resolve = (effect.get("metadata") or {}).get("Resolve_OTIO")
    if isinstance(resolve, dict):
        return resolve.get("Enabled") is not False and bool(resolve.get("Parameters"))
    return True


def _premiere_link(seat: Seat) -> bool:
    premiere = (seat.node.get("metadata") or {}).get("PremierePro_OTIO")
    return isinstance(premiere, dict) and "LinkID" in premiere
