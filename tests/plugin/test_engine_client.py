"""The protocol client, driven by hand: no process, no clock."""

from __future__ import annotations

from fractions import Fraction

import pytest

from engine import protocol
from engine.protocol import Picture, Span, rational
from foley_plugin.services.engine_client import (
    CANCEL_LIMIT_S,
    MAX_BAD_LINES,
    SILENCE_LIMIT_S,
    START_LIMIT_S,
    EngineClient,
    EngineLost,
)

READY = protocol.Ready(
    protocol=protocol.PROTOCOL_VERSION,
    engine_version="1",
    model="m",
    model_sha256="0",
    labels=[],
    device="cpu",
    dtype="float32",
    num_threads=1,
)
PICTURE = Picture(media="/x.mov", spans=[Span(duration=rational(Fraction(2)), source_start=(0, 1))])
SPOT = protocol.Spot(id=0, picture=PICTURE)


class Bench:
    """A client, what it sent, and what its callbacks heard."""

    def __init__(self) -> None:
        self.sent: list[protocol.Request] = []
        self.heard: list[protocol.Event] = []
        self.notices: list[str] = []
        self.client = EngineClient(
            lambda data: self.sent.append(protocol.decode_request(data)), on_notice=self.notices.append
        )
        self.client.started(0.0)

    def say(self, event: protocol.Event, now_s: float = 0.0) -> None:
        self.client.feed(protocol.encode(event), now_s)

    def submit(self) -> int:
        return self.client.submit(SPOT, self.heard.append)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_requests_wait_for_the_engine_to_be_ready(bench: Bench) -> None:
    first, second = bench.submit(), bench.submit()
    assert bench.sent == []
    bench.say(READY)
    assert [request.id for request in bench.sent] == [first, second]
    assert first != second


def test_events_reach_the_callback_of_their_request_even_in_single_bytes(bench: Bench) -> None:
    bench.say(READY)
    other: list[protocol.Event] = []
    mine = bench.submit()
    bench.client.submit(SPOT, other.append)
    progress = protocol.Progress(id=mine, stage="spot", fraction=0.5)
    for byte in protocol.encode(progress):
        bench.client.feed(bytes([byte]), 0.0)
    assert bench.heard == [progress]
    assert other == []


def test_a_terminal_event_closes_its_request_and_later_words_are_dropped(bench: Bench) -> None:
    bench.say(READY)
    mine = bench.submit()
    done = protocol.Spotted(id=mine, hits=[], curve=[], labels=[])
    bench.say(done)
    bench.say(protocol.Progress(id=mine, stage="spot", fraction=1.0))
    assert bench.heard == [done]
    assert bench.client.open_requests == ()


def test_another_protocol_version_condemns_the_engine(bench: Bench) -> None:
    mine = bench.submit()
    bench.client.feed(
        protocol.encode(protocol.Ready(protocol.PROTOCOL_VERSION + 1, "1", "m", "0", [], "cpu", "f", 1)), 0.0
    )
    sentence = bench.client.verdict(0.1)
    assert sentence is not None and "version" in sentence
    bench.client.died(sentence)
    assert bench.heard == [protocol.Failed(id=mine, code="engine_lost", sentence=sentence)]


def test_death_ends_every_open_request_with_its_sentence(bench: Bench) -> None:
    bench.say(READY)
    first, second = bench.submit(), bench.submit()
    bench.client.died("It broke.")
    assert bench.heard == [
        protocol.Failed(id=first, code="engine_lost", sentence="It broke."),
        protocol.Failed(id=second, code="engine_lost", sentence="It broke."),
    ]
    assert not bench.client.is_alive
    with pytest.raises(EngineLost, match="It broke"):
        bench.submit()


def test_cancelling_what_was_not_sent_needs_no_engine(bench: Bench) -> None:
    mine = bench.submit()
    bench.client.cancel(mine, 0.0)
    bench.say(READY)
    assert bench.heard == [protocol.Cancelled(id=mine)]
    assert bench.sent == []


def test_an_engine_that_does_not_stop_is_killed_after_three_seconds(bench: Bench) -> None:
    bench.say(READY)
    mine = bench.submit()
    bench.client.cancel(mine, 10.0)
    assert isinstance(bench.sent[-1], protocol.Cancel) and bench.sent[-1].target == mine
    for tenth in range(100, 100 + int(CANCEL_LIMIT_S * 10)):
        bench.say(protocol.Heartbeat(), tenth / 10)
        assert bench.client.verdict(tenth / 10) is None
    sentence = bench.client.verdict(10.0 + CANCEL_LIMIT_S + 0.1)
    assert sentence is not None
    bench.client.died(sentence)
    assert bench.heard == [protocol.Cancelled(id=mine)]


def test_a_silent_engine_is_killed_and_a_beating_one_is_not(bench: Bench) -> None:
    bench.say(READY, 0.0)
    for second in range(int(SILENCE_LIMIT_S) * 2):
        bench.say(protocol.Heartbeat(), float(second))
        assert bench.client.verdict(float(second)) is None
    last = float(second)
    verdicts = [bench.client.verdict(last + silence) for silence in range(int(SILENCE_LIMIT_S) + 2)]
    assert verdicts[int(SILENCE_LIMIT_S)] is None
    assert verdicts[-1] is not None


def test_a_closed_laptop_lid_does_not_kill_the_engine(bench: Bench) -> None:
    bench.say(READY, 0.0)
    bench.client.verdict(1.0)
    assert bench.client.verdict(3600.0) is None
    assert bench.client.verdict(3601.0) is None


def test_an_engine_that_never_gets_ready_is_killed(bench: Bench) -> None:
    verdicts = [bench.client.verdict(float(second)) for second in range(int(START_LIMIT_S) + 2)]
    assert verdicts[int(START_LIMIT_S)] is None
    assert verdicts[-1] is not None and "start" in verdicts[-1]


def test_a_few_bad_lines_are_noted_and_many_end_the_engine(bench: Bench) -> None:
    bench.say(READY)
    mine = bench.submit()
    bench.client.feed(b"Loading weights...\n" * MAX_BAD_LINES, 0.0)
    assert bench.client.verdict(0.1) is None
    assert len(bench.notices) == MAX_BAD_LINES
    bench.say(protocol.Progress(id=mine, stage="spot", fraction=0.5))
    assert len(bench.heard) == 1
    bench.client.feed(b"more\n", 0.0)
    assert bench.client.verdict(0.2) is not None


def test_an_endless_line_ends_the_engine(bench: Bench) -> None:
    bench.say(READY)
    bench.client.feed(b"x" * (protocol.MAX_LINE_BYTES + 1), 0.0)
    assert bench.client.verdict(0.1) is not None


def test_a_failure_that_blames_no_request_is_the_reason_of_the_death(bench: Bench) -> None:
    mine = bench.submit()
    bench.say(protocol.Failed(id=None, code="checkpoint_not_found", sentence="There is no model."))
    sentence = bench.client.verdict(0.1)
    assert sentence == "There is no model."
    bench.client.died(sentence)
    assert bench.heard == [protocol.Failed(id=mine, code="engine_lost", sentence="There is no model.")]
