"""Where a media reference points, told from its text alone: nothing here touches the disk.

`filepath_from_url` of OpenTimelineIO breaks `E:\\x` and cuts names at `#` and `?`, so the dialects are
parsed here: plain paths of either system, `file:` with an empty or localhost host, percent-encoding,
`D%3a`, UNC, relative paths and bare names.
"""

from __future__ import annotations

import os
import posixpath
import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from pathlib import PurePosixPath, PureWindowsPath
from urllib.parse import unquote

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]+):(?=\S)")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_URL_DRIVE = re.compile(r"/?([A-Za-z])[:|]([\\/].*)", re.DOTALL)


MEDIA_SUFFIXES = frozenset(
    {".mov", ".mp4", ".m4v", ".mxf", ".avi", ".mkv", ".webm", ".mts", ".m2ts", ".mpg", ".mpeg", ".ts", ".wmv"}
    | {".r3d", ".braw", ".dv", ".3gp", ".gif", ".wav", ".bwf", ".aif", ".aiff", ".mp3", ".flac", ".m4a"}
    | {".aac", ".ogg", ".opus"}
)
"""What names of media files end in; other endings (`A001.C002`) belong to the name."""


def is_media_name(name: str) -> bool:
    """Whether this is a bare file name, such as an EDL gives."""
    is_bare = not any(sign in name for sign in "/\\\0")
    return is_bare and os.path.splitext(name)[1].lower() in MEDIA_SUFFIXES


class Place(Enum):
    """What kind of place a reference points to."""

    LOCAL = "local"
    FOREIGN = "foreign"
    """A path of another operating system."""
    NETWORK = "network"
    REMOTE = "remote"
    NOWHERE = "nowhere"


@dataclass(frozen=True)
class MediaAddress:
    """A parsed reference.

    Attributes:
        place: only LOCAL may be looked up on disk.
        candidates: plain absolute paths to try in order; the first is the likeliest reading.
        shown: what to call it in a sentence.
    """

    place: Place
    candidates: tuple[str, ...]
    shown: str

    @property
    def path(self) -> str | None:
        return self.candidates[0] if self.candidates else None

    @property
    def file_name(self) -> str:
        """The last part of the path, whichever way its slashes lean."""
        return re.split(r"[\\/]", self.shown.rstrip("\\/"))[-1]


@lru_cache(maxsize=4096)
def parsed_url(url: str | None, folder: str, *, windows: bool = os.name == "nt") -> MediaAddress:
    """Read a `target_url`; relative ones count from `folder`, the timeline's own."""
    text = (url or "").strip()
    if not text or "\0" in text:
        return MediaAddress(Place.NOWHERE, (), text.replace("\0", ""))
    if text[:5].lower() == "file:":
        return _file_url(text, folder, windows)
    if _DRIVE.match(text) or text.startswith(("\\", "/")):
        return _absolute(text, windows)
    scheme = _SCHEME.match(text)
    if scheme is not None:
        return MediaAddress(Place.REMOTE, (), text)
    return _relative(text, folder, windows)


def _file_url(text: str, folder: str, windows: bool) -> MediaAddress:
    rest = text[5:]
    readings = [unquote(rest), rest] if unquote(rest) != rest else [rest]
    addresses = [_file_url_path(reading, folder, windows) for reading in readings]
    first = addresses[0]
    others = [path for each in addresses[1:] if each.place is first.place for path in each.candidates]
    return MediaAddress(first.place, tuple(dict.fromkeys((*first.candidates, *others))), first.shown)


def _file_url_path(rest: str, folder: str, windows: bool) -> MediaAddress:
    """What follows `file:`, percent-encoding already taken out."""
    if rest.startswith("//"):
        host, slash, path = rest[2:].partition("/")
        if host.lower() in ("", "localhost"):
            rest = slash + path
        elif re.fullmatch(r"[A-Za-z][:|]", host) or _DRIVE.match(rest[2:]):
            rest = rest[2:]
        elif host in (".", ".."):
            rest = host + slash + path
        else:
            return MediaAddress(Place.NETWORK, (), rest.replace("/", "\\"))
    drive = _URL_DRIVE.fullmatch(rest)
    if drive is not None:
        rest = f"{drive[1]}:{drive[2]}"
    if _DRIVE.match(rest) or rest.startswith(("\\", "/")):
        return _absolute(rest, windows)
    return _relative(rest, folder, windows) if rest else MediaAddress(Place.NOWHERE, (), rest)


def _absolute(path: str, windows: bool) -> MediaAddress:
    if path.startswith(("\\\\?\\", "\\\\.\\", "//?/", "//./")):
        inner = path[4:]
        if not _DRIVE.match(inner):
            return MediaAddress(Place.NETWORK, (), path)
        path = inner
    if path.startswith(("\\\\", "//")):
        return MediaAddress(Place.NETWORK, (), path)
    if _DRIVE.match(path):
        shown = str(PureWindowsPath(path))
        return MediaAddress(Place.LOCAL if windows else Place.FOREIGN, (shown,), shown)
    if path.startswith("\\") or windows:
        return MediaAddress(Place.FOREIGN, (path,), path)
    decoded = unquote(path)
    is_other = decoded != path and "\0" not in decoded and not decoded.startswith("//")
    return MediaAddress(Place.LOCAL, (path, decoded) if is_other else (path,), path)


def _relative(text: str, folder: str, windows: bool) -> MediaAddress:
    decoded = unquote(text)
    readings = [text] if _leaves_folder(decoded) else [text, decoded]
    if windows:
        paths = [str(PureWindowsPath(folder, each)) for each in readings]
    else:
        readings += [each.replace("\\", "/") for each in readings]
        paths = [posixpath.normpath(str(PurePosixPath(folder, each))) for each in readings]
    return MediaAddress(Place.LOCAL, tuple(dict.fromkeys(paths)), text)


def _leaves_folder(decoded: str) -> bool:
    """Whether decoding turned a relative path into a network or absolute one, or into no path at all."""
    return decoded.startswith(("/", "\\")) or bool(_DRIVE.match(decoded)) or "\0" in decoded
