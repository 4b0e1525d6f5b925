"""Where a cut's media may lie beside where its timeline says: the user's word, and paths compared part by part."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Sequence

from msgspec import Struct

from foley_plugin.timeline.urls import parsed_url

_SLASHES = re.compile(r"[\\/]")


class Relink(Struct, frozen=True):
    """What lies under `old`, in the timeline's spelling, lies under `new` on this computer."""

    old: str
    new: str


class MediaPlaces(Struct, frozen=True):
    """The user's word on where media lie.

    `folders` are searched, with all that is in them; `network` allows paths of the form `\\\\server\\share`
    to be opened on Windows. Nothing else is ever looked for outside this computer.
    """

    folders: list[str] = []
    relinks: list[Relink] = []
    network: bool = False

    def and_also(self, later: MediaPlaces) -> MediaPlaces:
        """Both together; where they say different things of one root, the later word holds."""
        said_again = {_folded_parts(relink.old) for relink in later.relinks}
        kept = [relink for relink in self.relinks if _folded_parts(relink.old) not in said_again]
        return MediaPlaces(
            list(dict.fromkeys([*later.folders, *self.folders])),
            [*later.relinks, *kept],
            self.network or later.network,
        )


def relink_of(old: str, new: str) -> Relink:
    """A relink as a person writes it: `old` in any spelling of a URL or path, both files or both folders.

    Two files of one name stand for the roots that they lie under: what they have in common at their ends
    is left out.
    """
    new = os.path.abspath(os.path.expanduser(new))
    address = parsed_url(old, os.getcwd())
    named = address.path or address.shown or old
    if os.path.isfile(new):
        shared = common_tail(named, new)
        return Relink(*(_without_tail(path, shared) for path in (named, new)))
    return Relink(_trimmed(named), new)


def relinked(named: str, relink: Relink) -> str | None:
    """Where a relink says that a path lies; None where it says nothing of it."""
    parts, old = path_parts(named), path_parts(relink.old)
    if len(parts) < len(old) or folded(parts[: len(old)]) != folded(old):
        return None
    return os.path.join(relink.new, *parts[len(old) :])


def path_parts(path: str) -> tuple[str, ...]:
    """A path's parts, whichever way its slashes lean; a root is an empty part."""
    return tuple(_SLASHES.split(path.rstrip("\\/") or path[:1]))


def folded(parts: Sequence[str]) -> tuple[str, ...]:
    """For comparison: disks of two systems that mean the same name may spell it in other letters."""
    return tuple(unicodedata.normalize("NFC", part).casefold() for part in parts)


def common_tail(one: str, other: str) -> int:
    """How many parts two paths share at their ends, the file name being the first."""
    pairs = zip(reversed(_folded_parts(one)), reversed(_folded_parts(other)), strict=False)
    count = 0
    for here, there in pairs:
        if here != there or not here:
            break
        count += 1
    return count


def roots_of(named: str, found: str) -> Relink | None:
    """What finding one file tells of its whole tree; None where only the file's own name agrees."""
    shared = common_tail(named, found)
    if shared < 2 or shared == len(path_parts(named)):
        return None
    return Relink(_without_tail(named, shared), _without_tail(found, shared))


def _folded_parts(path: str) -> tuple[str, ...]:
    return folded(path_parts(path))


def _without_tail(path: str, count: int) -> str:
    for _ in range(count):
        cut = max(path.rfind("/"), path.rfind("\\"))
        path = path[: max(cut, 0)]
    return path or os.sep


def _trimmed(path: str) -> str:
    return path.rstrip("\\/") or path[:1]
