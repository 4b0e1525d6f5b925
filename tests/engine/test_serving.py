"""Takes of several requests side by side, in one process: bytes, events, cancels, and what goes wrong."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch

import engine.opening
import engine.pipeline
import engine.serving
from engine.intake import Intake
from engine.protocol import (
    Cancelled,
    Cast,
    Event,
    Failed,
    Finished,
    Generate,
    Hit,
    Picture,
    Progress,
    Request,
    Sampling,
    Spot,
    Take,
)
from engine.serving import Service
from engine.visual.sight import OnProgress, Sight
from tests.engine.models import write_tiny_model
from tests.engine.worker_process import picture_of, write_moving_film

ALLOCATOR = "[enforce fail at alloc_cpu.cpp:124] . DefaultCPUAllocator: can't allocate memory: you tried to allocate 9"


class Line(Intake):
    """Requests that wait in a line; `cancelled` may grow at any time."""

    def __init__(self, *requests: Request) -> None:
        self._waiting = deque(requests)
        self.cancelled: set[int] = set()
        self.busy_with: int | None = None

    def take(self, *, wait: bool) -> Request | None:
        return self._waiting.popleft() if self._waiting else None

    def is_cancelled(self, request_id: int) -> bool:
        return request_id in self.cancelled


class Bench:
    """A service and all that it said."""

    def __init__(self, model: Path, **wishes: Any) -> None:
        self.events: list[Event] = []
        self.hear: Callable[[Event], None] = self.events.append
        self.service = Service(model, 1, lambda event: self.hear(event), **wishes)

    def serve(self, *requests: Request) -> list[Event]:
        self.events.clear()
        self.service.serve(Line(*requests))
        return list(self.events)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    write_tiny_model(folder)
    return folder


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_moving_film(tmp_path_factory.mktemp("media") / "moving.mp4")


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def widths(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many takes were drawn side by side, each time."""
    seen: list[int] = []
    draw = engine.pipeline.generate_takes

    def noting(*args: Any, side_by_side: int, **others: Any) -> Any:
        seen.append(side_by_side)
        return draw(*args, side_by_side=side_by_side, **others)

    monkeypatch.setattr(engine.pipeline, "generate_takes", noting)
    return seen


def knocks(
    number: int, media: str, wavs: Sequence[Path], seconds: Fraction = Fraction(1), **said: Any
) -> Generate:
    once = Sampling(drafts=1)
    given = {"label": "knock", "hits": [Hit(0.25 * number)], "seed": number, "sampling": once, **said}
    paths = [str(wav) for wav in wavs]
    return Generate(number, picture_of(media, seconds), paths, round(seconds * 48000), **given)


def ends(events: Sequence[Event]) -> dict[int | None, type]:
    last = [event for event in events if isinstance(event, Finished | Cancelled | Failed)]
    assert len({event.id for event in last}) == len(last)
    return {event.id: type(event) for event in last}


def test_three_takes_in_one_request_are_three_requests_byte_for_byte(
    model: Path, media: str, tmp_path: Path, widths: list[int]
) -> None:
    bench = Bench(model, is_first_alone=False)
    together = [tmp_path / f"together{take}.wav" for take in range(3)]
    alone = [tmp_path / f"alone{take}.wav" for take in range(3)]
    bench.serve(knocks(1, media, together, seed=5))
    assert widths == [3]
    for take, wav in enumerate(alone):
        bench.serve(knocks(1, media, [wav], seed=5 + take))
    assert widths == [3, 1, 1, 1]
    bytes_of = [[wav.read_bytes() for wav in wavs] for wavs in (together, alone)]
    assert bytes_of[0] == bytes_of[1]
    assert len(set(bytes_of[0])) == 3


