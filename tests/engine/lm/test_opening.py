"""Takes that go on from a cast sound: its tokens come first, are forced, and are not heard."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
import torch

from engine.config import WindowConfig
from engine.errors import RequestError
from engine.lm.generate import TakeUnit, generate_takes, plan_windows
from engine.lm.opening import curve_after, features_after, hits_after, opening_codes
from engine.protocol import Cast, Hit, Sampling, pack_tokens
from tests.engine.lm.small import small_lm
from tests.engine.lm.test_generate import conditions_of
from tests.engine.models import TINY

WINDOWS = WindowConfig(window_frames=150, stride_frames=100)
GREEDY = Sampling(top_k=1)
SHA = "f" * 64


def cast_of(num_frames: int = 100, *, sha256: str = SHA, books: int = 4, top: int = 31) -> Cast:
    rows = [[(7 * k + t) % (top + 1) for t in range(num_frames)] for k in range(books)]
    return Cast(pack_tokens(rows, 50, sha256), [Hit(0.5), Hit(1.5)])


def test_a_take_that_goes_on_from_its_own_first_frames_is_the_rest_of_itself() -> None:
    """Greedy, so that no generator stands in between: priming is teacher forcing."""
    lm = small_lm()
    whole = TakeUnit(conditions_of(230), 230, GREEDY, seed=0)
    (codes,) = generate_takes(lm, [whole], windows=WINDOWS)
    primed = TakeUnit(whole.conditions, 230, GREEDY, seed=0, opening=codes[:, :50])
    (rest,) = generate_takes(lm, [primed], windows=WINDOWS)
    assert torch.equal(rest, codes[:, 50:])


def test_only_what_follows_the_opening_is_handed_over_and_it_depends_on_it() -> None:
    lm = small_lm()
    rows = torch.arange(4)[:, None] + torch.arange(50)[None]
    heard: list[torch.Tensor] = []
    units = [
        TakeUnit(conditions_of(180), 180, Sampling(), seed=3, opening=(rows + shift) % 8) for shift in (0, 11)
    ]
    made = generate_takes(lm, units, windows=WINDOWS, on_unit=lambda number, codes: heard.append(codes))
    assert [codes.shape[-1] for codes in made] == [130, 130] and len(heard) == 2
    assert not torch.equal(made[0], made[1])


def test_the_first_window_is_primed_with_the_opening_and_the_others_as_ever() -> None:
    plan = plan_windows(600, WindowConfig(), 100)
    assert [(window.start, window.prime) for window in plan] == [(0, 100), (400, 100)]


def test_the_casts_hits_come_first_and_the_takes_after_them() -> None:
    hits = hits_after(cast_of(), [Hit(0.25, 0.5), Hit(-0.2)], 2.0)
    assert hits == [Hit(0.5), Hit(1.5), Hit(2.25, 0.5)]


def test_the_first_picture_is_held_and_the_curves_mean_stands_for_the_casts() -> None:
    features = torch.arange(6.0).reshape(3, 2)
    assert torch.equal(features_after(features, 2)[:, 0], torch.tensor([0.0, 0.0, 0.0, 2.0, 4.0]))
    assert curve_after(np.array([0.2, 0.4], np.float32), 2) == pytest.approx([0.3, 0.3, 0.2, 0.4])
    assert curve_after(np.zeros(0, np.float32), 2).size == 0


def test_a_casts_codes_come_back_as_they_were() -> None:
    codes = opening_codes(cast_of(), TINY, SHA)
    assert codes.shape == (4, 100) and codes[1, 3] == 10


@pytest.mark.parametrize(
    ("cast", "said"),
    [
        (cast_of(sha256="0" * 64), "another model"),
        (cast_of(books=2), "another model"),
        (cast_of(60), "whole seconds, up to 2"),
        (cast_of(150), "whole seconds, up to 2"),
        (cast_of(0), "whole seconds, up to 2"),
        (Cast(pack_tokens([[999] * 100] * 4, 50, SHA)), "damaged"),
        (
            Cast(msgspec.structs.replace(cast_of().tokens, data=cast_of().tokens.data[:-9])),
            "damaged",
        ),
    ],
)
def test_a_cast_that_cannot_be_gone_on_from_is_refused_in_a_sentence(cast: Cast, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        opening_codes(cast, TINY, SHA)
