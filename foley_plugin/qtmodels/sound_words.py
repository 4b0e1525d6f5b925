"""Labels as people read them, and the list that one is chosen from. Pure: no Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from foley_plugin.jobs.sound_choice import LayerSound, SoundChoice
from foley_plugin.timeline.families import FAMILIES, family_of

_HEADS = frozenset(label for family in FAMILIES for label in family.labels.split() if "_" not in label)

BETWEEN_LAYERS = " + "
MAX_SUGGESTIONS = 5
LEAST_PROBABILITY = 0.01


def spoken(label: str) -> str:
    """A label in words.

    >>> spoken("footstep_gravel"), spoken("finger_snap"), spoken("rain")
    ('Footstep, gravel', 'Finger snap', 'Rain')
    """
    head, _, rest = label.partition("_")
    rest = rest.replace("_", " ")
    words = f"{head}, {rest}" if rest and head in _HEADS else f"{head} {rest}".strip()
    return words[:1].upper() + words[1:]


def spoken_choice(choice: SoundChoice, words_of_cast: Callable[[str], str] = str) -> str | None:
    """What is to sound, in words, the first layer first; None where it is taken from the picture."""
    words = (spoken_sound(sound, words_of_cast) for sound in choice.sounds)
    return BETWEEN_LAYERS.join(each for each in words if each is not None) or None


def spoken_sound(sound: LayerSound, words_of_cast: Callable[[str], str] = str) -> str | None:
    """What is to sound on one layer, in words; None where it is taken from the picture."""
    if sound.cast is not None:
        return words_of_cast(sound.cast)
    return None if sound.label is None else spoken(sound.label)


class Guess(Protocol):
    """What the spotter says of a picture: a label, and how likely it is, 0 to 1."""

    @property
    def label(self) -> str: ...

    @property
    def probability(self) -> float: ...


def likely(guesses: Iterable[Guess], labels: Sequence[str]) -> list[Guess]:
    """The guesses that are worth offering, best first; all labels where the model's are not known yet."""
    known = set(labels)
    told = [
        guess
        for guess in guesses
        if guess.probability >= LEAST_PROBABILITY and (not known or guess.label in known)
    ]
    return sorted(told, key=lambda guess: -guess.probability)[:MAX_SUGGESTIONS]


class RowKind(Enum):
    HEADING = "heading"
    FROM_PICTURE = "from picture"
    LABEL = "label"
    CAST = "cast"


@dataclass(frozen=True)
class SoundRow:
    """One row of the list. `name` is the label or the cast's name; `probability` is a suggestion's."""

    kind: RowKind
    words: str
    name: str = ""
    probability: float | None = None


@dataclass(frozen=True)
class ListWords:
    """What the list says beside labels, in the user's language."""

    from_picture: str
    suggested: str
    casts: str


def sound_rows(
    words: ListWords,
    labels: Sequence[str],
    *,
    suggestions: Sequence[Guess] = (),
    casts: Sequence[str] = (),
    query: str = "",
) -> list[SoundRow]:
    """The picture first, then what it suggests, casts, and all labels by family; only what a query finds.

    A query finds words that begin as its own words do, those of the family too: "foot gr" finds footsteps on gravel.
    """
    rows = [] if query.strip() else [SoundRow(RowKind.FROM_PICTURE, words.from_picture)]
    guessed = (SoundRow(RowKind.LABEL, spoken(g.label), g.label, g.probability) for g in suggestions)
    rows += _section(words.suggested, guessed, query)
    rows += _section(words.casts, (SoundRow(RowKind.CAST, name, name) for name in casts), query)
    for family in FAMILIES:
        own = sorted(label for label in labels if family_of(label) is family)
        rows += _section(family.name, (SoundRow(RowKind.LABEL, spoken(each), each) for each in own), query)
    return rows


def _section(heading: str, rows: Iterable[SoundRow], query: str) -> Iterator[SoundRow]:
    found = [row for row in rows if _is_found(f"{heading} {row.words} {row.name}", query)]
    if found:
        yield SoundRow(RowKind.HEADING, heading)
        yield from found


def _is_found(words: str, query: str) -> bool:
    have = words.casefold().replace("_", " ").replace(",", " ").split()
    wanted = query.casefold().replace("_", " ").replace(",", " ").split()
    return all(any(word.startswith(each) for word in have) for each in wanted)
