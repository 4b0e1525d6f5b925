"""Rates, intervals and p values against values known from elsewhere."""

from __future__ import annotations

import math
import random

import msgspec
import pytest
from scipy import stats

from engine.evaluation.listening.answers import Answer, Choices, Side
from engine.evaluation.listening.results import (
    Rate,
    StudyResults,
    as_table,
    results_of,
    sign_test_p,
    wilson_interval,
)
from engine.evaluation.listening.trials import SILENCE, Trial


def said(
    listener: str, film: str, left: str, right: str, choice: Side | None, ali: Side | None = None
) -> Answer:
    return Answer(listener, Trial(film, left, right), Choices(choice, choice, ali or choice), (1, 1), 0.0)


def rate_of(results: StudyResults, question: str, system: str, other: str | None) -> Rate:
    [found] = [
        each
        for each in (*results.pairs, *results.overall)
        if (each.question, each.system, each.other) == (question, system, other)
    ]
    return found


@pytest.mark.parametrize(
    ("wins", "count", "low", "high"),
    # Newcombe 1998, table I: method 3, the score interval.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval_has_the_published_ends(wins: int, count: int, low: float, high: float) -> None:
    assert wilson_interval(wins / count, count) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("wins", "losses"), [(9, 1), (5, 5), (0, 0), (12, 3), (3, 40)])
def test_the_sign_test_is_the_exact_binomial_one(wins: int, losses: int) -> None:
    expected = 1.0 if wins + losses == 0 else stats.binomtest(wins, wins + losses).pvalue
    assert sign_test_p(wins, losses) == pytest.approx(expected)


def test_choices_are_unblinded_and_ties_count_half() -> None:
    answers = [
        said("Ann", "one", "ours", "theirs", "left", ali="right"),
        said("Ann", "two", "theirs", "ours", "right", ali="none"),
        said("Ben", "one", "theirs", "ours", "none"),
        said("Ben", "two", "theirs", "ours", "left"),
    ]
    results = results_of(answers, ["ours", "theirs"])
    ovr = rate_of(results, "ovr", "ours", "theirs")
    assert (ovr.count, ovr.wins, ovr.ties, ovr.rate) == (4, 2, 1, 0.625)
    ali = rate_of(results, "ali", "ours", "theirs")
    assert (ali.wins, ali.ties, ali.rate) == (0, 2, 0.25)
    assert rate_of(results, "ovr", "theirs", None).rate == pytest.approx(1 - 0.625)


def test_the_overall_rate_is_over_all_comparisons_of_a_system() -> None:
    answers = [
        said("Ann", "one", "a", "b", "left"),
        said("Ann", "two", "a", "c", "left"),
        said("Ann", "one", "c", "b", "left"),
    ]
    results = results_of(answers, ["a", "b", "c"])
    rates = {system: rate_of(results, "rel", system, None) for system in "abc"}
    assert {system: each.rate for system, each in rates.items()} == {"a": 1.0, "b": 0.0, "c": 0.5}
    assert {each.count for each in rates.values()} == {2}


def test_the_bootstrap_over_films_of_one_listener_is_the_binomial_one() -> None:
    """With one judgement a film the redrawn rate is binomial: its quantiles are known."""
    wins, count = 60, 100
    answers = [
        said("Ann", f"film{number}", "a", "b", "left" if number < wins else "right")
        for number in range(count)
    ]
    low, high = rate_of(results_of(answers, ["a", "b"]), "ovr", "a", "b").bootstrap_95
    expected = stats.binom(count, wins / count)
    assert low == pytest.approx(expected.ppf(0.025) / count, abs=0.011)
    assert high == pytest.approx(expected.ppf(0.975) / count, abs=0.011)


def test_listeners_who_agree_with_themselves_alone_widen_the_bootstrap_and_not_wilsons() -> None:
    """Ten judgements of one mind are one opinion."""
    rng = random.Random(0)
    own_mind = [
        said(f"listener{person}", f"film{film}", "a", "b", "left" if person % 2 else "right")
        for person in range(6)
        for film in range(10)
    ]
    mixed = [
        said(f"listener{person}", f"film{film}", "a", "b", rng.choice(["left", "right"]))
        for person in range(6)
        for film in range(10)
    ]
    widths = []
    for answers in (own_mind, mixed):
        rate = rate_of(results_of(answers, ["a", "b"]), "ovr", "a", "b")
        widths.append(rate.bootstrap_95[1] - rate.bootstrap_95[0])
        assert rate.wilson_95[1] - rate.wilson_95[0] == pytest.approx(0.25, abs=0.02)
    assert widths[0] > 1.5 * widths[1]


def test_who_prefers_silence_can_be_left_out() -> None:
    answers = [
        said("Ann", "one", "a", SILENCE, "left"),
        said("Ann", "two", "a", "b", "left"),
        said("Sleeper", "one", SILENCE, "a", "none"),
        said("Sleeper", "two", "a", "b", "right"),
    ]
    everybody = results_of(answers, ["a", "b"])
    assert rate_of(everybody, "ovr", "a", "b").count == 2, "catch trials are not judgements"
    assert [(each.caught, each.num_catches) for each in everybody.listeners] == [(1, 1), (0, 1)]
    attentive = results_of(answers, ["a", "b"], attentive_only=True)
    assert rate_of(attentive, "ovr", "a", "b").rate == 1.0
    assert attentive.num_left_out == 1


def test_a_question_left_open_is_not_counted_and_no_answers_are_no_rate() -> None:
    half = Answer("Ann", Trial("one", "a", "b"), Choices(ovr="left"), (1, 1), 0.0)
    results = results_of([half], ["a", "b"])
    assert rate_of(results, "ovr", "a", "b").count == 1
    empty = rate_of(results, "ali", "a", "b")
    assert empty.count == 0 and math.isnan(empty.rate)
    assert b'"rate":null' in msgspec.json.encode(results)


def test_the_table_names_each_pair_and_what_the_figures_are() -> None:
    answers = [said("Ann", f"film{number}", "ours", "theirs", "left") for number in range(8)]
    table = as_table(results_of(answers, ["ours", "theirs"]))
    assert "ours over theirs" in table and "100 %" in table and "0.008" in table
    assert "68 to 100 %" in table  # Wilson's, where all agree
