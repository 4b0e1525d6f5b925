"""The media files of a cut, each looked up and probed once."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from engine.protocol import IMAGE_SUFFIXES
from foley_plugin.timeline.image_numbers import ImagePattern, image_pattern
from foley_plugin.timeline.media_finder import MediaFinder, address_with, pattern_of
from foley_plugin.timeline.media_identity import media_identity
from foley_plugin.timeline.media_places import MediaPlaces
from foley_plugin.timeline.probe import MediaProbe, ProbeFailed, probe_media, sound_start
from foley_plugin.timeline.references import RELINK, Reference, TimeSpan
from foley_plugin.timeline.sequences import Shots, shots_at

PROBE_BUDGET_S = 8.0
"""After this long, files are probed only where the timeline does not say what is needed."""

SAME_LENGTH_S = Fraction(1, 5)
"""Within this, a file is as long as the timeline says: containers round, sounds end later than pictures."""

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
        shots: of an image sequence, whose first image is `path`.
        is_checked: False where nobody has looked yet.
        is_offline: there is a name to look for, and nothing, or too much, was found.
    """

    path: str | None
    start: Fraction | None
    duration: Fraction | None
    reason: str | None = None
    notice: str | None = None
    shots: Shots | None = None
    is_checked: bool = True
    is_offline: bool = False
    is_still: bool = False


class MediaShelf:
    """Finds and probes media files, remembering every answer.

    Args:
        probe: replaced in tests.
        clock: seconds, monotonic.
        places: the user's word on where media lie.
        checks: False leaves the disk alone as long as the timeline says enough.
    """

    def __init__(
        self,
        probe: Callable[[str], MediaProbe] = probe_media,
        clock: Callable[[], float] = time.monotonic,
        places: MediaPlaces | None = None,
        *,
        checks: bool = True,
    ) -> None:
        self._probe = probe
        self._clock = clock
        self._deadline_s = clock() + PROBE_BUDGET_S
        self._finder = MediaFinder(places or MediaPlaces())
        self._checks = checks
        self._probes: dict[str, MediaProbe | str] = {}

    @property
    def notices(self) -> list[str]:
        return self._finder.search.notices

    def media_for(
        self, reference: Reference, played: TimeSpan | None, whose: str, *, must_look: bool = False
    ) -> Media:
        """Where the media is and where in source time its first frame lies.

        Args:
            played: the clip's source range, None if it plays all of its media.
            must_look: also where this shelf does not check.
        """
        available = reference.available
        start = available.start if available else None
        duration = available.duration if available else None
        named = reference.address.path
        if reference.reason is not None and not reference.may_be_found:
            return Media(named, start, duration, reason=reference.reason)
        if not (self._checks or must_look):
            return Media(named, start, duration, is_checked=False)
        pattern, found = self._found(reference)
        if len(found) > 1:
            found = self._told_apart(found, reference, played)
        if len(found) > 1:
            return Media(named, start, duration, reason=_ambiguous(whose, found), is_offline=True)
        if not found:
            what = f"image of the sequence {named}" if pattern is not None else f"file {named}"
            offline = f"{whose} is offline: there is no {what}; bring it back, or {RELINK}."
            return Media(named, start, duration, reason=reference.reason or offline, is_offline=True)
        if pattern is not None:
            return self._sequence(found[0], pattern, reference, played, whose)
        return self._film(found[0], reference, played, whose)

    def sound_for(self, reference: Reference, played: TimeSpan) -> tuple[str | None, Fraction | None]:
        """A sound's file and its first sample in the clip's source time; None where that is not known."""
        start = reference.available.start if reference.available else None
        if not self._checks:
            return None, start
        _, found = self._found(reference)
        if len(found) != 1:
            return reference.address.path, start
        if start is None and self._clock() <= self._deadline_s:
            stamped = sound_start(found[0])
            start = stamped if stamped is not None and stamped <= played.start else None
        return found[0], start

    def _found(self, reference: Reference) -> tuple[ImagePattern | None, list[str]]:
        """The file, or the pattern of the sequence where the reference or the name says that it is one."""
        finder, address = self._finder, reference.address
        if reference.images is None:
            found = finder.find(address, None, reference.other_names)
            pattern = None if found else pattern_of(address)
            if pattern is None:
                return None, found
        else:
            pattern = _whole_pattern(reference)
        return pattern, finder.find(address_with(address, pattern), pattern)

    def _film(self, path: str, reference: Reference, played: TimeSpan | None, whose: str) -> Media:
        available = reference.available
        start = available.start if available else None
        duration = available.duration if available else None
        is_needed = available is None or (played is not None and not played.overlaps(available))
        probe = self._probed(path, is_needed)
        if isinstance(probe, str):
            reason = f"{whose} plays {os.path.basename(path)}, which is no readable video ({probe})."
            return Media(path, start, duration, reason=reason)
        if probe is None:
            return Media(path, start, duration)
        if probe.is_still:
            return _still(path, start, duration, whose)
        start, notice = _first_frame(available, probe, played, whose)
        notice = notice or _of_other_rate(reference, probe, whose)
        return Media(path, start, probe.duration or duration, notice=notice)

    def _sequence(
        self,
        path: str,
        pattern: ImagePattern,
        reference: Reference,
        played: TimeSpan | None,
        whose: str,
    ) -> Media:
        available = reference.available
        kind = os.path.splitext(path)[1].lower()
        if kind not in IMAGE_SUFFIXES:
            reason = (
                f"{whose} plays images of the kind {kind}, which are not read; render it to a movie file."
            )
            return Media(path, None, None, reason=reason)
        shots = shots_at(path, pattern, self._finder.numbers(path, pattern.digits), reference)
        if shots is None:
            reason = f"{whose} is an image sequence whose frame rate or numbers the timeline does not tell."
            return Media(path, None, None, reason=reason)
        probe = shots.probe
        if probe.is_still:
            return _still(path, None, None, whose)
        start, notice = _first_frame(available, probe, played, whose)
        return Media(shots.sequence.media, start, probe.duration, notice=notice, shots=shots)

    def _told_apart(self, paths: Sequence[str], reference: Reference, played: TimeSpan | None) -> list[str]:
        """Of files that are named alike, those that fit the timeline's times best; copies count as one."""
        pattern = image_pattern(os.path.basename(paths[0]))
        if pattern is not None and reference.images is not None:
            return list(paths)
        fits = {path: self._fit(path, reference.available, played) for path in paths}
        best = [path for path in paths if fits[path] == max(fits.values())]
        if len({media_identity(path) for path in best}) == 1:
            best = best[:1]
        if len(best) == 1:
            self._finder.learn(reference.address.path or reference.address.shown, best[0])
        return best

    def _fit(self, path: str, available: TimeSpan | None, played: TimeSpan | None) -> int:
        """How many of the timeline's facts a file agrees with; -1 for one that is no video."""
        probe = self._probed(path, True)
        if not isinstance(probe, MediaProbe):
            return -1
        if probe.duration is None:
            return 0
        covers = played is not None and any(
            whole.start <= played.start and played.end <= whole.end + SAME_LENGTH_S
            for whole in _ranges_by_timecode(probe, probe.duration)
        )
        if available is None:
            return int(covers)
        is_as_long = abs(available.duration - probe.duration) <= SAME_LENGTH_S
        return int(covers) + int(is_as_long) + int(available.start == probe.start)

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


