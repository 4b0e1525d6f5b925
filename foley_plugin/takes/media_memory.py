"""Where a project's media lie and how its cuts are read, remembered in its folder: nobody has to say it twice.

Small files of their own beside the database: they are read before a project is opened, and may be written
while another program holds the project.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import msgspec

from foley_plugin.takes.errors import ProjectError
from foley_plugin.timeline.media_places import MediaPlaces
from foley_plugin.timeline.records import AS_IT_STANDS, Reading

FILE_NAME = "media.json"
READINGS_NAME = "reading.json"


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
    _write(project, FILE_NAME, msgspec.json.encode(places))


def read_reading(project: Path, cut_name: str) -> Reading:
    """How a cut of this file name was read the last time somebody said so."""
    return _readings(project).get(cut_name, AS_IT_STANDS)


def write_reading(project: Path, cut_name: str, reading: Reading) -> None:
    """Remember which timeline of a file is meant, and an EDL's rate.

    Raises:
        ProjectError: the folder cannot be written.
    """
    _write(project, READINGS_NAME, msgspec.json.encode(_readings(project) | {cut_name: reading}))


def _readings(project: Path) -> dict[str, Reading]:
    try:
        return msgspec.json.decode((project / READINGS_NAME).read_bytes(), type=dict[str, Reading])
    except (OSError, msgspec.MsgspecError):
        return {}


def _write(project: Path, name: str, content: bytes) -> None:
    try:
        project.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=project, prefix=f".{name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.format(content, indent=2) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, project / name)
    except OSError as error:
        raise ProjectError(
            f"What was said of the cut could not be remembered in {project} ({error.strerror}); "
            "give another folder with --project."
        ) from error
