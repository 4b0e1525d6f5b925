"""Which of the places of a take is meant where a moment of it is named."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import msgspec

from engine.protocol import rational
from foley_plugin.services.redoing import _laid
from foley_plugin.takes.store import Store
from tests.plugin.delivery.small_project import clip_at, cut_of, make_take

RATE = Fraction(25)


def test_a_moment_in_a_handle_means_the_place_whose_handle_it_is(tmp_path: Path) -> None:
    """Both clips show the same: 0 to 2 s, and 4 to 6 s; the handles reach 1 s further."""
    first = clip_at(1, 0, 50, RATE)
    second = msgspec.structs.replace(first, index=2, record_in=(4, 1), record_out=(6, 1))
    cut = cut_of(first, second, rate=RATE)
    with Store.open(tmp_path / "p") as store:
        take = make_take(store, cut, first, "hammer", [0.5]).takes[0]
        meant = {
            str(at): _laid(store, cut, take, Fraction(at)).selected.record_in
            for at in ("1", "2.5", "3.5", "4", "6.5")
        }
        assert _laid(store, cut, take, None).selected.record_in == 0
    assert meant == {"1": 0, "2.5": 0, "3.5": 4, "4": 4, "6.5": 4}
    assert rational(meant["3.5"]) == second.record_in
