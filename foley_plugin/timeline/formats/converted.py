"""What a format's reader gives back."""

from __future__ import annotations

from dataclasses import dataclass

from foley_plugin.timeline.guards import Json


@dataclass(frozen=True)
class Converted:
    """A timeline of another format as OpenTimelineIO JSON.

    Attributes:
        root: a Timeline, or a SerializableCollection of several.
        notices: what had to be guessed or left out, whole sentences.
        drop_frame: how the timeline counts; None where the file does not say.
    """

    root: Json
    notices: tuple[str, ...] = ()
    drop_frame: bool | None = None
