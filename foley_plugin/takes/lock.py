"""One writer a project: a lock file that says who holds it.

The file is made with O_EXCL, which holds on network volumes too. A lock whose process is gone on this very
computer is taken over; a lock from another computer cannot be checked and is believed.
"""

from __future__ import annotations

import getpass
import os
import platform
import time
import uuid
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from foley_plugin.takes.errors import ProjectError, ProjectLocked

LOCK_NAME = "foley.lock"
_CLOCK_TOLERANCE_S = 120.0
"""A corrected system clock moves the start times of running processes."""

_HALF_WRITTEN_TRIES = 10
_HALF_WRITTEN_WAIT_S = 0.05


class Holder(Struct, frozen=True):
    """Who holds a project."""

    token: str
    pid: int
    process_started_s: float
    """Seconds since 1970; tells a process from a later one with the same number."""
    host: str
    user: str
    since: str

    def is_gone(self) -> bool:
        """Whether the holder is known to have ended; False where that cannot be known from here."""
        if self.host != platform.node():
            return False
        import psutil  # here, since the panel starts without it

        try:
            started_s = psutil.Process(self.pid).create_time()
        except psutil.NoSuchProcess:
            return True
        except psutil.Error:
            return False
        return abs(started_s - self.process_started_s) > _CLOCK_TOLERANCE_S


class ProjectLock:
    """The lock of one project folder, held from construction to `release`.

    Raises:
        ProjectLocked: somebody else holds it; the sentence says who, and since when.
        ProjectError: the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOCK_NAME
        self._holder = _ourselves()
        try:
            self._acquire()
        except ProjectError:
            raise
        except OSError as error:
            raise ProjectError(
                f"The project folder {folder} cannot be written ({error.strerror}); "
                "choose another with --project."
            ) from error

    def release(self) -> None:
        """Give the lock back; nothing happens where it is no longer ours."""
        holder = read_holder(self._path)
        if holder is not None and holder.token == self._holder.token:
            self._path.unlink(missing_ok=True)

    def _acquire(self) -> None:
        if self._create():
            return
        other = self._read_other()
        if other is not None and not other.is_gone():
            raise ProjectLocked(_told(self._path, other))
        self._remove_stale(other)
        if not self._create():
            newer = read_holder(self._path)
            raise ProjectLocked(_told(self._path, newer or self._holder))

    def _read_other(self) -> Holder | None:
        """The holder; its file may be there a moment before its words are."""
        for _ in range(_HALF_WRITTEN_TRIES):
            holder = read_holder(self._path)
            if holder is not None:
                return holder
            time.sleep(_HALF_WRITTEN_WAIT_S)
        return None

    def _create(self) -> bool:
        try:
            handle = os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
        except FileExistsError:
            return False
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(self._holder))
            file.flush()
            os.fsync(file.fileno())
        return True

    def _remove_stale(self, stale: Holder | None) -> None:
        """Move the lock aside, look at it once more, and put it back if it was a newer one after all."""
        aside = self._path.with_name(f"{LOCK_NAME}.{self._holder.token}")
        try:
            os.rename(self._path, aside)
        except FileNotFoundError:
            return
        moved = read_holder(aside)
        if moved == stale:
            aside.unlink(missing_ok=True)
        elif not self._path.exists():
            os.rename(aside, self._path)


def read_holder(path: Path) -> Holder | None:
    """Who wrote a lock file; None where there is none or it was left half-written by a crash."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Holder)
    except (OSError, msgspec.MsgspecError):
        return None


def _ourselves() -> Holder:
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = "somebody"
    import psutil

    return Holder(
        token=uuid.uuid4().hex,
        pid=os.getpid(),
        process_started_s=psutil.Process().create_time(),
        host=platform.node(),
        user=user,
        since=datetime.now().astimezone().strftime("%Y-%m-%d %H:%M"),
    )


def _told(path: Path, holder: Holder) -> str:
    return (
        f"The project {path.parent} is in use by {holder.user} on {holder.host} since {holder.since} "
        f"(process {holder.pid}); close it there, or choose another folder with --project."
    )
