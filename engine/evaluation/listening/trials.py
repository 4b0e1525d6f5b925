"""Which pairs one listener hears, in which order, and who is on the left: random, balanced, from a seed.

Every pair of systems comes equally often, every film too, and every system stands equally often on the left
(each to within one). Each listener has a draw of their own.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

SILENCE = ""
"""What a catch trial holds a system's sound against: whoever listens prefers the sound."""

Pair = tuple[str, str]


class Trial(Struct, frozen=True):
    """One film, heard with two sounds. `left` and `right` name systems; the listener never sees them."""

    film: str
    left: str
    right: str

    @property
    def is_catch(self) -> bool:
        return SILENCE in (self.left, self.right)


def draw_trials(
    films: Sequence[str],
    systems: Sequence[str],
    *,
    count: int,
    num_catches: int = 0,
    seed: int = 0,
    listener: str = "",
) -> list[Trial]:
    """`count` trials, and `num_catches` among them that only find out whether the listener listens.

    Raises:
        ValueError: more trials than films x pairs of systems, or fewer than two systems.
    """
    pairs = list(itertools.combinations(systems, 2))
    if not pairs or not 0 < count <= len(films) * len(pairs):
        raise ValueError(f"{count} trials cannot be drawn of {len(films)} films and {len(systems)} systems")
    rng = random.Random(f"{seed}/{listener}")
    trials = [
        Trial(film, left, right)
        for pair, chosen in _films_of_pairs(films, pairs, count, rng)
        for film, (left, right) in zip(chosen, pair, strict=True)
    ]
    rng.shuffle(trials)
    for _ in range(num_catches):
        sides = [rng.choice(list(systems)), SILENCE]
        rng.shuffle(sides)
        trials.insert(rng.randrange(1, len(trials) + 1), Trial(rng.choice(list(films)), *sides))
    return trials


def _films_of_pairs(
    films: Sequence[str], pairs: Sequence[Pair], count: int, rng: random.Random
) -> list[tuple[list[Pair], list[str]]]:
    """For each pair of systems its trials' sides, and as many films, none of them twice."""
    often, rest = divmod(count, len(pairs))
    shuffled_pairs = rng.sample(list(pairs), len(pairs))
    shuffled_films = itertools.cycle(rng.sample(list(films), len(films)))
    counts = {pair: often + (number < rest) for number, pair in enumerate(shuffled_pairs)}
    singles = iter(balanced_sides([pair for pair in shuffled_pairs if counts[pair] % 2], rng))
    drawn = []
    for pair in shuffled_pairs:
        both_ways = [pair, pair[::-1]] * (counts[pair] // 2)
        sides = both_ways + ([next(singles)] if counts[pair] % 2 else [])
        rng.shuffle(sides)
        drawn.append((sides, list(itertools.islice(shuffled_films, len(sides)))))
    return drawn


def balanced_sides(pairs: Sequence[Pair], rng: random.Random) -> list[Pair]:
    """Each pair turned so that everybody is on the left as often as on the right, to within one; same order.

    The pairs are edges of a graph, walked in trails that begin where an odd number of edges is left: a trail
    leaves every place that it enters.
    """
    unused = set(range(len(pairs)))
    turned = list(pairs)
    while unused:
        degrees = Counter(name for edge in unused for name in pairs[edge])
        odd = sorted(name for name, degree in degrees.items() if degree % 2)
        here = rng.choice(odd or sorted(degrees))
        while ways := sorted(edge for edge in unused if here in pairs[edge]):
            edge = rng.choice(ways)
            unused.remove(edge)
            there = pairs[edge][1 - pairs[edge].index(here)]
            turned[edge] = (here, there)
            here = there
    return turned