def test_two_cues_side_by_side_sound_as_they_do_alone(
    model: Path, media: str, tmp_path: Path, widths: list[int]
) -> None:
    """Of different lengths, labels and sampling; the shorter one is there first."""
    cues = [("rain", Fraction(2), 1), ("knock", Fraction(1), 2)]
    bench = Bench(model, is_first_alone=False)

    def requests(name: str) -> list[Generate]:
        return [
            knocks(number, media, [tmp_path / f"{name}{number}.wav"], seconds, label=label)
            for label, seconds, number in cues
        ]

    events = bench.serve(*requests("both"))
    assert widths == [2]
    assert [event.id for event in events if isinstance(event, Finished)] == [2, 1]
    for request in requests("one"):
        bench.serve(request)
    for _, _, number in cues:
        both, one = (tmp_path / f"{name}{number}.wav" for name in ("both", "one"))
        assert both.read_bytes() == one.read_bytes()


def test_after_idling_the_first_take_goes_alone_and_the_others_follow_together(
    model: Path, media: str, tmp_path: Path, widths: list[int]
) -> None:
    bench = Bench(model)
    line = [knocks(number, media, [tmp_path / f"{number}{t}.wav" for t in "ab"]) for number in (1, 2, 3)]
    bench.serve(*line)
    assert widths == [1, 5]
    bench.serve(knocks(4, media, [tmp_path / f"4{t}.wav" for t in "abc"]))
    assert widths == [1, 5, 1, 2]


def test_a_take_is_said_when_its_file_is_there_and_each_request_ends_once(
    model: Path, media: str, tmp_path: Path
) -> None:
    bench = Bench(model)
    heard: list[Event] = []

    def hear(event: Event) -> None:
        assert not isinstance(event, Take) or Path(event.wav).stat().st_size > 1000
        heard.append(event)

    bench.hear = hear
    line = [knocks(number, media, [tmp_path / f"{number}{t}.wav" for t in "ab"]) for number in (1, 2)]
    bench.service.serve(Line(*line, Spot(3, picture_of(media))))
    assert ends(heard) == {1: Finished, 2: Finished}
    for number in (1, 2):
        own = [event for event in heard if getattr(event, "id", None) == number]
        shares = [event.fraction for event in own if isinstance(event, Progress)]
        assert shares == sorted(shares) and shares[0] >= 0 and shares[-1] <= 1
        assert [event.take for event in own if isinstance(event, Take)] == [0, 1]
        assert isinstance(own[-1], Finished)


def test_a_cancel_stops_its_request_alone_and_keeps_what_has_landed(
    model: Path, media: str, tmp_path: Path
) -> None:
    bench, line = Bench(model, batch=2), Line()
    line = Line(*(knocks(n, media, [tmp_path / f"{n}{t}.wav" for t in "abc"]) for n in (1, 2, 3)))

    def hear(event: Event) -> None:
        bench.events.append(event)
        if isinstance(event, Take) and event.id == 1:
            line.cancelled |= {1, 3}

    bench.hear = hear
    bench.service.serve(line)
    assert ends(bench.events) == {1: Cancelled, 2: Finished, 3: Cancelled}
    landed = sorted(path.name for path in tmp_path.iterdir())
    assert landed == ["1a.wav", "2a.wav", "2b.wav", "2c.wav"]


