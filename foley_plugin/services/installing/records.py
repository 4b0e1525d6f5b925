"""What an installation has put where, so that it can be taken away again to the last file."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

import msgspec
import platformdirs
from msgspec import Struct

from engine.errors import FoleyError
from foley_plugin.services.settings import APP_NAME

RECORDS_FOLDER = "installs"


class InstallFailed(FoleyError):
    """A folder that cannot be written, or a part of foley that is missing."""

    code = "install"


class PlannedFile(Struct, frozen=True):
    """A file that an installation wants."""

    path: Path
    content: bytes
    is_executable: bool = False


class InstalledFile(Struct, frozen=True):
    """A file as it was when we put it there."""

    path: str
    sha256: str

    def is_there(self) -> bool:
        return os.path.exists(self.path)

    def is_ours(self) -> bool:
        """Whether nobody has changed it since. One that cannot be read is somebody's."""
        try:
            return sha256_of(Path(self.path).read_bytes()) == self.sha256
        except OSError:
            return False


class Installation(Struct, frozen=True):
    """What is installed for one editing program."""

    editor: str
    command: list[str]
    """The words that start the foley which the files point to."""
    files: list[InstalledFile]
    folders: list[str] = []
    """Those that were not there before, inner ones first."""


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def default_records() -> Path:
    """The folder of the records, in the user's own data."""
    return platformdirs.user_data_path(APP_NAME, appauthor=False) / RECORDS_FOLDER


def read_installation(editor: str, records: Path) -> Installation | None:
    """None where nothing is recorded.

    Raises:
        InstallFailed: a record that is there cannot be read.
    """
    path = _path(editor, records)
    try:
        return msgspec.json.decode(path.read_bytes(), type=Installation)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise InstallFailed(
            f"The record {path} of what was installed cannot be read ({error}); "
            f"delete it and run foley install {editor} again."
        ) from error


def write_installation(installation: Installation, records: Path) -> None:
    """Write whole or not at all.

    Raises:
        InstallFailed: the folder cannot be written.
    """
    content = msgspec.json.format(msgspec.json.encode(installation), indent=2)
    try:
        records.mkdir(parents=True, exist_ok=True)
        write_file(PlannedFile(_path(installation.editor, records), content))
    except OSError as error:
        raise InstallFailed(f"{records} cannot be written ({error.strerror}); free some space.") from error


def remove_record(editor: str, records: Path) -> None:
    _path(editor, records).unlink(missing_ok=True)


def write_file(file: PlannedFile) -> None:
    """Write a file of ours, over an older one of ours, whole or not at all.

    Raises:
        OSError.
    """
    handle, temporary = tempfile.mkstemp(dir=file.path.parent, prefix=".foley-")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(file.content)
            out.flush()
            os.fsync(out.fileno())
        if os.name == "posix":
            os.chmod(temporary, 0o755 if file.is_executable else 0o644)
        os.replace(temporary, file.path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _path(editor: str, records: Path) -> Path:
    return records / f"{editor}.json"
