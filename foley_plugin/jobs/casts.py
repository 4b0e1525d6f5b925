"""From a take to a cast sound: which two seconds of it other cues go on from."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from engine.protocol import Cast, Hit, Tokens, fraction
from foley_plugin.jobs.errors import CastRefused
from foley_plugin.takes.cast_book import CastSound
from foley_plugin.takes.records import StoredTake
from foley_plugin.takes.store import Store

LONGEST_S = 2
"""What a window of the model is primed with."""
CALM_BEFORE_S, CALM_AFTER_S = 0.2, 0.05
"""About the excerpt's end there should be no hit: the next cue begins there."""
STEP_S = 0.1
HIT_SPOILS = 3.0
"""A hit about the end weighs as much as so many that are missed."""


def cast_take(store: Store, take: StoredTake, name: str) -> CastSound:
    """Save a take's sound under a name; one of that name is replaced.

    Raises:
        CastRefused: the take is too short, was made by an earlier version, or there is no name.
        ProjectError: the project cannot be written.
    """
    name = " ".join(name.split())
    if not name:
        raise CastRefused("A cast needs a name, such as “Anna, boots, gravel”.")
    tokens = store.cast_book.tokens(take.id)
    if tokens is None:
        raise CastRefused(
            f"The take {take.wav} was made by an earlier version, which kept no tokens; generate it anew to cast it."
        )
    cast = CastSound(name, take.label, take.id, excerpt_of(tokens, hits_of_tokens(take)))
    store.cast_book.save(cast)
    return cast


def find_cast(store: Store, name: str) -> CastSound:
    """
    Raises:
        CastRefused: there is none of that name.
    """
    found = store.cast_book.cast(name)
    if found is None:
        names = ", ".join(f"“{each.name}”" for each in store.cast_book.casts())
        raise CastRefused(
            f"There is no cast “{name}” in this project; "
            + (f"choose one of {names}." if names else "save a take as one with `foley cast`.")
        )
    return found


def cast_of_project(folder: Path, name: str) -> CastSound:
    """
    Raises:
        CastRefused: there is none of that name.
        ProjectError: there is no such project.
    """
    with Store.open(folder, read_only=True) as store:
        return find_cast(store, name)


def excerpt_of(tokens: Tokens, hits: Sequence[Hit]) -> Cast:
    """The whole seconds with the most hits that end in a calm moment, as a cue would begin after them.

    Args:
        hits: from the tokens' start.

    Raises:
        CastRefused: the take is shorter than a second.
    """
    length_s = tokens.num_frames / tokens.frame_rate
    taken_s = min(LONGEST_S, int(length_s))
    if taken_s < 1:
        raise CastRefused("A take of less than a second is too short to cast; choose a longer one.")
    count = int((length_s - taken_s) / STEP_S) + 1
    start_s = max((number * STEP_S for number in range(count)), key=lambda at: _worth(hits, at, taken_s))
    first = round(start_s * tokens.frame_rate)
    inside = [
        Hit(hit.time_s - start_s, hit.strength) for hit in hits if start_s <= hit.time_s < start_s + taken_s
    ]
    return Cast(tokens.excerpt(first, taken_s * tokens.frame_rate), inside)


def _worth(hits: Sequence[Hit], start_s: float, taken_s: int) -> float:
    end_s = start_s + taken_s
    heard = sum(hit.strength for hit in hits if start_s <= hit.time_s < end_s - CALM_BEFORE_S)
    spoilt = sum(1 for hit in hits if end_s - CALM_BEFORE_S <= hit.time_s < end_s + CALM_AFTER_S)
    return heard - HIT_SPOILS * spoilt


def hits_of_tokens(take: StoredTake) -> list[Hit]:
    """A take's hits count from its clip's start, its tokens from the head handle's."""
    head = take.recipe.get("head")
    head_s = 0.0
    if isinstance(head, Sequence) and len(head) == 2:
        head_s = float(fraction((int(head[0]), int(head[1]))) if head[1] else Fraction(0))
    return [Hit(hit.time_s + head_s, hit.strength) for hit in take.hits]
