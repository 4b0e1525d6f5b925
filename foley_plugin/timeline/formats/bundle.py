"""Bundles, .otioz and .otiod: a timeline with its media, none of which may lie outside."""

from __future__ import annotations

import contextlib
import hashlib
import lzma
import os
import posixpath
import re
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import platformdirs

from foley_plugin.timeline.document_parts import brief
from foley_plugin.timeline.errors import TimelineNotFound, TimelineTooLarge, TimelineUnreadable
from foley_plugin.timeline.formats.content import BUNDLE_CONTENT
from foley_plugin.timeline.formats.converted import Converted
from foley_plugin.timeline.formats.otio_json import parsed
from foley_plugin.timeline.guards import Json, schema_name
from foley_plugin.timeline.urls import Place, parsed_url

MAX_CONTENT_BYTES = 256 * 2**20
MAX_MEMBERS = 20_000
MAX_MEMBER_BYTES = 512 * 2**30
MAX_RATIO = 200
"""Of media, which is packed already; text packs better, and is bounded by its size."""
RATIO_MATTERS_FROM_BYTES = 64 * 2**20
CHUNK_BYTES = 4 * 2**20
SPARE_BYTES = 256 * 2**20
CACHE_VARIABLE = "FOLEY_CACHE"
DAMAGED = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
"""What zipfile raises on a damaged archive; an encrypted one is a RuntimeError."""

_OUTSIDE = "foley_outside_bundle"


def converted_otiod(folder: Path) -> Converted:
    """A bundle folder; its media is played where it lies.

    Raises:
        TimelineError: any of its leaves.
    """
    content = folder / BUNDLE_CONTENT
    root, _, _ = parsed(_bounded(content), folder.name)
    outside: list[str] = []
    real = os.path.realpath(folder)

    def place(inner: str) -> str | None:
        path = os.path.realpath(os.path.join(real, inner))
        return path if path.startswith(real + os.sep) else None

    _place_media(root, place, outside)
    return Converted(root, tuple(_told(outside)))


