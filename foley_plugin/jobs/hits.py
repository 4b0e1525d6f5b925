"""Hits given by hand: a file that a person or `foley spot --json` wrote.

Three forms are read, times in seconds from the clip's start:

    [{"time_s": 0.5, "strength": 0.8}, ...]
    {"clips": [{"track": "V1", "index": 3, "hits": [...]}, ...]}
    0.5 0.8                one hit a line; strength may be left out, # begins a comment
"""

from __future__ import annotations

import math
from pathlib import Path

import msgspec
from msgspec import Struct

from engine.protocol import Hit
from foley_plugin.jobs.errors import BadHits

MAX_HITS_BYTES = 16 * 1024 * 1024


class ClipHits(Struct, frozen=True):
    track: str
    index: int
    hits: list[Hit]


class _SpottedFile(Struct, frozen=True):
    clips: list[ClipHits]


class GivenHits(Struct, frozen=True):
    """What a file of hits says: hits for one clip, or for clips by name."""

    path: str
    single: list[Hit] | None
    by_clip: dict[tuple[str, int], list[Hit]] = {}

    def for_clip(self, track: str, index: int) -> list[Hit]:
        """The hits of a clip.

        Raises:
            BadHits: the file names clips, and not this one.
        """
        if self.single is not None:
            return self.single
        if (track, index) not in self.by_clip:
            raise BadHits(
                f"{self.path} has no hits for the clip {track}:{index}; select the clips that it names."
            )
        return self.by_clip[track, index]


def read_hits(path: Path) -> GivenHits:
    """The hits in a file.

    Raises:
        BadHits: it cannot be read, or is none of the three forms; the sentence says where.
    """
    try:
        if path.stat().st_size > MAX_HITS_BYTES:
            raise BadHits(f"{path} is too large to be a list of hits.")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadHits(f"The hits {path} cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise BadHits(f"The hits {path} are not text in UTF-8.") from error
    given = _from_json(text, path) if text.lstrip().startswith(("[", "{")) else _from_lines(text, path)
    every = (
        given.single if given.single is not None else [hit for hits in given.by_clip.values() for hit in hits]
    )
    for hit in every:
        if not math.isfinite(hit.time_s) or not 0 <= hit.strength <= 1:
            raise BadHits(
                f"{path} has a hit at {hit.time_s} s with strength {hit.strength}; "
                "strengths lie between 0 and 1."
            )
    return given


def _from_json(text: str, path: Path) -> GivenHits:
    try:
        if text.lstrip().startswith("["):
            return GivenHits(str(path), _sorted(msgspec.json.decode(text, type=list[Hit])))
        clips = msgspec.json.decode(text, type=_SpottedFile).clips
    except msgspec.MsgspecError as error:
        raise BadHits(f"{path} is not a list of hits with time_s and strength ({error}).") from error
    return GivenHits(str(path), None, {(clip.track, clip.index): _sorted(clip.hits) for clip in clips})


def _from_lines(text: str, path: Path) -> GivenHits:
    hits: list[Hit] = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split("#", 1)[0].replace(",", " ").split()
        if not words:
            continue
        try:
            time_s, *strength = (float(word) for word in words)
            hits.append(Hit(time_s, *strength))
        except (ValueError, TypeError) as error:
            raise BadHits(
                f"Line {number} of {path} is not a time and a strength: “{line.strip()}”."
            ) from error
    return GivenHits(str(path), _sorted(hits))


def _sorted(hits: list[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda hit: hit.time_s)
