"""Where a referenced file is on this computer: the user's relinks, the timeline's word, search folders.

A file that a search found tells where its whole tree has gone: others under the same root are looked for
there first. Paths of the network are tried only with the user's word, addresses of other kinds never.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence

from foley_plugin.timeline.image_numbers import ImagePattern, image_pattern, numbers_on_disk
from foley_plugin.timeline.media_places import (
    MediaPlaces,
    Relink,
    common_tail,
    path_parts,
    relinked,
    roots_of,
)
from foley_plugin.timeline.media_search import MediaSearch
from foley_plugin.timeline.urls import MediaAddress, Place

DEVICES = ("\\\\.\\", "\\\\?\\", "//./", "//?/")


class MediaFinder:
    """Finds files and image sequences; a sequence's path has `#` for the digits of its numbers.

    Args:
        windows: whether paths of shares mean something to this system.
    """

    def __init__(self, places: MediaPlaces, *, windows: bool = os.name == "nt") -> None:
        self.search = MediaSearch(places.folders)
        self._relinks = sorted(places.relinks, key=lambda each: -len(path_parts(each.old)))
        self._learned: list[Relink] = []
        self._network = places.network and windows
        self._regular: dict[str, bool] = {}
        self._numbers: dict[str, frozenset[int]] = {}

    def find(
        self, address: MediaAddress, pattern: ImagePattern | None, other_names: Sequence[str] = ()
    ) -> list[str]:
        """The path, or several that fit equally well, or none.

        Args:
            pattern: of an image sequence, which the address then names too.
        """
        spellings = list(dict.fromkeys(each for each in (*address.candidates, address.shown) if each))
        told = (relinked(each, relink) for relink in self._relinks for each in spellings)
        found = self._first(told, pattern) or self._first(self._openable(address), pattern)
        if found is None:
            learned = (relinked(each, relink) for relink in self._learned for each in spellings)
            found = self._first(learned, pattern)
        if found is not None:
            return [found]
        return self._searched(address, pattern, other_names)

    def learn(self, named: str, found: str) -> None:
        """A file has turned up elsewhere: the tree around it may have moved with it."""
        roots = roots_of(named, found)
        if roots is not None and roots not in self._learned:
            self._learned.insert(0, roots)

    def numbers(self, pattern_path: str, digits: int) -> frozenset[int]:
        """The numbers of a sequence's images that are on disk."""
        if pattern_path not in self._numbers:
            self._numbers[pattern_path] = numbers_on_disk(pattern_path, digits)
        return self._numbers[pattern_path]

    def _openable(self, address: MediaAddress) -> Iterator[str]:
        if address.place is Place.LOCAL:
            yield from address.candidates
        elif address.place is Place.NETWORK and self._network and not address.shown.startswith(DEVICES):
            yield address.shown

    def _first(self, paths: Iterable[str | None], pattern: ImagePattern | None) -> str | None:
        return next((path for path in paths if path and self._is_there(path, pattern)), None)

    def _is_there(self, path: str, pattern: ImagePattern | None) -> bool:
        if pattern is not None:
            return bool(self.numbers(path, pattern.digits))
        if path not in self._regular:
            self._regular[path] = is_regular_file(path)
        return self._regular[path]

    def _searched(
        self, address: MediaAddress, pattern: ImagePattern | None, other_names: Sequence[str]
    ) -> list[str]:
        if pattern is not None:
            found = self.search.folders_with(pattern)
        else:
            names = dict.fromkeys((address.file_name, *other_names))
            found = next((hits for name in names if (hits := self.search.named(name))), [])
        found = [path for path in found if self._is_there(path, pattern)]
        named = address.path or address.shown
        most = max((common_tail(named, path) for path in found), default=0)
        best = [path for path in found if common_tail(named, path) == most]
        if len(best) == 1:
            self.learn(named, best[0])
        return best


def pattern_of(address: MediaAddress) -> ImagePattern | None:
    """The image sequence that an address names, if its file name has the form of one in any reading."""
    readings = dict.fromkeys((address.shown, *address.candidates))
    patterns = (image_pattern(_LAST_PART.search(each)[0]) for each in readings)  # type: ignore[index]
    return next((pattern for pattern in patterns if pattern is not None), None)


def address_with(address: MediaAddress, pattern: ImagePattern) -> MediaAddress:
    """The same address, its file name in the form of `pattern`."""
    shown, *candidates = (
        _LAST_PART.sub(lambda _: pattern.name, path, count=1) for path in (address.shown, *address.candidates)
    )
    return MediaAddress(address.place, tuple(dict.fromkeys(candidates)), shown)


_LAST_PART = re.compile(r"[^\\/]*\Z")


def is_regular_file(path: str) -> bool:
    """False for folders, pipes and devices too: opening those may never end."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False