def test_a_cancel_is_answered_while_another_request_is_looked_at(
    model: Path, media: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(model, batch=2, is_first_alone=False)
    line = Line(*(knocks(n, media, [tmp_path / f"{n}.wav"]) for n in (1, 2)))
    look, ended_after_look = bench.service._pipeline.look, []

    def cancelling_look(picture: Picture, on_progress: OnProgress) -> Sight:
        if line.busy_with == 2:
            line.cancelled.add(1)
        on_progress("decode", 0.0)  # a look that is kept from before tells nothing
        sight = look(picture, on_progress)
        ended_after_look.append(ends(bench.events))
        return sight

    monkeypatch.setattr(bench.service._pipeline, "look", cancelling_look)
    bench.service.serve(line)
    assert ended_after_look == [{}, {1: Cancelled}]
    assert ends(bench.events) == {1: Cancelled, 2: Finished}


def test_what_is_wrong_with_one_request_is_its_own_affair(model: Path, media: str, tmp_path: Path) -> None:
    (tmp_path / "taken.wav").write_bytes(b"precious")
    line = [
        knocks(1, media, [tmp_path / "1.wav"]),
        knocks(2, str(tmp_path / "no film.mov"), [tmp_path / "2.wav"]),
        knocks(3, media, [tmp_path / "taken.wav"]),
        knocks(4, media, [tmp_path / "no folder" / "4.wav"]),
        knocks(5, media, [tmp_path / "5.wav"]),
    ]
    events = Bench(model, is_first_alone=False).serve(*line)
    assert ends(events) == {1: Finished, 2: Failed, 3: Failed, 4: Failed, 5: Finished}
    codes = {event.id: event.code for event in events if isinstance(event, Failed)}
    assert codes == {2: "media_not_found", 3: "output", 4: "output"}
    assert (tmp_path / "taken.wav").read_bytes() == b"precious"


def fail_beyond(monkeypatch: pytest.MonkeyPatch, widest: int, steps: int = 20) -> None:
    """More takes side by side than `widest` run out of memory after some steps."""
    draw = engine.pipeline.generate_takes

    def failing(*args: Any, side_by_side: int, on_step: Any, **others: Any) -> Any:
        taken = 0

        def step(number: int, share: float) -> bool:
            nonlocal taken
            taken += 1
            if side_by_side > widest and taken > steps:
                raise RuntimeError(ALLOCATOR)
            went_on: bool = on_step(number, share)
            return went_on

        return draw(*args, side_by_side=side_by_side, on_step=step, **others)

    monkeypatch.setattr(engine.pipeline, "generate_takes", failing)


def test_out_of_memory_halves_the_batch_and_goes_on(
    model: Path, media: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, widths: list[int]
) -> None:
    bench = Bench(model, is_first_alone=False)
    bench.serve(knocks(1, media, [tmp_path / f"whole{take}.wav" for take in range(8)]))
    fail_beyond(monkeypatch, 2)
    events = bench.serve(knocks(1, media, [tmp_path / f"halved{take}.wav" for take in range(8)]))
    assert widths == [8, 8, 4, 2]
    assert ends(events) == {1: Finished}
    for take in range(8):
        whole, halved = (tmp_path / f"{name}{take}.wav" for name in ("whole", "halved"))
        assert whole.read_bytes() == halved.read_bytes()


def test_a_take_that_no_memory_suffices_for_fails_alone_with_a_sentence(
    model: Path, media: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, widths: list[int]
) -> None:
    """The long one needs too much at any width; the short ones are made all the same."""
    fail_beyond(monkeypatch, 0, steps=60)
    line = [
        knocks(1, media, [tmp_path / "1.wav"], Fraction(1, 2)),
        knocks(2, media, [tmp_path / "2.wav"], Fraction(2)),
        knocks(3, media, [tmp_path / "3.wav"], Fraction(1, 2)),
    ]
    events = Bench(model, is_first_alone=False).serve(*line)
    assert ends(events) == {1: Finished, 2: Failed, 3: Finished}
    (failed,) = (event for event in events if isinstance(event, Failed))
    assert failed.code == "out_of_memory" and "memory" in failed.sentence
    assert widths[-1] == 1


def test_an_error_of_our_own_strikes_the_take_that_has_it(
    model: Path, media: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, widths: list[int]
) -> None:
    draw = engine.pipeline.generate_takes

    def failing(lm: Any, units: Sequence[Any], **others: Any) -> Any:
        if any(unit.seed == 2 for unit in units):
            # As where it is met: when the unit's turn has come.
            before = [unit.seed for unit in units].index(2) if others["side_by_side"] == 1 else 0
            draw(lm, units[:before], **others)
            raise IndexError("a bug")
        return draw(lm, units, **others)

    monkeypatch.setattr(engine.pipeline, "generate_takes", failing)
    line = [knocks(number, media, [tmp_path / f"{number}.wav"]) for number in (1, 2, 3)]
    events = Bench(model, is_first_alone=False).serve(*line)
    assert ends(events) == {1: Finished, 2: Failed, 3: Finished}
    assert [event.code for event in events if isinstance(event, Failed)] == ["internal"]


def test_memory_and_wish_bound_the_batch(
    model: Path, media: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, widths: list[int]
) -> None:
    Bench(model, is_first_alone=False, batch=3, dtype="float32").serve(
        knocks(1, media, [tmp_path / f"a{take}.wav" for take in range(5)])
    )
    each = engine.opening.bytes_of_draft(Bench(model, dtype="float32").service._pipeline, 54)
    monkeypatch.setattr(engine.opening, "free_bytes", lambda _: 2 * each + 5)
    Bench(model, is_first_alone=False, dtype="float32").serve(
        knocks(2, media, [tmp_path / f"b{take}.wav" for take in range(5)])
    )
    assert widths == [3, 2]


def test_drafts_are_drawn_side_by_side_as_far_as_memory_goes(
    model: Path, media: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, widths: list[int]
) -> None:
    """One take's two drafts; of three takes' six, as many as fit; each take as it is alone."""
    twice: dict[str, Any] = {"sampling": Sampling(drafts=2), "seed": 5}
    wavs = {
        name: [tmp_path / f"{name}{take}.wav" for take in range(3)] for name in ("whole", "little", "alone")
    }
    Bench(model, is_first_alone=False).serve(knocks(1, media, wavs["whole"], **twice))
    each = engine.opening.bytes_of_draft(Bench(model).service._pipeline, 54)
    monkeypatch.setattr(engine.opening, "free_bytes", lambda _: 4 * each + 5)
    Bench(model, is_first_alone=False).serve(knocks(1, media, wavs["little"], **twice))
    for take, wav in enumerate(wavs["alone"]):
        Bench(model).serve(knocks(1, media, [wav], **{**twice, "seed": 5 + take}))
    assert widths == [6, 4, 2, 2, 2]
    for made in zip(*wavs.values(), strict=True):
        assert len({wav.read_bytes() for wav in made}) == 1


def test_a_take_whose_drafts_do_not_fit_together_is_drawn_one_by_one(
    model: Path, media: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, widths: list[int]
) -> None:
    fail_beyond(monkeypatch, 1)
    events = Bench(model).serve(knocks(1, media, [tmp_path / "1.wav"], sampling=Sampling(drafts=2)))
    assert ends(events) == {1: Finished}
    assert widths == [2, 1]


def test_a_take_goes_on_from_another_and_says_what_it_was_decoded_from(
    tmp_path: Path, model: Path, media: str
) -> None:
    bench = Bench(model)

    def asked(name: str, cast: Cast | None) -> Take:
        request = Generate(
            id=1,
            picture=picture_of(media, Fraction(3)),
            wav_paths=[str(tmp_path / name)],
            num_samples=144000,
            label="knock",
            hits=[Hit(0.5), Hit(1.7)],
            cast=cast,
        )
        return next(event for event in bench.serve(request) if isinstance(event, Take))

    plain = asked("plain.wav", None)
    assert plain.tokens is not None and plain.tokens.num_frames == 154
    sounds = bench.service._pipeline
    wav = sounds.waveform(torch.tensor(plain.tokens.rows), 144000, 48000)
    assert 20 * np.log10(np.abs(wav).max()) == pytest.approx(plain.peak_dbfs, abs=1e-3)
    cast = Cast(plain.tokens.excerpt(50, 100), [Hit(0.7)])
    followed = asked("followed.wav", cast)
    assert followed.tokens is not None and followed.tokens.num_frames == 154
    assert followed.sha256 != plain.sha256 and followed.recipe["cast"]
    assert asked("again.wav", cast).sha256 == followed.sha256
    strange = Cast(msgspec.structs.replace(cast.tokens, codec_sha256="0" * 64))
    (ended,) = bench.serve(
        Generate(
            id=2,
            picture=picture_of(media, Fraction(3)),
            wav_paths=[str(tmp_path / "no.wav")],
            num_samples=144000,
            label="knock",
            hits=[],
            cast=strange,
        )
    )
    assert isinstance(ended, Failed) and "another model" in ended.sentence
