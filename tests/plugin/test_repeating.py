"""A take's recipe followed once more: for the same picture only, wherever the project lies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest

from engine.protocol import Hit, Original, Tokens
from foley_plugin.jobs.errors import CannotRedo
from foley_plugin.jobs.generate import Wish
from foley_plugin.jobs.repeating import repeat, settings_of
from foley_plugin.takes.store import Store
from foley_plugin.timeline.selection import Selected
from tests.plugin.delivery.small_project import clip_at, cut_of, make_take

RATE = Fraction(25)
CLIP = clip_at(1, 0, 100, RATE)
CUT = cut_of(CLIP, rate=RATE)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "p") as store:
        yield store


def test_a_part_of_a_clip_is_repeated_as_it_was_asked_for(store: Store) -> None:
    made = make_take(store, CUT, CLIP, "hammer", [0.5], part=(Fraction(1), Fraction(3)), seed=4)
    request = msgspec.structs.replace(made.request, hits=[Hit(0.5)], reference_hits=[Hit(0.75)])
    job = replace(made, request=request)
    again = repeat(store, CUT, job, job.takes[0]).request
    assert again.hits == request.hits and again.reference_hits == request.reference_hits
    assert (again.seed, again.picture, again.label) == (4, request.picture, "hammer")


def test_a_recipe_is_not_followed_under_another_picture(store: Store) -> None:
    job = make_take(store, CUT, CLIP, "hammer", [0.5])
    trimmed = replace(job, selected=Selected(CLIP, Fraction(1), Fraction(4)))
    jobs = len(store.jobs())
    with pytest.raises(CannotRedo, match=r"trimmed, slipped or split since .* vary the take"):
        repeat(store, CUT, trimmed, trimmed.takes[0])
    assert len(store.jobs()) == jobs and len(store.cues()) == 1, "nothing is left of what was refused"
    settings = settings_of(trimmed, trimmed.takes[0])
    assert settings == Wish(label="hammer", seed=0), (
        "settings hold for any picture: nothing in them has a time"
    )


def test_a_take_of_a_take_is_repeated_from_where_its_original_lies_now(store: Store) -> None:
    job = make_take(store, CUT, CLIP, "hammer", [0.5])
    name = Path(job.takes[0].wav).name
    original = Original(wav=f"D:\\moved since\\takes\\{name}", tokens=Tokens(4, 50, "", b""))
    made = replace(job, request=msgspec.structs.replace(job.request, original=original))
    again = repeat(store, CUT, made, made.takes[0]).request.original
    assert again is not None and again.wav == str(store.wav_path(job.takes[0]))
    store.wav_path(job.takes[0]).unlink()
    with pytest.raises(CannotRedo, match=r"is not in .* bring it back"):
        repeat(store, CUT, made, made.takes[0])
