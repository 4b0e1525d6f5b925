"""The media files of a cut, each looked up and probed once."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from foley_plugin.timeline.probe import MediaProbe, ProbeFailed, probe_media
from foley_plugin.timeline.references import Reference, TimeSpan
from foley_plugin.timeline.urls import MediaAddress, Place

PROBE_BUDGET_S = 8.0
"""After this long, files are probed only where the timeline does not say what is needed."""

AUDIO_SUFFIXES = frozenset(
    {".wav", ".bwf", ".aif", ".aiff", ".mp3", ".flac", ".m4a", ".aac", ".ogg", ".opus"}
)


@dataclass(frozen=True)
class Media:
    """What is known of a clip's media.

    Attributes:
        path: the plain absolute path, None where there is none to name.
        start: the first frame in the source time that the clip's range counts in; None if unknown.
        duration: None if unknown.
        reason: why its picture cannot be watched.
        notice: what had to be decided about its timecode, a whole sentence.
    """

    path: str | None
    start: Fraction | None
    duration: Fraction | None
    reason: str | None = None
    notice: str | None = None


class MediaShelf:
    """Finds and probes media files, remembering every answer.

    Args:
        probe: replaced in tests.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        probe: Callable[[str], MediaProbe] = probe_media,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._probe = probe
        self._clock = clock
        self._deadline_s = clock() + PROBE_BUDGET_S
        self._found: dict[MediaAddress, str | None] = {}
        self._probes: dict[str, MediaProbe | str] = {}

    def media_for(self, reference: Reference, played: TimeSpan | None, whose: str) -> Media:
        """Where the media is and where in source time its first frame lies.

        Args:
            played: the clip's source range, None if it plays all of its media.
        """
        available = reference.available
        start = available.start if available else None
        duration = available.duration if available else None
        if reference.reason is not None:
            return Media(reference.address.path, start, duration, reason=reference.reason)
        path = self._path(reference.address)
        if path is None:
            wanted = reference.address.path
            reason = f"{whose} is offline: there is no file {wanted}; relink it or bring the file back."
            return Media(wanted, start, duration, reason=reason)
        is_needed = available is None or (played is not None and not played.overlaps(available))
        probe = self._probed(path, is_needed)
        if isinstance(probe, str):
            reason = f"{whose} plays {os.path.basename(path)}, which is no readable video ({probe})."
            return Media(path, start, duration, reason=reason)
        if probe is None:
            return Media(path, start, duration)
        if probe.is_still:
            return Media(path, start, duration, reason=f"{whose} is a still picture; nothing moves in it.")
        start, notice = _first_frame(available, probe, played, whose)
        return Media(path, start, probe.duration or duration, notice=notice)

    def _path(self, address: MediaAddress) -> str | None:
        if address.place is not Place.LOCAL:
            return None
        if address not in self._found:
            existing = (path for path in address.candidates if _is_regular_file(path))
            self._found[address] = next(existing, None)
        return self._found[address]

    def _probed(self, path: str, is_needed: bool) -> MediaProbe | str | None:
        """The probe, why there is none, or None where there was no time for it."""
        if path not in self._probes:
            if os.path.splitext(path)[1].lower() in AUDIO_SUFFIXES:
                self._probes[path] = "it holds no picture"
            elif not is_needed and self._clock() > self._deadline_s:
                return None
            else:
                try:
                    self._probes[path] = self._probe(path)
                except ProbeFailed as error:
                    self._probes[path] = str(error)
        return self._probes[path]


def _first_frame(
    available: TimeSpan | None, probe: MediaProbe, played: TimeSpan | None, whose: str
) -> tuple[Fraction, str | None]:
    """The media's first frame in the clip's source time, and a notice where the parts disagree.

    The timeline's word comes first, then the file's timecode, then a count from zero; each is taken only
    if the clip plays something of the media by it.
    """
    readings = [] if available is None else [available]
    if probe.duration is not None:
        readings += [TimeSpan(start, probe.duration) for start in (probe.start, Fraction(0))]
    if not readings:
        return probe.start, None
    if played is not None:
        for reading in readings:
            if played.overlaps(reading):
                is_expected = reading is readings[0]
                return reading.start, None if is_expected else _disagreement(whose, reading.start)
    return readings[0].start, None


def _disagreement(whose: str, start: Fraction) -> str:
    counted = "from zero" if start == 0 else "by its file's timecode"
    return f"{whose} counts its media {counted}, unlike the rest of its entry says; check its picture."


def _is_regular_file(path: str) -> bool:
    """False for folders, pipes and devices too: opening those may never end."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False
