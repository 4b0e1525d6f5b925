"""The engine whose hands are a Ray cluster's actors. This process holds no model.

Ray starts the actors, restarts those that die and carries the bytes. Which piece goes to whom next is first
come, first served, as in `ray.util.ActorPool`; what an actor had in hand when it died goes back to the board.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from engine.cluster.actor import Kind, Maker
from engine.cluster.board import Board, Piece
from engine.cluster.crew import Crew, address_of, connect, machines_of, plan_crew
from engine.cluster.parcels import files_for
from engine.errors import ClusterError
from engine.intake import Intake, Say
from engine.protocol import Failed, Ready

START_LIMIT_S = 200.0
"""For the first actor to have loaded its model; shorter than the client's patience."""

TURN_S = 0.2
GREET_AGAIN_S = 0.5


@dataclass(eq=False)
class Hand:
    """One actor: greeted (`hello` is open), idle, or at work (`stream` is open)."""

    handle: Any
    hello: Any = None
    stream: Any = None
    pieces: dict[int, Piece] = field(default_factory=dict)
    host: str = ""
    greet_at_s: float | None = None
    """When to ask an actor that is being started again whether it is there."""

    @property
    def is_up(self) -> bool:
        return self.hello is None and self.greet_at_s is None

    @property
    def is_idle(self) -> bool:
        return self.is_up and self.stream is None


