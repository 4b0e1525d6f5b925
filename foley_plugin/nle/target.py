"""What differs between the editing programs that a timeline is written for. Knows no timeline file.

A target is one file of this folder and one line in `targets.py`: how it is written and what its import is
known to refuse or to lose. The preflight reads the latter, so that no target has rules of its own elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from foley_plugin.nle.sequence import Sequence

Metadata = dict[str, object]
WriteSequence = Callable[[Sequence, BinaryIO, bool], None]
"""The cut, a file that is open for reading and writing, and whether media goes into it."""


class Trait(StrEnum):
    """Something that a cut may hold and a format or its import may not carry."""

    SLOW = "slow"
    FAST = "fast"
    REVERSE = "reverse"
    FREEZE = "freeze"
    RAMP = "ramp"
    TITLE = "title"
    NEST = "nest"
    DISSOLVE = "dissolve"
    OTHER_TRANSITION = "transition"
    UPPER_TRANSITION = "transition above the lowest video track"
    SOUND_TRANSITION = "transition of sound"
    MARKER = "marker"
    LOOSE_MARKER = "marker on what is no clip"
    EFFECT = "effect"
    IMAGE_SEQUENCE = "image sequence"
    LINK = "link"
    DISABLED = "disabled"


class MediaPaths(StrEnum):
    """How a program wants to be told where a file lies."""

    ANY = "any"
    """Plain, file URL or relative, as the source has it."""
    PLAIN = "plain"
    """Absolute, without a scheme."""
    OURS = "ours"
    """The writer makes them; the source's spelling does not matter."""


@dataclass(frozen=True)
class Imports:
    """What an import is known to do. Facts, read from exports or told by users.

    Attributes:
        loses: trait to what becomes of it, the end of a sentence that begins with the clip.
        refuses: trait to why the whole import fails on it.
        missing_media: "refused" where one missing file stops the import, "offline" where the clip only
            comes in without media.
        paths: how files are named in the source.
        bad_in_paths: what stops the import where a path holds it, a regular expression.
        names_with_suffix: clips and references must bear the file's whole name.
        decimal_points: times must be written as 24.0.
        partial_links: a link group of which only one clip is left does harm.
    """

    loses: dict[Trait, str]
    refuses: dict[Trait, str]
    missing_media: str = "offline"
    paths: MediaPaths = MediaPaths.OURS
    bad_in_paths: str = ""
    names_with_suffix: bool = False
    decimal_points: bool = False
    partial_links: bool = False


EVERYTHING = Imports({}, {}, paths=MediaPaths.ANY)


def _no_metadata(num_channels: int) -> Metadata:
    return {}


def _no_effects(gain_db: float) -> list[Metadata]:
    return []


@dataclass(frozen=True)
class NleTarget:
    """One editing program, or one format of it.

    Attributes:
        name: as on the command line.
        track_metadata, clip_metadata: what its own exports write on audio tracks and clips, by the number
            of channels.
        gain_effects: the OTIO effects by which it reads a clip's gain in dB; none where it reads no such thing.
        title: what people call it.
        suffix: of its files.
        imports: what the preflight warns of.
        write: writes the whole cut anew; None for targets that are the source's own JSON with new tracks.
        check: reads back what `write` has put on disk, and raises `OSError`; None for text, which is
            compared as a whole.
        is_bundle: media travels in the file.
        caveat: a sentence that the user reads before relying on it.
        unavailable: why it cannot be written, a whole sentence.
    """

    name: str
    track_metadata: Callable[[int], Metadata] = _no_metadata
    clip_metadata: Callable[[int], Metadata] = _no_metadata
    gain_effects: Callable[[float], list[Metadata]] = _no_effects
    title: str = ""
    suffix: str = ".otio"
    imports: Imports = EVERYTHING
    write: WriteSequence | None = None
    check: Callable[[BinaryIO], None] | None = None
    is_bundle: bool = False
    caveat: str = ""
    unavailable: str = ""
