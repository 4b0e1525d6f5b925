"""What can be wrong with a cut. Every message is one sentence for an editor."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import FoleyError


class TimelineError(FoleyError):
    """A timeline that cannot be used as it stands."""

    code = "timeline"


class TimelineNotFound(TimelineError):
    """No such file, or no permission to read it."""

    code = "timeline_not_found"


class TimelineUnreadable(TimelineError):
    """Not an OpenTimelineIO timeline, or a broken one."""

    code = "timeline_unreadable"


class SeveralTimelines(TimelineUnreadable):
    """A file with several timelines, of which none was chosen. `choices` are their names, in the file's order."""

    code = "timeline_several"

    def __init__(self, sentence: str, choices: Sequence[str] = ()) -> None:
        super().__init__(sentence)
        self.choices = list(choices)


class TimelineTooLarge(TimelineError):
    """Larger or nested deeper than any real cut."""

    code = "timeline_too_large"


class UnsupportedSchema(TimelineError):
    """Written with a schema version that the installed OpenTimelineIO does not know."""

    code = "timeline_schema"


class BadTime(TimelineError):
    """A rate, duration or position that is not a time."""

    code = "timeline_time"


class ReaderFailed(TimelineError):
    """The process that reads timelines crashed, hung or could not start."""

    code = "timeline_reader"


class SelectionError(TimelineError):
    """A clip, track or timecode that the cut does not have."""

    code = "selection"


class WriteRefused(TimelineError):
    """A timeline that must not be written as asked."""

    code = "timeline_write"
