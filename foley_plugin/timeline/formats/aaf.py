"""AAF, by OpenTimelineIO's adapter, which links clips to the media that their mobs name."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from foley_plugin.timeline.formats.adapters import json_of_file
from foley_plugin.timeline.formats.converted import Converted


def converted_aaf(raw: bytes, file_name: str) -> Converted:
    """The AAF's compositions as timelines.

    The adapter takes a path alone; the file that it gets holds the very bytes that were hashed.

    Raises:
        TimelineError: any of its leaves.
    """
    descriptor, name = tempfile.mkstemp(suffix=".aaf")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(raw)
        return Converted(json_of_file(Path(name), "AAF", "an AAF", file_name))
    finally:
        Path(name).unlink(missing_ok=True)