def converted_otioz(path: Path, folder: Path | None = None) -> tuple[Converted, str]:
    """A zip bundle; the media that its clips name is unpacked into a folder of its own, once.

    Args:
        folder: where to unpack to; the cache by default.

    Returns:
        The timeline and the sha256 of what the bundle holds.

    Raises:
        TimelineError: any of its leaves.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = _checked_members(archive, path.name)
            content = _read(archive, members[BUNDLE_CONTENT], path.name)
            identity = _identity(content, archive.infolist())
            root, _, _ = parsed(content, path.name)
            home = (folder or _cache()) / identity[:20]
            outside: list[str] = []
            _place_media(root, lambda inner: _unpacked(archive, members, inner, home, path.name), outside)
    except DAMAGED as error:
        raise TimelineUnreadable(
            f"{path.name} is a damaged zip file ({' '.join(str(error).split())[:80]}); export the cut again."
        ) from None
    except OSError as error:
        raise TimelineNotFound(f"{path.name} could not be unpacked ({brief(error)}).") from None
    notices = _told(outside)
    if home.is_dir():
        notices.append(f"The media of {path.name} was unpacked to {home}.")
    return Converted(root, tuple(notices)), identity


def _bounded(path: Path) -> bytes:
    with path.open("rb") as file:
        raw = file.read(MAX_CONTENT_BYTES + 1)
    if len(raw) > MAX_CONTENT_BYTES:
        raise TimelineTooLarge(
            f"{path} is larger than {MAX_CONTENT_BYTES // 2**20} MB; export a shorter part."
        )
    return raw


def _cache() -> Path:
    named = os.environ.get(CACHE_VARIABLE)
    return (Path(named) if named else platformdirs.user_cache_path("foley")) / "bundles"


def _checked_members(archive: zipfile.ZipFile, file_name: str) -> dict[str, zipfile.ZipInfo]:
    """The members by name; none absolute, none that climbs, no links, no bombs.

    Raises:
        TimelineUnreadable, TimelineTooLarge.
    """
    infos = archive.infolist()
    if len(infos) > MAX_MEMBERS:
        raise TimelineTooLarge(f"{file_name} holds {len(infos)} files, more than any real bundle does.")
    members: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        _check_name(info, file_name)
        if info.file_size > MAX_MEMBER_BYTES or _is_bomb(info):
            raise TimelineTooLarge(
                f"{file_name} holds {_shown(info.filename)}, which would unpack to "
                f"{info.file_size / 2**20:.0f} MB from {info.compress_size / 2**20:.1f}; it is not opened."
            )
        if info.filename in members:
            raise TimelineUnreadable(
                f"{file_name} holds {_shown(info.filename)} twice; export the cut again."
            )
        members[info.filename] = info
    if BUNDLE_CONTENT not in members:
        raise TimelineUnreadable(
            f"{file_name} is a zip file without {BUNDLE_CONTENT}, so it is no OTIOZ; export the cut again."
        )
    return members


def _check_name(info: zipfile.ZipInfo, file_name: str) -> None:
    name = info.filename
    parts = re.split(r"[\\/]", name)
    is_link = stat.S_ISLNK(info.external_attr >> 16)
    is_absolute = name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name)
    if is_link or is_absolute or ".." in parts or "\0" in name or not name:
        raise TimelineUnreadable(
            f"{file_name} holds {_shown(name)}, which would lie outside the bundle; it is not opened."
        )


def _is_bomb(info: zipfile.ZipInfo) -> bool:
    if info.file_size < RATIO_MATTERS_FROM_BYTES:
        return False
    return info.file_size > MAX_RATIO * max(1, info.compress_size)


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, file_name: str) -> bytes:
    """A member in memory, bounded by what really comes out of it."""
    with archive.open(info) as file:
        content = file.read(MAX_CONTENT_BYTES + 1)
    if len(content) > MAX_CONTENT_BYTES:
        raise TimelineTooLarge(f"The timeline in {file_name} is too large; export a shorter part of the cut.")
    return content


def _identity(content: bytes, infos: list[zipfile.ZipInfo]) -> str:
    """Of the timeline and the directory, which holds every member's checksum: media may be hundreds of GB."""
    digest = hashlib.sha256(content)
    for info in infos:
        digest.update(repr((info.filename, info.file_size, info.CRC)).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _unpacked(
    archive: zipfile.ZipFile,
    members: dict[str, zipfile.ZipInfo],
    inner: str,
    home: Path,
    file_name: str,
) -> str | None:
    """The path of a member on disk, unpacked if it is not there yet; None where there is no such member."""
    info = members.get(inner)
    if info is None or info.is_dir():
        return None
    target = home / inner
    with contextlib.suppress(OSError):
        if target.stat().st_size == info.file_size:
            return str(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(target.parent).free < info.file_size + SPARE_BYTES:
        raise TimelineTooLarge(
            f"There is no room to unpack {_shown(inner)} of {file_name} to {home}; "
            f"free {info.file_size / 2**20:.0f} MB, or export the cut as .otio with its media beside it."
        )
    part = target.with_name(f"{target.name[:100]}.{os.getpid()}.part")
    try:
        with archive.open(info) as source, part.open("wb") as file:
            left = info.file_size
            while chunk := source.read(min(CHUNK_BYTES, left + 1)):
                left -= len(chunk)
                if left < 0:
                    raise TimelineTooLarge(f"{_shown(inner)} in {file_name} is larger than it says.")
                file.write(chunk)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    return str(target)


def _place_media(root: Json, place: Callable[[str], str | None], outside: list[str]) -> None:
    """Put plain absolute paths for the bundle's relative ones; leave out what lies elsewhere."""
    for reference in _references(root):
        key = "target_url" if schema_name(reference) == "ExternalReference" else "target_url_base"
        url = reference.get(key)
        if not isinstance(url, str) or not url:
            continue
        path = next(filter(None, map(place, _inner_names(url))), None)
        if path is None:
            outside.append(url)
            reference["metadata"] = {**_dict(reference.get("metadata")), _OUTSIDE: url}
            reference[key] = ""
        else:
            reference[key] = path


def _inner_names(url: str) -> list[str]:
    """A reference's readings inside the bundle; none where it is absolute, remote or climbs out."""
    address = parsed_url(url, "/bundle", windows=False)
    if address.place is not Place.LOCAL or url.startswith(("/", "\\")):
        return []
    inner = [posixpath.relpath(path, "/bundle") for path in address.candidates]
    return [name for name in inner if not name.startswith("..")]


def _references(root: Json) -> Iterator[Json]:
    pending: list[object] = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            if schema_name(node) in ("ExternalReference", "ImageSequenceReference"):
                yield node
            pending += node.values()
        elif isinstance(node, list):
            pending += node


def _dict(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _told(outside: list[str]) -> list[str]:
    if not outside:
        return []
    more = f" and {len(outside) - 1} more" if len(outside) > 1 else ""
    return [
        f"The bundle does not hold {_shown(outside[0])}{more}; what lies outside a bundle is not opened, "
        "so relink it or bundle the cut again with its media."
    ]


def _shown(text: str) -> str:
    return " ".join(text.split()).encode("utf-8", "replace").decode()[:120]
