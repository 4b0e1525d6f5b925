"""What a study found: how often each system was preferred, with the doubt that is left.

A rate counts a tie as half a preference for each. Two 95 % intervals stand beside it: Wilson's, which takes all
judgements for independent, and a bootstrap that draws listeners and films afresh together (Owen, "The pigeonhole
bootstrap", 2007), which answers for other listeners and other films but says nothing where all agree.
The sign test leaves ties out.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from engine.evaluation.listening.answers import QUESTIONS, Answer

Z_95 = 1.959963984540054
NUM_DRAWS = 2000
TITLES = {
    "ovr": "overall quality (OVR)",
    "rel": "relevance to the picture (REL)",
    "ali": "alignment in time (ALI)",
}


class Rate(Struct, frozen=True):
    """How often `system` was preferred to `other` (to all others where that is None), of `count` judgements."""

    question: str
    system: str
    other: str | None
    count: int
    wins: int
    ties: int
    rate: float
    wilson_95: tuple[float, float]
    bootstrap_95: tuple[float, float]
    sign_test_p: float


class ListenerFigures(Struct, frozen=True):
    """How far a listener came, and how many catch trials they heard the sound in."""

    name: str
    num_complete: int
    caught: int
    num_catches: int


class StudyResults(Struct, frozen=True):
    """`pairs` hold each two systems once, in the study's order; `overall` each system against all others."""

    listeners: list[ListenerFigures]
    num_left_out: int
    """Listeners whose answers are not counted: they missed a catch trial, and that was asked for."""
    pairs: list[Rate]
    overall: list[Rate]


class _Judgement(Struct, frozen=True):
    """`score` is 1 where the system was preferred, 0 where the other was, 0.5 for a tie."""

    listener: str
    film: str
    score: float


def results_of(
    answers: Sequence[Answer], systems: Sequence[str], *, attentive_only: bool = False, seed: int = 0
) -> StudyResults:
    """
    Args:
        attentive_only: leave out listeners who preferred silence, or could not choose, in a catch trial.
    """
    listeners = _listeners(answers)
    missed = {each.name for each in listeners if each.caught < each.num_catches}
    dropped = missed if attentive_only else set()
    counted = [answer for answer in answers if not answer.trial.is_catch and answer.listener not in dropped]
    pairs = [
        _rate(counted, question, system, other, seed)
        for question in QUESTIONS
        for system, other in itertools.combinations(systems, 2)
    ]
    overall = [_rate(counted, question, system, None, seed) for question in QUESTIONS for system in systems]
    return StudyResults(listeners, len(dropped), pairs, overall)


def _listeners(answers: Sequence[Answer]) -> list[ListenerFigures]:
    figures = []
    for name in dict.fromkeys(answer.listener for answer in answers):
        own = [answer for answer in answers if answer.listener == name]
        catches = [answer for answer in own if answer.trial.is_catch and answer.choices.ovr is not None]
        caught = [answer for answer in catches if _preferred(answer, "ovr")]
        complete = [answer for answer in own if answer.choices.is_complete]
        figures.append(ListenerFigures(name, len(complete), len(caught), len(catches)))
    return figures


def _preferred(answer: Answer, question: str) -> str | None:
    """The system that was chosen, unblinded; "" for silence and for a tie; None where nothing was said."""
    choice = getattr(answer.choices, question)
    if choice is None:
        return None
    return {"left": answer.trial.left, "right": answer.trial.right, "none": ""}[choice]


def _rate(answers: Sequence[Answer], question: str, system: str, other: str | None, seed: int) -> Rate:
    judgements = []
    for answer in answers:
        sides = {answer.trial.left, answer.trial.right}
        preferred = _preferred(answer, question)
        if preferred is not None and system in sides and (other is None or other in sides):
            score = 0.5 if preferred == "" else float(preferred == system)
            judgements.append(_Judgement(answer.listener, answer.trial.film, score))
    scores = Counter(judgement.score for judgement in judgements)
    wins, ties, losses = scores[1.0], scores[0.5], scores[0.0]
    count = len(judgements)
    rate = (wins + ties / 2) / count if count else float("nan")
    return Rate(
        question,
        system,
        other,
        count,
        wins,
        ties,
        rate,
        wilson_interval(rate, count),
        bootstrap_interval(judgements, seed),
        sign_test_p(wins, losses),
    )


