"""Edits, curves and swapped pictures: the obedient are told from the deaf."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.evaluation.quality import curves as curve_figure
from engine.evaluation.quality import edits, eyes
from engine.evaluation.quality.bench import QUICK, Bench
from engine.evaluation.quality.edits import Edit, edit_of, error_ms
from engine.evaluation.quality.making import Ask
from engine.media.intensity import CURVE_RATE
from engine.pipeline import Pipeline
from engine.protocol import Hit
from engine.training.recordings import RecordingLibrary
from tests.engine.evaluation.films import write_film
from tests.engine.evaluation.quality.benches import RATE, Wav, at_hits, oracle, take
from tests.engine.training.synthetic import ping


def test_an_edit_changes_one_hit_and_says_where() -> None:
    moved, added, deleted = (edit_of(kind, 3) for kind in edits.KINDS)
    assert len(moved.after) == 3 and len(added.after) == 4 and len(deleted.after) == 2
    assert moved.time_s in [hit.time_s for hit in moved.after]
    assert moved.time_s not in [hit.time_s for hit in moved.before]
    assert deleted.time_s in [hit.time_s for hit in deleted.before]
    assert edit_of("moved", 3) == moved


def test_who_follows_edits_is_off_by_little_and_who_does_not_misses(
    pipeline: Pipeline, library: RecordingLibrary
) -> None:
    bench = oracle(pipeline, library, lambda ask: at_hits(ask, ping()))
    (obedient,) = edits.measure(bench)
    assert obedient.value is not None and obedient.value.value < 10 and obedient.is_met
    assert obedient.details["deleted hits still heard"] == 0
    assert obedient.details["before the edit"] > 100

    def deaf(ask: Ask) -> Wav:
        return at_hits(Ask(ask.label, ask.duration_s, edit_of("moved", 0).before), ping())

    (ignored,) = edits.measure(oracle(pipeline, library, deaf))
    assert ignored.is_met is False
    assert ignored.details["deleted hits still heard"] >= 0.5


def test_a_missed_hit_costs_half_a_second_and_a_deleted_one_must_be_gone() -> None:
    ask = Ask("knock", 2.6, (Hit(0.5),))
    silent, struck = take(ask, np.zeros(round(2.6 * RATE), np.float32)), take(ask, at_hits(ask, ping()))
    added = Edit("added", (), (Hit(0.5),), 0.5)
    deleted = Edit("deleted", (Hit(0.5),), (), 0.5)
    assert error_ms(added, silent) == edits.MISSED_MS
    assert error_ms(added, struck) < 10
    assert error_ms(deleted, silent) == 0
    assert error_ms(deleted, struck) == edits.MISSED_MS


def _under_curve(ask: Ask) -> Wav:
    asked = np.array(ask.curve, np.float64)
    count = round(ask.duration_s * RATE)
    level_db = np.interp(
        np.arange(count) / RATE, (np.arange(asked.size) + 0.5) / CURVE_RATE, 60 * (asked - 1)
    )
    noise = np.random.default_rng(ask.seed).standard_normal(count)
    return np.asarray(noise * 10 ** (level_db / 20), np.float32)


def test_who_follows_the_curve_correlates_and_steady_noise_does_not(
    pipeline: Pipeline, library: RecordingLibrary
) -> None:
    (followed,) = curve_figure.measure(oracle(pipeline, library, _under_curve))
    (steady,) = curve_figure.measure(
        oracle(
            pipeline, library, lambda ask: _under_curve(Ask(ask.label, ask.duration_s, curve=(0.6,) * 250))
        )
    )
    assert followed.value is not None and followed.value.value > 0.95 and followed.is_met
    assert steady.value is not None and abs(steady.value.value) < 0.4 and steady.is_met is False


def test_drawn_curves_move_and_stay_in_range() -> None:
    drawn = [curve_figure.drawn_curve(seed) for seed in range(5)]
    assert all(each.shape == (250,) and np.ptp(each) > 0.2 for each in drawn)
    assert all(each.min() >= curve_figure.LOW and each.max() <= curve_figure.HIGH + 1e-6 for each in drawn)


def test_a_picture_that_costs_hits_is_seen() -> None:
    ask = Ask("knock", 2.0, (Hit(0.4), Hit(1.2)))
    good, bad = take(ask, at_hits(ask, ping())), take(ask, np.zeros(2 * RATE, np.float32))
    free = eyes.swap_figure("swap", "scenes", [good] * 4, [good] * 4, 0)
    dear = eyes.swap_figure("swap", "scenes", [good] * 4, [bad] * 4, 0)
    assert free.value is not None and free.value.value == 0 and free.is_met
    assert dear.value is not None and dear.value.value == 1 and dear.is_met is False


def test_windows_of_films_go_round_and_broken_films_are_left_out(tmp_path: Path) -> None:
    films = [
        write_film(tmp_path / "a.mp4", [0.5], length_s=9.0),
        write_film(tmp_path / "b.mp4", [0.5], length_s=4.5),
    ]
    (tmp_path / "c.mp4").write_bytes(b"no film")
    windows = eyes.film_windows([*films, tmp_path / "c.mp4"])
    assert [(Path(w.media).stem, w.spans[0].source_start) for w in windows] == [
        ("a", (0, 1)),
        ("b", (0, 1)),
        ("a", (4, 1)),
    ]


def test_an_untrained_model_is_measured_by_all_of_it(pipeline: Pipeline, library: RecordingLibrary) -> None:
    """No oracle: rendered scenes, features, guesses."""
    size = QUICK.__class__(scenes=2, guesses=8)
    figures = {f.name: f for f in eyes.measure(Bench(pipeline, library, None, size))}  # type: ignore[arg-type]
    assert figures["given-hits-50"].is_met is False
    assert figures["swap"].value is not None
    guess = figures["guess"]
    assert guess.target is not None and guess.target.bound == guess.details["prior"]
    assert "no films" in figures["swap-footage"].not_measured


@pytest.mark.parametrize("label", ["knock", "rain"])
def test_takes_are_as_long_as_asked_and_follow_their_seed(pipeline: Pipeline, label: str) -> None:
    from engine.evaluation.quality.making import make_takes

    asks = [Ask(label, 0.7, (Hit(0.2),), seed=seed) for seed in (0, 0, 1)]
    one, again, other = make_takes(pipeline, asks)
    assert one.wav.shape == (round(0.7 * RATE),)
    assert np.array_equal(one.wav, again.wav) and not np.array_equal(one.wav, other.wav)
