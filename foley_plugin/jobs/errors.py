"""What can be wrong with what a user asks of a job."""

from __future__ import annotations

from engine.errors import FoleyError


class BadHits(FoleyError):
    """A file of hits that cannot be used."""

    code = "hits"


class NothingToDo(FoleyError):
    """No clip of the selection can have foley."""

    code = "nothing_to_do"


class NoRoom(FoleyError):
    """No folder can be written for the project or the timeline."""

    code = "no_room"


class CastRefused(FoleyError):
    """A take that cannot be cast, or a cast that is not there."""

    code = "cast"


class CannotSlip(FoleyError):
    """A slip beyond the sound that there is, or of a take that is not there."""

    code = "slip"


class CannotRedo(FoleyError):
    """A take that another cannot be made from, or a part of it that is none."""

    code = "redo"