def wilson_interval(rate: float, count: int, z: float = Z_95) -> tuple[float, float]:
    """Wilson's score interval of a proportion (1927)."""
    if count == 0:
        return (0.0, 1.0)
    centre = (rate + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(rate * (1 - rate) / count + z * z / (4 * count**2)) / (1 + z * z / count)
    return (max(0.0, centre - half), min(1.0, centre + half))


def bootstrap_interval(judgements: Sequence[_Judgement], seed: int = 0) -> tuple[float, float]:
    """The middle 95 % of rates over redrawn listeners and redrawn films.

    A judgement weighs as often as its listener was drawn times as often as its film was.
    """
    if not judgements:
        return (0.0, 1.0)
    rng = np.random.default_rng(seed)
    listener = _indices(judgements, lambda each: each.listener)
    film = _indices(judgements, lambda each: each.film)
    scores = np.array([each.score for each in judgements])
    weights = _redrawn(rng, listener) * _redrawn(rng, film)
    totals = weights.sum(axis=1)
    rates = (weights @ scores)[totals > 0] / totals[totals > 0]
    low, high = np.quantile(rates, (0.025, 0.975))
    return (float(low), float(high))


def _indices(judgements: Sequence[_Judgement], name: Callable[[_Judgement], str]) -> NDArray[np.intp]:
    return np.asarray(np.unique([name(each) for each in judgements], return_inverse=True)[1], np.intp)


def _redrawn(rng: np.random.Generator, indices: NDArray[np.intp]) -> NDArray[np.float64]:
    """[draws, judgements]: how often each judgement's group came in a draw of as many groups as there are."""
    size = int(indices.max()) + 1
    times = rng.multinomial(size, np.full(size, 1 / size), size=NUM_DRAWS)
    return np.asarray(times[:, indices], np.float64)


def sign_test_p(wins: int, losses: int) -> float:
    """Two-sided, exact: how likely a fair coin falls at least as unevenly."""
    count = wins + losses
    tail = sum(math.comb(count, k) for k in range(min(wins, losses) + 1))
    return min(1.0, 2 * tail / (1 << count))


def as_table(results: StudyResults) -> str:
    """For people: pairs by question, then each system over all its pairs."""
    count = len(results.listeners)
    lines = [f"{count} listener{'' if count == 1 else 's'}{_left_out(results)}"]
    for each in results.listeners:
        catches = f", caught {each.caught} of {each.num_catches}" if each.num_catches else ""
        lines.append(f"  {each.name}: {each.num_complete} trials{catches}")
    for question in QUESTIONS:
        lines += ["", TITLES[question], _header()]
        lines += [_row(rate) for rate in (*results.pairs, *results.overall) if rate.question == question]
    lines += [
        "",
        "preferred: ties count half. Wilson: judgements taken as independent. bootstrap: listeners and films redrawn "
        "together,",
        f"{NUM_DRAWS} draws; it cannot doubt what all agree on. p: sign test, two-sided, ties left out.",
    ]
    return "\n".join(lines)


def _left_out(results: StudyResults) -> str:
    if not results.num_left_out:
        return ""
    return f", {results.num_left_out} of them not counted (they missed a catch trial)"


def _header() -> str:
    return f"{'':34}{'n':>5}{'ties':>6}{'preferred':>11}{'95 % (Wilson)':>17}{'95 % (bootstrap)':>18}{'p':>8}"


def _row(rate: Rate) -> str:
    name = f"{rate.system} over {rate.other or 'all others'}"
    if rate.count == 0:
        return f"{name:34}{0:>5}"
    wilson, bootstrap = (
        f"{100 * low:.0f} to {100 * high:.0f} %" for low, high in (rate.wilson_95, rate.bootstrap_95)
    )
    return (
        f"{name:34}{rate.count:>5}{rate.ties:>6}{100 * rate.rate:>9.0f} %{wilson:>17}{bootstrap:>18}"
        f"{rate.sign_test_p:>8.3f}"
    )
