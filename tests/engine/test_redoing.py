"""Takes made from takes, from a request to the WAV and its record."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from engine.media.splicing import FADE_IN_S, FADE_OUT_S
from engine.protocol import Failed, Finished, Generate, Hit, Original, Take, Tokens, pack_tokens, rational
from tests.engine.models import write_tiny_model
from tests.engine.test_serving import Bench
from tests.engine.worker_process import picture_of, write_moving_film

RATE = 48000
SECONDS = Fraction(2)


class Desk:
    """One engine, and takes of one clip."""

    def __init__(self, folder: Path) -> None:
        write_tiny_model(folder / "model")
        self.folder, self.media = folder, write_moving_film(folder / "moving.mp4")
        self.bench, self._count = Bench(folder / "model", is_first_alone=False), 0

    def request(self, seconds: Fraction = SECONDS, *, takes: int = 1, **said: Any) -> Generate:
        self._count += 1
        wavs = [str(self.folder / f"{self._count}_{take}.wav") for take in range(takes)]
        given = {"label": "knock", "hits": [Hit(0.25), Hit(1.2)], "seed": 3, **said}
        return Generate(self._count, picture_of(self.media, seconds), wavs, round(seconds * RATE), **given)

    def make(self, *requests: Generate) -> list[Take]:
        events = self.bench.serve(*requests)
        assert not [event for event in events if isinstance(event, Failed)]
        return sorted(
            (event for event in events if isinstance(event, Take)), key=lambda take: (take.id, take.take)
        )


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("redo"))


@pytest.fixture(scope="module")
def first(desk: Desk) -> Take:
    return desk.make(desk.request())[0]


def samples(take: Take) -> np.ndarray:
    found: np.ndarray = soundfile.read(take.wav, dtype="int32")[0]
    return found


def made_from(
    take: Take, redo: tuple[float, float] | None, start: Fraction = Fraction(0), kept_codebooks: int = 0
) -> Original:
    assert take.tokens is not None
    parts = [] if redo is None else [(rational(Fraction(redo[0])), rational(Fraction(redo[1])))]
    return Original(take.wav, take.tokens, rational(start), parts, kept_codebooks)


def rows(take: Take) -> np.ndarray:
    assert take.tokens is not None
    return np.array(take.tokens.rows)


def test_a_redone_part_is_new_and_the_rest_is_the_original_to_the_bit(desk: Desk, first: Take) -> None:
    original = made_from(first, (0.75, 1.25))
    before = Path(first.wav).read_bytes()
    (one, other) = desk.make(desk.request(original=original, seed=7, takes=2))
    old = samples(first)
    stays = np.ones(len(old), bool)
    stays[round((0.75 - FADE_IN_S) * RATE) : round((1.25 + FADE_OUT_S) * RATE)] = False
    for take in (one, other):
        assert np.array_equal(samples(take)[stays], old[stays])
        assert not np.array_equal(samples(take)[~stays], old[~stays])
    assert not np.array_equal(samples(one), samples(other))
    assert Path(first.wav).read_bytes() == before
    # The tokens that are handed over are what is heard: those of the original but for the part.
    same = (rows(one) == rows(first)).all(axis=0)
    assert same[:37].all() and same[66:].all() and not same[38:62].all()


def test_the_same_recipe_has_the_same_bytes_alone_and_in_company(desk: Desk, first: Take) -> None:
    original = made_from(first, (0.75, 1.25))
    (alone,) = desk.make(desk.request(original=original, seed=7))
    others = [desk.request(seed=1), desk.request(original=original, seed=7), desk.request(Fraction(1))]
    together = desk.make(*others)
    assert together[1].sha256 == alone.sha256


def test_the_recipe_holds_the_original_by_what_is_in_it(desk: Desk, first: Take) -> None:
    assert first.recipe["original"] is None and first.recipe["tokens_start"] == (0, 1)
    (take,) = desk.make(desk.request(original=made_from(first, (0.5, 1.0), kept_codebooks=1)))
    assert first.tokens is not None
    assert take.recipe["original"] == {
        "sha256": first.sha256,
        "tokens_sha256": hashlib.sha256(first.tokens.data).hexdigest(),
        "start": (0, 1),
        "redo": [((1, 2), (1, 1))],
        "kept_codebooks": 1,
        "tokens_start": (0, 1),
    }


def test_a_take_is_extended_at_both_ends_from_between_two_frames(desk: Desk, first: Take) -> None:
    start = Fraction(12345, RATE)
    (longer,) = desk.make(desk.request(Fraction(3), original=made_from(first, None, start)))
    old, new = samples(first), samples(longer)
    assert len(new) == 3 * RATE
    inside = slice(12345 + round(FADE_OUT_S * RATE), 12345 + 2 * RATE - round(FADE_IN_S * RATE))
    assert np.array_equal(new[inside], old[inside.start - 12345 : inside.stop - 12345])
    origin = Fraction(*longer.recipe["tokens_start"])  # type: ignore[misc]
    assert -Fraction(1, 50) < origin < 0 and (start - origin) * 50 % 1 == 0
    shift = int((start - origin) * 50)
    assert (rows(longer)[:, shift + 5 : shift + 95] == rows(first)[:, 5:95]).all()
    # and it can be made from in its turn
    again = Original(
        longer.wav,
        longer.tokens or Tokens(0, 0, "", b""),
        redo=[((1, 1), (3, 2))],
        tokens_start=rational(origin),
    )
    (last,) = desk.make(desk.request(Fraction(3), original=again))
    assert np.array_equal(samples(last)[: RATE - 720], new[: RATE - 720])
    assert last.recipe["tokens_start"] == rational(origin)


def test_a_variation_keeps_the_coarsest_codebook(desk: Desk, first: Take) -> None:
    (varied,) = desk.make(desk.request(original=made_from(first, (0, 2), kept_codebooks=1), seed=9))
    assert (rows(varied)[0] == rows(first)[0]).all()
    assert (rows(varied)[3] != rows(first)[3]).any()


def test_what_cannot_be_made_is_told_before_anything_is_drawn(
    desk: Desk, first: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("the picture was looked at")

    monkeypatch.setattr(desk.bench.service, "_look", refused)
    assert first.tokens is not None
    away = Original("/nowhere/a.wav", first.tokens, redo=[((0, 1), (1, 1))])
    foreign = Original(first.wav, pack_tokens([[0] * 104] * 4, 50, "0" * 64), redo=[((0, 1), (1, 1))])
    for original, said in (
        (away, "is not there"),
        (foreign, "another model"),
        (made_from(first, (1.5, 2.5)), "2.00 s long"),
        (made_from(first, None), "nothing to make anew"),
    ):
        events = desk.bench.serve(desk.request(original=original))
        (failed,) = [event for event in events if isinstance(event, Failed)]
        assert said in failed.sentence and failed.code == "request"
        assert not [event for event in events if isinstance(event, Finished)]
