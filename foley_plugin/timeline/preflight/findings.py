"""What a preflight finds: records that the command line prints and the panel shows."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Severity(StrEnum):
    """How bad a finding is for the import."""

    ERROR = "error"
    """The import would refuse the timeline, or foley itself."""
    WARNING = "warning"
    """It comes in, with something wrong or lost."""
    NOTE = "note"
    """Worth knowing; nothing is wrong."""


class Mend(StrEnum):
    """One-step corrections, done to the written copy alone."""

    LEAVE_OUT = "leave_out"
    """Put a gap in the clip's place."""
    PLAIN_PATH = "plain_path"
    """Name the file by its plain absolute path."""
    ADD_SUFFIX = "add_suffix"
    """Call clip and reference by the file's whole name."""
    TRIM_TO_MEDIA = "trim_to_media"
    """Play only what the media has; gaps keep everything in place."""
    DECIMAL_POINTS = "decimal_points"
    """Write whole numbers of times as 24.0."""
    UNLINK = "unlink"
    """Take the clip out of its link group."""
    LEAVE_OUT_TAKE = "leave_out_take"
    TRIM_TAKE = "trim_take"
    TAKE_CHANNELS = "take_channels"
    """Give the take a track with as many channels as its file has."""


TAKE_MENDS = frozenset({Mend.LEAVE_OUT_TAKE, Mend.TRIM_TAKE, Mend.TAKE_CHANNELS})
"""Those that touch nothing of the cut's own."""


class MendChoice(Struct, frozen=True, omit_defaults=True):
    """One mend that is wanted: which, and of what; see `Finding`."""

    mend: Mend
    at: tuple[int, ...] = ()
    take: int | None = None


class Finding(Struct, frozen=True, omit_defaults=True):
    """One thing that an import would refuse, lose or change.

    `what` and `remedy` are whole sentences; `what` begins with the clip.
    """

    severity: Severity
    clip: str
    """The clip's place and name, the take's file name, or "" for the whole timeline."""
    what: str
    remedy: str
    mend: Mend | None = None
    at: tuple[int, ...] = ()
    """The way to the clip: positions from the timeline's stack down."""
    take: int | None = None
    """The number of the placement, for takes."""

    @property
    def mend_choice(self) -> MendChoice | None:
        """What to ask an export for, to have this mended; None where it cannot be."""
        return None if self.mend is None else MendChoice(self.mend, self.at, self.take)

    @property
    def alters_the_cut(self) -> bool:
        """Whether its mend touches the user's own tracks, which is never done unasked."""
        return self.mend is not None and self.mend not in TAKE_MENDS
