"""What a cluster is asked for, cut into pieces (cue x take), and the answers put together again. Knows no Ray.

Generate of 3 takes -> 3 pieces, each a Generate of 1 take with a number and a seed of its own
events of pieces    -> events of the request: one progress, its takes, one end
"""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from engine.errors import Cancelled, ClusterError, FoleyError, MediaNotFound, RequestError
from engine.intake import Say, WriteFile, ending
from engine.media.atomic import refuse_existing, write_new_file
from engine.protocol import Event, Failed, Finished, Generate, Progress, Request, Spot, Spotted, Take

MAX_DEATHS = 3
"""A piece whose actor has died so often is given up."""


@dataclass(eq=False)
class Order:
    """One request of the client's."""

    request: Spot | Generate
    started_s: float
    shares: list[float]
    landed: set[int] = field(default_factory=set)
    is_over: bool = False


@dataclass(eq=False)
class Piece:
    """One take of an order, or a look for hits."""

    order: Order
    request: Spot | Generate
    """Under the piece's own number."""
    take: int
    deaths: int = 0

    @property
    def id(self) -> int:
        return self.request.id

    @property
    def is_settled(self) -> bool:
        return self.order.is_over or self.take in self.order.landed


class Board:
    """Orders, and the pieces of them that wait or are being made somewhere."""

    def __init__(self, say: Say, write_file: WriteFile = write_new_file) -> None:
        self._say, self._write_file = say, write_file
        self._ids = itertools.count(1)
        self._orders: list[Order] = []
        self._waiting: deque[Piece] = deque()

    @property
    def is_idle(self) -> bool:
        return not self._orders

    def accept(self, request: Request) -> None:
        """Cut a request into pieces; what cannot be carried out is said."""
        try:
            pieces = self._pieces(request)
        except FoleyError as error:
            self._say(ending(request.id, error))
            return
        if not pieces:
            self._say(Finished(request.id, 0.0))
            return
        self._orders.append(pieces[0].order)
        self._waiting.extend(pieces)

    def hand_out(self, room: int, num_actors: int) -> list[Piece]:
        """The next pieces for an actor that can make `room` at once: its share of what waits, in order.

        A piece whose actor has died goes alone, so that it takes no other with it.
        """
        while self._waiting and self._waiting[0].is_settled:
            self._waiting.popleft()
        if not self._waiting:
            return []
        handed = [self._waiting.popleft()]
        count = min(room, -(-(1 + len(self._waiting)) // num_actors))
        while self._waiting and len(handed) < count and not (handed[0].deaths or self._waiting[0].deaths):
            piece = self._waiting.popleft()
            handed += [] if piece.is_settled else [piece]
        return handed

    def hear(self, piece: Piece, event: Event, content: bytes | None, host: str) -> None:
        """An event about a piece, with the bytes of its WAV where it is a take."""
        order = piece.order
        if piece.is_settled:
            return
        match event:
            case Progress():
                order.shares[piece.take] = max(order.shares[piece.take], event.fraction)
                done = sum(order.shares) / len(order.shares)
                self._say(Progress(order.request.id, event.stage, done, piece.take))
            case Take():
                assert content is not None
                self._land(piece, event, content)
            case Spotted():
                self._close(order, msgspec.structs.replace(event, id=order.request.id))
            case Failed(code=code, sentence=sentence):
                if code == MediaNotFound.code:
                    sentence = _unseen(Path(order.request.picture.media), host) or sentence
                self._close(order, Failed(order.request.id, code, sentence))
            case _:
                pass

    def take_back(self, pieces: Sequence[Piece]) -> None:
        """Their actor has died: they are made again, first of all, but not for ever."""
        for piece in reversed(pieces):
            if piece.is_settled:
                continue
            piece.deaths += 1
            if piece.deaths < MAX_DEATHS:
                self._waiting.appendleft(piece)
                continue
            sentence = (
                f"The cluster's actors died {MAX_DEATHS} times over this clip, often a sign of too little memory: "
                "choose a shorter range, or give each actor more of a machine."
            )
            self._close(piece.order, ending(piece.order.request.id, ClusterError(sentence)))

    def end_cancelled(self, is_cancelled: Callable[[int], bool]) -> None:
        for order in [order for order in self._orders if is_cancelled(order.request.id)]:
            self._close(order, ending(order.request.id, Cancelled("Cancelled.")))

    def end_all(self, error: Exception) -> None:
        for order in list(self._orders):
            self._close(order, ending(order.request.id, error))

    def _pieces(self, request: Request) -> list[Piece]:
        now_s = time.monotonic()
        match request:
            case Spot():
                order = Order(request, now_s, [0.0])
                return [Piece(order, msgspec.structs.replace(request, id=next(self._ids)), 0)]
            case Generate(wav_paths=paths, seed=seed):
                refuse_existing(map(Path, paths))
                order = Order(request, now_s, [0.0] * len(paths))
                replace = msgspec.structs.replace
                return [
                    Piece(
                        order,
                        replace(request, id=next(self._ids), wav_paths=[path], seed=seed + take),
                        take,
                    )
                    for take, path in enumerate(paths)
                ]
            case _:
                raise RequestError(
                    "The engine does not know this request: update the panel and the engine together."
                )

    def _land(self, piece: Piece, take: Take, content: bytes) -> None:
        order, path = piece.order, Path(take.wav)
        try:
            self._write_file(path, content)
        except FoleyError as error:
            self._close(order, ending(order.request.id, error))
            return
        order.landed.add(piece.take)
        order.shares[piece.take] = 1.0
        self._say(msgspec.structs.replace(take, id=order.request.id, take=piece.take))
        if len(order.landed) == len(order.shares):
            self._close(order, Finished(order.request.id, time.monotonic() - order.started_s))

    def _close(self, order: Order, last: Event) -> None:
        order.is_over = True
        self._orders.remove(order)
        self._say(last)


def _unseen(media: Path, host: str) -> str | None:
    """Why a machine of the cluster does not find a file that is here; None where it is not here either."""
    if not media.is_file():
        return None
    return (
        f"The media file {media} is not there on the cluster's machine {host}: "
        "every machine of the cluster must read it at the same path."
    )
