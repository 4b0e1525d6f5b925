"""OTIOZ: a zip of version.txt, content.otio and media/, which OpenTimelineIO itself opens.

Media lies in it as it is, not deflated, so that it can be read in place; beyond 4 GB by ZIP64.
"""

from __future__ import annotations

import os
import re
import shutil
import zipfile
from collections.abc import Callable, Sequence
from typing import BinaryIO

import msgspec

from foley_plugin.timeline.guards import Json, schema_name
from foley_plugin.timeline.out.media_files import MediaFiles
from foley_plugin.timeline.out.seats import seats_of
from foley_plugin.timeline.records import Placement

VERSION = b"1.0.0"
MEDIA_FOLDER = "media"
COPY_BYTES = 1 << 20
ZIP64_FROM_BYTES = 1 << 31
_UNSAFE = re.compile(r"[^\w.\- ()]|\s")


class Bundle:
    """What goes into a bundle: paths on disk to names inside, unique whatever the folders were."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self._taken: set[str] = set()

    def add(self, path: str) -> str:
        """The path inside the bundle, with forward slashes."""
        if path not in self.names:
            stem, suffix = os.path.splitext(_UNSAFE.sub("_", os.path.basename(path)))
            name, number = f"{stem}{suffix}", 1
            while name.casefold() in self._taken:
                number += 1
                name = f"{stem}_{number}{suffix}"
            self._taken.add(name.casefold())
            self.names[path] = f"{MEDIA_FOLDER}/{name}"
        return self.names[path]


def bundled_takes(placements: Sequence[Placement], bundle: Bundle) -> list[Placement]:
    """The placements with their WAVs inside the bundle."""
    return [msgspec.structs.replace(each, wav=bundle.add(each.wav)) for each in placements]


def bundle_picture(timeline: Json, folder: str, files: MediaFiles, bundle: Bundle) -> list[str]:
    """Point a copied timeline's clips into the bundle; returns the paths that did not decode.

    Only what a decoder has opened goes in: a bundle is opened elsewhere without a second look.
    """
    left_out: list[str] = []
    for seat in seats_of(timeline, folder, files.whole_of):
        if schema_name(seat.reference) != "ExternalReference" or not seat.has_media:
            continue
        path, is_there = files.path_of(seat)
        if is_there and files.streams(path) is not None:
            seat.reference["target_url"] = bundle.add(path)
        elif path not in left_out:
            left_out.append(path)
    return left_out


def bundle_writer(content: bytes, bundle: Bundle) -> Callable[[BinaryIO], None]:
    """Writes the bundle into an open file, media streamed."""

    def write(out: BinaryIO) -> None:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr("version.txt", VERSION)
            archive.writestr("content.otio", content, compress_type=zipfile.ZIP_DEFLATED)
            for path, name in bundle.names.items():
                _store(archive, path, name)

    return write


def _store(archive: zipfile.ZipFile, path: str, name: str) -> None:
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_STORED
    entry.external_attr = 0o644 << 16
    is_long = os.path.getsize(path) >= ZIP64_FROM_BYTES
    with open(path, "rb") as source, archive.open(entry, "w", force_zip64=is_long) as inside:
        shutil.copyfileobj(source, inside, COPY_BYTES)


def check_bundle(file: BinaryIO) -> None:
    """Read every byte back and compare check sums.

    Raises:
        OSError: something came back changed.
    """
    with zipfile.ZipFile(file) as archive:
        broken = archive.testzip()
    if broken is not None:
        raise OSError(f"{broken} came back from the disk changed")
