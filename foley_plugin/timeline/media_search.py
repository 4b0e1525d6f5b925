"""The files under the user's search folders, by name. They are listed once, and only if something is missing."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Sequence

from engine.protocol import IMAGE_SUFFIXES
from foley_plugin.timeline.image_numbers import HASHES, ImagePattern
from foley_plugin.timeline.media_places import folded
from foley_plugin.timeline.urls import MEDIA_SUFFIXES

MAX_FILES = 500_000
SEARCH_LIMIT_S = 15.0


class MediaSearch:
    """Args:
    clock: seconds, monotonic.
    """

    def __init__(self, folders: Sequence[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._folders = [os.path.abspath(os.path.expanduser(folder)) for folder in folders]
        self._clock = clock
        self._by_name: dict[str, list[str]] | None = None
        self._by_stem: dict[str, list[str]] = {}
        self._by_shape: dict[str, set[str]] = {}
        self.notices: list[str] = []

    def named(self, name: str) -> list[str]:
        """Files of that name; for a name without a media suffix also those with one."""
        if not self._folders or not name:
            return []
        by_name = self._listed()
        (wanted,) = folded([name])
        found = by_name.get(wanted, [])
        if not found and os.path.splitext(wanted)[1] not in MEDIA_SUFFIXES:
            found = self._by_stem.get(wanted, [])
        return list(found)

    def folders_with(self, pattern: ImagePattern) -> list[str]:
        """Paths in the form of `pattern`, one for each folder that may hold such images."""
        if not self._folders:
            return []
        self._listed()
        folders = self._by_shape.get(_shape(pattern.name), set())
        return [os.path.join(folder, pattern.name) for folder in sorted(folders)]

    def _listed(self) -> dict[str, list[str]]:
        if self._by_name is None:
            self._by_name = {}
            for path in self._files():
                (name,) = folded([os.path.basename(path)])
                self._by_name.setdefault(name, []).append(path)
                stem, suffix = os.path.splitext(name)
                if suffix in MEDIA_SUFFIXES:
                    self._by_stem.setdefault(stem, []).append(path)
                elif suffix in IMAGE_SUFFIXES:
                    self._by_shape.setdefault(_shape(name), set()).add(os.path.dirname(path))
        return self._by_name

    def _files(self) -> Iterator[str]:
        """Regular files and links to them; links to folders are not followed, since they may come round."""
        deadline_s, count = self._clock() + SEARCH_LIMIT_S, 0
        for root in self._folders:
            if not os.path.isdir(root):
                self.notices.append(f"The media folder {root} is not there; reconnect its drive.")
                continue
            for folder, subfolders, names in os.walk(root):
                subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
                count += len(names)
                yield from (os.path.join(folder, name) for name in sorted(names))
                if count > MAX_FILES or self._clock() > deadline_s:
                    self.notices.append(
                        f"The media folder {root} holds too much to look through; give a folder nearer to the media."
                    )
                    return


def _shape(name: str) -> str:
    """A name with every number in it made alike, so that thousands of images are one entry."""
    (same_case,) = folded([name])
    return re.sub(rf"-?(?:\d+|{HASHES}+)", HASHES, same_case)
