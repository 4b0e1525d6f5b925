"""The events of an EDL, one by one: what goes out, what comes in, on which channel.

Lists give the picture and the sound of one edit as events of one number, which only a transition's two lines
have in the adapter's eyes; they name channels in ways that it does not split (`VA1`, `AUD  3  4`), hold keys
(a title over its background), leave reels empty or put spaces into them, and write notes of any form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from foley_plugin.timeline.formats.edl_timecodes import (
    HALF_A_DAY,
    a_day_later,
    codes_of,
    has_timecode,
    numbers_of,
    past_midnight,
)

CUT = "C"

UNKNOWN_REEL = "AX"

KEY_CHANNEL = "V2"
"""Where the foreground of a key lies: over its background."""

MAX_EVENT_LENGTH = 500
"""Characters; a line of the standard has 80."""

_FIELDS = re.compile(
    r"^(?P<number>\d+)\s+(?:(?P<reel>.*?)\s+)??(?P<channels>[A-Z0-9/]+)\s+"
    r"(?P<edit>C|D|W\d{1,3}|K)(?:\s+(?P<key>[BO]))?(?:\s+\(F\))?(?:\s+(?P<frames>\d{1,4}))?\s+\d{1,2}[:;.]",
    re.IGNORECASE,
)
_BEGINS_EVENT = re.compile(r"\d+\s")
_KNOWN_CODES = ("A", "AA", "B", "A2/V", "AA/V")
_SEVERAL_CHANNELS = re.compile(r"(?:V\d?|A\d{0,2}|B|/)+")
_CHANNEL = re.compile(r"V\d?|AA|A\d{0,2}|B")
_SOUND_CHANNELS = re.compile(r"AUD((?:\s+\d{1,2})+)", re.IGNORECASE)
_HEADS = ("TITLE:", "FCM:", "SPLIT:")
_GRADE = re.compile(r"\*?\s*ASC_S(?:OP|AT)\b", re.IGNORECASE)
_PLAIN_GRADE = re.compile(
    r"\*?\s*(?:ASC_SOP:?\s*(?:\(\s*[-+\d.]+(?:,? [-+\d.]+,?){2}\)\s*){3}|ASC_SAT:?\s*[-+\d.]+)"
)


@dataclass(frozen=True)
class Event:
    """One edit.

    Attributes:
        channel: as the adapter names it.
        edit: `C`, `D` or `W` with the wipe's number.
        frames: a transition's length; empty for a cut.
        codes: source in and out, record in and out; past midnight they count on from 24 hours.
        comments: the lines below, speeds among them.
    """

    number: str
    reel: str
    channel: str
    edit: str
    frames: str
    codes: tuple[str, ...]
    comments: tuple[str, ...] = ()


Group = tuple[Event, ...]
"""An event, or what goes out in a transition and what comes in."""


def groups_of(lines: Sequence[str]) -> list[Group]:
    """In record order; what stands before the first event is not passed on.

    Raises:
        ValueError: a line that begins as an event's and is none, as its only argument.
    """
    groups: list[Group] = []
    for event in _in_one_count([each for events in _events(lines) for each in events]):
        partner = _partner(groups, event)
        if partner is not None:
            groups[partner] = (*groups[partner], event)
        else:
            groups.append((replace(event, edit=CUT, frames=""),))
    return sorted(_with_shared_comments(groups), key=lambda group: numbers_of(group[0].codes[2]))


def _in_one_count(events: list[Event]) -> list[Event]:
    """Where one event's record times run over midnight, what lies on the next day counts on from 24 hours too."""
    if all(numbers_of(event.codes[3])[0] < 24 for event in events):
        return events
    return [
        replace(event, codes=(*event.codes[:2], *map(a_day_later, event.codes[2:])))
        if numbers_of(event.codes[2])[0] < HALF_A_DAY
        else event
        for event in events
    ]


def _events(lines: Sequence[str]) -> Iterator[list[Event]]:
    """Those of one line each: one on each of its channels."""
    events: list[Event] = []
    for line in lines:
        if _BEGINS_EVENT.match(line) and has_timecode(line):
            yield events
            events = _events_of(line)
        elif sound := _SOUND_CHANNELS.fullmatch(line):
            events += [
                replace(event, channel=f"A{number}") for event in events[:1] for number in sound[1].split()
            ]
        elif not line.upper().startswith(_HEADS):
            events = [replace(event, comments=(*event.comments, line)) for event in events]
    yield events


def _events_of(line: str) -> list[Event]:
    fields = _FIELDS.match(line) if len(line) <= MAX_EVENT_LENGTH else None
    codes = codes_of(line)
    if fields is None or not codes:
        raise ValueError(line)
    edit, frames, channels = fields["edit"].upper(), fields["frames"] or "", fields["channels"].upper()
    if edit == "K":
        is_background = (fields["key"] or "").upper() == "B"
        edit, frames, channels = CUT, "", channels if is_background else KEY_CHANNEL
    if (edit == CUT) != (frames == ""):
        raise ValueError(line)
    reel = "_".join((fields["reel"] or UNKNOWN_REEL).split())
    source_in, source_out, record_in, record_out = codes
    codes = [
        source_in,
        past_midnight(source_in, source_out),
        record_in,
        past_midnight(record_in, record_out),
    ]
    return [
        Event(fields["number"], reel, channel, edit, frames, tuple(codes)) for channel in _channels(channels)
    ]


def _channels(code: str) -> list[str]:
    """A code that says several, as those that the adapter knows; any other as it is."""
    if code in _KNOWN_CODES or _SEVERAL_CHANNELS.fullmatch(code) is None:
        return [code]
    return list(dict.fromkeys(_CHANNEL.findall(code)))


def _partner(groups: list[Group], event: Event) -> int | None:
    """What goes out where `event` comes in: the last single event of its number and channel."""
    if event.edit == CUT:
        return None
    for index in range(len(groups) - 1, -1, -1):
        if groups[index][0].number != event.number:
            break
        if len(groups[index]) == 1 and groups[index][0].channel == event.channel:
            return index
    return None


def _with_shared_comments(groups: list[Group]) -> list[Group]:
    """Picture and sound of one number have their comments together, below the last of them."""
    shared: list[Group] = []
    number = ""
    comments: tuple[str, ...] = ()
    for group in reversed(groups):
        own = tuple(comment for event in group for comment in event.comments)
        if own or group[0].number != number:
            number, comments = group[0].number, own
        shared.append(group if own else (*group[:-1], replace(group[-1], comments=comments)))
    return shared[::-1]


def comment_lines(event: Event) -> Iterator[str]:
    """The comments in forms that the adapter does not stumble over: no digit first, grades in plain numbers."""
    for line in event.comments:
        if line[0].isdigit():
            yield f"* {line}"
        elif _GRADE.match(line) and not _PLAIN_GRADE.fullmatch(line):
            yield f"** {line.lstrip('* ')}"
        else:
            yield line