def _whole_pattern(reference: Reference) -> ImagePattern:
    """The pattern of an image sequence reference, whose address has it as its name."""
    assert reference.images is not None
    return ImagePattern(reference.address.file_name, reference.images.digits)


def _still(path: str, start: Fraction | None, duration: Fraction | None, whose: str) -> Media:
    reason = f"{whose} is a still picture; nothing moves in it."
    return Media(path, start, duration, reason=reason, is_still=True)


def _ambiguous(whose: str, paths: Sequence[str]) -> str:
    shown = " and ".join(paths[:2]) + (f" and {len(paths) - 2} more" if len(paths) > 2 else "")
    return f"{whose} may be any of {shown}, which fit equally well; say which with --relink OLD=NEW."


def _ranges_by_timecode(probe: MediaProbe, duration: Fraction) -> list[TimeSpan]:
    """What a clip's range may count in by the file's timecode: two ways for a file that runs over midnight."""
    starts = [probe.start] if probe.next_day is None else [probe.start, probe.next_day]
    return [TimeSpan(start, duration) for start in starts]


def _first_frame(
    available: TimeSpan | None, probe: MediaProbe, played: TimeSpan | None, whose: str
) -> tuple[Fraction, str | None]:
    """The media's first frame in the clip's source time, and a notice where the parts disagree.

    The timeline's word comes first, then the file's timecode, over midnight too, then a count from zero; each is
    taken only if the clip plays something of the media by it.
    """
    readings = [] if available is None else [available]
    if probe.duration is not None:
        readings += [*_ranges_by_timecode(probe, probe.duration), TimeSpan(Fraction(0), probe.duration)]
    if not readings:
        return probe.start, None
    if played is not None:
        for reading in readings:
            if played.overlaps(reading):
                is_next_day = reading.start == probe.next_day and readings[0].start == probe.start
                is_expected = reading is readings[0] or is_next_day
                return reading.start, None if is_expected else _disagreement(whose, reading.start)
    return readings[0].start, None


def _of_other_rate(reference: Reference, probe: MediaProbe, whose: str) -> str | None:
    """A notice where the entry has all frames of the file, but at another rate.

    That is how a film that is interpreted at another rate would look, and also a range with a careless rate on media
    that plays at its own: no export that was seen tells them apart. A range of the file's length is neither, at
    whatever rate it is written.
    """
    available, told, own = reference.available, reference.rate, probe.rate
    if available is None or probe.duration is None or told is None or own is None:
        return None
    has_all_frames = abs(available.duration * told - probe.duration * own) <= 1
    if not has_all_frames or abs(available.duration - probe.duration) <= SAME_LENGTH_S:
        return None
    return (
        f"{whose} counts its media at {float(told):.6g} frames a second, but the file has {float(own):.6g}, at which "
        "it is watched; if your editor plays it slower or faster than that, render it to a file and relink it."
    )


def _disagreement(whose: str, start: Fraction) -> str:
    counted = "from zero" if start == 0 else "by its file's timecode"
    return f"{whose} counts its media {counted}, unlike the rest of its entry says; check its picture."
