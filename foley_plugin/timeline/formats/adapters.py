"""OpenTimelineIO's single adapters, each asked for by its name; none guesses by a suffix."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from foley_plugin.timeline.errors import TimelineError, TimelineTooLarge, TimelineUnreadable
from foley_plugin.timeline.guards import Json, check_structure, too_deep

REASON_LENGTH = 160


def json_of_string(text: str, adapter: str, what: str, file_name: str, **options: Any) -> Json:
    """A timeline's text as OpenTimelineIO JSON.

    Args:
        what: the format's name in a sentence.

    Raises:
        TimelineUnreadable, TimelineTooLarge.
    """
    import opentimelineio as otio

    return _checked(
        lambda: otio.adapters.read_from_string(text, adapter_name=adapter, **options), what, file_name
    )


def json_of_file(path: Path, adapter: str, what: str, file_name: str, **options: Any) -> Json:
    """A timeline file as OpenTimelineIO JSON; raises as `json_of_string` does."""
    import opentimelineio as otio

    return _checked(
        lambda: otio.adapters.read_from_file(str(path), adapter_name=adapter, **options), what, file_name
    )


def _checked(read: Any, what: str, file_name: str) -> Json:
    """Adapters raise what they like on a broken file: KeyError, AttributeError, struct.error."""
    import opentimelineio as otio

    try:
        root = json.loads(otio.adapters.write_to_string(read(), "otio_json"))
    except (TimelineError, MemoryError):
        raise
    except RecursionError:
        raise TimelineTooLarge(too_deep(file_name)) from None
    except Exception as error:
        raise TimelineUnreadable(
            f"{file_name} is {what} that cannot be read ({_reason(error)}); export the cut again, "
            "or export it as OTIO."
        ) from None
    check_structure(root, file_name)
    return root  # type: ignore[no-any-return]


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split()).strip("'\" .")
    text = text.encode("utf-8", "replace").decode()
    name = type(error).__name__
    return f"{name}: {text[:REASON_LENGTH]}" if text else name
