"""Where a project's media lie, remembered in its folder, so that nobody has to say it twice.

A small file of its own beside the database: it is read before a project is opened, and may be written
while another program holds the project.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import msgspec

from foley_plugin.takes.errors import ProjectError
from foley_plugin.timeline.media_places import MediaPlaces

FILE_NAME = "media.json"


def read_media_places(project: Path) -> MediaPlaces:
    """What was remembered; nothing where there is nothing or it cannot be read, since it can be said again."""
    try:
        return msgspec.json.decode((project / FILE_NAME).read_bytes(), type=MediaPlaces)
    except (OSError, msgspec.MsgspecError):
        return MediaPlaces()


def write_media_places(project: Path, places: MediaPlaces) -> None:
    """Remember, whole or not at all.

    Raises:
        ProjectError: the folder cannot be written.
    """
    try:
        project.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=project, prefix=f".{FILE_NAME}.")
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(places), indent=2) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, project / FILE_NAME)
    except OSError as error:
        raise ProjectError(
            f"Where the media lie could not be remembered in {project} ({error.strerror}); "
            "give another folder with --project."
        ) from error