class Cluster:
    """Carries out requests as `engine.serving.Service` does, with many hands."""

    def __init__(
        self,
        ray: Any,
        crew: Crew,
        say: Say,
        *,
        model: Path | None,
        batch: int | None,
        dtype: str | None = None,
    ) -> None:
        self._ray, self._crew = ray, crew
        actor = ray.remote(Maker).options(
            num_cpus=crew.threads,
            num_gpus=crew.gpus_each,
            max_restarts=-1,
            max_concurrency=2,
            scheduling_strategy="SPREAD",
        )
        folder = None if model is None else str(model.absolute())
        self._hands = [
            Hand(actor.remote(folder, crew.threads, batch, dtype, crew.device)) for _ in range(crew.actors)
        ]
        self._board = Board(say)
        self._model: Ready | None = None
        self._heard_at_s = time.monotonic()
        for hand in self._hands:
            self._greet(hand)

    def ready(self) -> Ready:
        """The hello of the first actor that is there; the others join as they come.

        Raises:
            ClusterError: none comes, or the model cannot be loaded.
        """
        self._heard_at_s = time.monotonic()
        while self._model is None:
            self._hear()
            self._check_hands()
        actors = f"ray: {len(self._hands)} actor{'s' if len(self._hands) > 1 else ''}"
        parallel = 2 * len(self._hands) * self._model.parallel
        return msgspec.structs.replace(self._model, device=actors, parallel=parallel)

    def serve(self, intake: Intake) -> None:
        """Until the end of requests."""
        while True:
            if not self._take_in(intake):
                return
            self._board.end_cancelled(intake.is_cancelled)
            self._stop_settled()
            self._hand_out()
            self._hear()
            try:
                self._check_hands()
            except ClusterError as error:
                self._board.end_all(error)

    def close(self) -> None:
        for hand in self._hands:
            with contextlib.suppress(Exception):  # it is gone already
                self._ray.kill(hand.handle)
        self._ray.shutdown()

    def _take_in(self, intake: Intake) -> bool:
        """All requests that have come; without anything to do, wait. False at the end of all."""
        while True:
            is_idle = self._board.is_idle
            if is_idle:
                intake.busy_with = None
            request = intake.take(wait=is_idle)
            if request is None:
                return not is_idle
            if is_idle:
                self._heard_at_s = time.monotonic()
            intake.busy_with = request.id
            self._board.accept(request)

    def _hand_out(self) -> None:
        assert self._model is not None
        for hand in [hand for hand in self._hands if hand.is_idle]:
            pieces = self._board.hand_out(self._model.parallel, len(self._hands))
            if not pieces:
                return
            hand.pieces = {piece.id: piece for piece in pieces}
            work = hand.handle.carry_out.options(num_returns="streaming")
            requests = [piece.request for piece in pieces]
            hand.stream = work.remote(Kind.of(self._model), requests, files_for(requests))

    def _stop_settled(self) -> None:
        """Tell actors of what they need not finish."""
        for hand in self._hands:
            if hand.stream is not None and (
                over := [number for number, piece in hand.pieces.items() if piece.order.is_over]
            ):
                for number in over:
                    del hand.pieces[number]
                hand.handle.cancel.remote(over)

    def _hear(self) -> None:
        """One word of each actor that has something to say; wait a moment for the first."""
        self._greet_again()
        by_ref = {hand.hello if hand.stream is None else hand.stream: hand for hand in self._hands}
        by_ref.pop(None, None)
        if not by_ref:
            time.sleep(TURN_S)
            return
        spoke, _ = self._ray.wait(list(by_ref), num_returns=1, timeout=TURN_S)
        for ref in spoke:
            self._heard_at_s = time.monotonic()
            self._hear_one(by_ref[ref])

    def _hear_one(self, hand: Hand) -> None:
        try:
            if hand.stream is None:
                self._meet(hand, *self._ray.get(hand.hello))
                return
            event, content = self._ray.get(next(hand.stream))
            piece = hand.pieces.get(event.id)
            if piece is not None:
                self._board.hear(piece, event, content, hand.host)
        except StopIteration:
            self._put_down(hand)
        except self._ray.exceptions.ActorDiedError as error:
            print(f"an actor on {hand.host} is gone for good: {error}", file=sys.stderr)
            self._put_down(hand)
            self._hands.remove(hand)
        except self._ray.exceptions.RayError as error:
            print(f"an actor on {hand.host} was lost: {error}", file=sys.stderr)
            self._put_down(hand)
            hand.hello, hand.greet_at_s = None, time.monotonic() + GREET_AGAIN_S

    def _greet(self, hand: Hand) -> None:
        """Ask an actor whether it is there; one that is started again answers when it is."""
        hand.hello, hand.greet_at_s = hand.handle.hello.remote(), None

    def _greet_again(self) -> None:
        for hand in self._hands:
            if hand.greet_at_s is not None and time.monotonic() >= hand.greet_at_s:
                self._greet(hand)

    def _meet(self, hand: Hand, host: str, answer: Ready | Failed) -> None:
        """
        Raises:
            ClusterError: the first answer tells why the model cannot be loaded.
        """
        hand.host, hand.hello = host, None
        if isinstance(answer, Failed):
            sentence: str | None = answer.sentence
        else:
            self._model = self._model or answer
            sentence = Kind.of(answer).difference_from(Kind.of(self._model), host)
        if sentence is not None:
            print(sentence, file=sys.stderr)
            self._ray.kill(hand.handle)
            self._hands.remove(hand)
            if not self._hands:
                raise ClusterError(sentence)

    def _put_down(self, hand: Hand) -> None:
        """What an actor had in hand and did not finish goes back to the board."""
        hand.stream = None
        pieces, hand.pieces = list(hand.pieces.values()), {}
        self._board.take_back(pieces)

    def _check_hands(self) -> None:
        """
        Raises:
            ClusterError: nobody is left to do the work.
        """
        if not self._hands:
            raise ClusterError("The Ray cluster has no actor left to make foley: look at its log, try again.")
        if (
            not any(hand.is_up for hand in self._hands)
            and time.monotonic() - self._heard_at_s > START_LIMIT_S
        ):
            raise ClusterError(
                f"No actor of {self._crew.threads} CPUs came up on the Ray cluster within {START_LIMIT_S:.0f} s: "
                "it is full, or its machines cannot start foley; see its log."
            )


@contextlib.contextmanager
def open_cluster(
    place: str,
    say: Say,
    *,
    model: Path | None = None,
    actors: int | None = None,
    threads: int | None = None,
    batch: int | None = None,
    dtype: str | None = None,
    device: str | None = None,
) -> Iterator[Cluster]:
    """Actors on `ray`, `ray:auto` or `ray:HOST:PORT`, ended with the block.

    Args:
        dtype, device: of all actors; None takes this process's FOLEY_DTYPE and FOLEY_DEVICE, or what they have.

    Raises:
        ClusterError: there is no Ray, no cluster, or no room on it.
    """
    # What is set here holds for all: an actor's own environment is that of whoever started Ray on its machine.
    dtype = dtype or os.environ.get("FOLEY_DTYPE") or None
    device = device or os.environ.get("FOLEY_DEVICE") or None
    ray = connect(address_of(place), num_cpus=(actors or 1) * (threads or 1))
    try:
        crew = plan_crew(machines_of(ray), actors, threads, device)
        cluster = Cluster(ray, crew, say, model=model, batch=batch, dtype=dtype)
    except BaseException:
        ray.shutdown()
        raise
    try:
        yield cluster
    finally:
        cluster.close()
