"""Pairs, sides and orders: random, and balanced all the same."""

from __future__ import annotations

import itertools
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation.listening.trials import Trial, balanced_sides, draw_trials

FILMS = [f"film{number}" for number in range(6)]
SYSTEMS = ["ours", "theirs", "third", "fourth"]


def lefts_less_rights(trials: list[Trial]) -> Counter[str]:
    balance: Counter[str] = Counter()
    for trial in trials:
        balance[trial.left] += 1
        balance[trial.right] -= 1
    return balance


@given(
    num_films=st.integers(1, 9),
    num_systems=st.integers(2, 6),
    share=st.floats(0.01, 1),
    seed=st.integers(0, 10**6),
    listener=st.text(max_size=9),
)
def test_pairs_films_and_sides_are_balanced_to_within_one(
    num_films: int, num_systems: int, share: float, seed: int, listener: str
) -> None:
    films = [f"film{number}" for number in range(num_films)]
    systems = [f"system{number}" for number in range(num_systems)]
    pairs = [frozenset(pair) for pair in itertools.combinations(systems, 2)]
    count = max(1, int(share * num_films * len(pairs)))
    trials = draw_trials(films, systems, count=count, seed=seed, listener=listener)
    heard = [(trial.film, frozenset((trial.left, trial.right))) for trial in trials]
    assert len(heard) == count == len(set(heard)), "no pair of systems comes twice over one film"
    often = Counter(pair for _, pair in heard)
    assert max(often[pair] for pair in pairs) - min(often[pair] for pair in pairs) <= 1
    shown = Counter(film for film, _ in heard)
    assert max(shown[film] for film in films) - min(shown[film] for film in films) <= 1
    assert all(abs(balance) <= 1 for balance in lefts_less_rights(trials).values())


def test_one_seed_and_listener_is_one_order_and_another_listener_has_another() -> None:
    def draw(listener: str, seed: int = 0) -> list[Trial]:
        return draw_trials(FILMS, SYSTEMS, count=24, seed=seed, listener=listener)

    assert draw("Ann") == draw("Ann")
    assert draw("Ann") != draw("Ben")
    assert draw("Ann") != draw("Ann", seed=1)


def test_over_many_listeners_every_pair_comes_first_and_every_system_left_equally_often() -> None:
    drawn = [draw_trials(FILMS, SYSTEMS, count=6, listener=str(number)) for number in range(1200)]
    first = Counter(frozenset((trials[0].left, trials[0].right)) for trials in drawn)
    assert len(first) == 6 and all(140 < times < 260 for times in first.values())
    left_of_two = sum(
        trial.left == "ours"
        for trials in drawn
        for trial in trials
        if {trial.left, trial.right} == {"ours", "third"}
    )
    assert 520 < left_of_two < 680


def test_trails_balance_what_turning_each_pair_by_chance_would_not() -> None:
    pairs = list(itertools.combinations("abcdefg", 2))
    turned = balanced_sides(pairs, random.Random(3))
    assert [set(pair) for pair in turned] == [set(pair) for pair in pairs]
    assert Counter(left for left, _ in turned) == dict.fromkeys("abcdefg", 3)


def test_catch_trials_come_beside_the_others_and_never_first() -> None:
    for number in range(50):
        trials = draw_trials(FILMS, SYSTEMS[:2], count=6, num_catches=2, listener=str(number))
        assert [trial.is_catch for trial in trials].count(True) == 2 and len(trials) == 8
        assert not trials[0].is_catch


@pytest.mark.parametrize("count", [0, 37])
def test_more_trials_than_there_are_pairs_cannot_be_drawn(count: int) -> None:
    with pytest.raises(ValueError):
        draw_trials(FILMS, SYSTEMS, count=count)
