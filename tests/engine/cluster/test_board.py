"""Requests cut into pieces and put together again, and how a cluster is shared out; no Ray is needed."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from engine.cluster.board import MAX_DEATHS, Board, Piece
from engine.cluster.crew import Crew, Machine, address_of, connect, plan_crew
from engine.errors import ClusterError
from engine.protocol import (
    Cancelled,
    Event,
    Failed,
    Finished,
    Generate,
    Picture,
    Progress,
    Span,
    Spot,
    Spotted,
    Take,
)

PICTURE = Picture("/films/a.mov", [Span((1, 1), (0, 1))])


class Desk:
    """A board and what it said."""

    def __init__(self) -> None:
        self.said: list[Event] = []
        self.board = Board(self.said.append)

    def land(self, piece: Piece) -> None:
        assert isinstance(piece.request, Generate)
        content = f"take {piece.request.seed}".encode()
        digest = hashlib.sha256(content).hexdigest()
        (path,) = piece.request.wav_paths
        take = Take(piece.id, 0, path, "knock", piece.request.seed, [], 0.1, -1.0, digest, {})
        self.board.hear(piece, take, content, "far")


def takes(number: int, folder: Path, count: int, media: str = "/films/a.mov") -> Generate:
    paths = [str(folder / f"{number}_{take}.wav") for take in range(count)]
    return Generate(number, Picture(media, PICTURE.spans), paths, 48000, seed=10 * number)


def test_a_request_is_cut_into_takes_with_seeds_of_their_own_and_put_together_again(tmp_path: Path) -> None:
    desk = Desk()
    desk.board.accept(takes(7, tmp_path, 3))
    pieces = desk.board.hand_out(8, 1)
    assert [(piece.request.seed, len(piece.request.wav_paths)) for piece in pieces] == [  # type: ignore[union-attr]
        (70, 1),
        (71, 1),
        (72, 1),
    ]
    assert len({piece.id for piece in pieces}) == 3
    desk.board.hear(pieces[1], Progress(pieces[1].id, "generate", 0.6), None, "far")
    assert desk.said == [Progress(7, "generate", pytest.approx(0.2), 1)]
    for piece in reversed(pieces):
        desk.land(piece)
    landed = [event for event in desk.said if isinstance(event, Take)]
    assert [(event.id, event.take, event.seed) for event in landed] == [(7, 2, 72), (7, 1, 71), (7, 0, 70)]
    assert (tmp_path / "7_2.wav").read_bytes() == b"take 72"
    assert isinstance(desk.said[-1], Finished) and desk.said[-1].id == 7
    assert desk.board.is_idle


def test_what_waits_is_shared_out_evenly_and_in_order(tmp_path: Path) -> None:
    desk = Desk()
    for number in (1, 2, 3):
        desk.board.accept(takes(number, tmp_path, 2))
    shares = []
    while pieces := desk.board.hand_out(4, 2):
        shares.append([piece.order.request.id for piece in pieces])
    assert shares == [[1, 1, 2], [2, 3], [3]]


def test_what_an_actor_had_in_hand_is_made_again_alone_and_given_up_at_last(tmp_path: Path) -> None:
    desk = Desk()
    desk.board.accept(takes(1, tmp_path, 1))
    desk.board.accept(takes(2, tmp_path, 1))
    desk.board.take_back(desk.board.hand_out(8, 1))
    for death in range(2, MAX_DEATHS + 1):
        (killer,) = desk.board.hand_out(8, 1)
        assert killer.order.request.id == 1 and killer.deaths == death - 1
        desk.board.take_back([killer])
    (failed,) = desk.said
    assert isinstance(failed, Failed) and (failed.id, failed.code) == (1, "cluster")
    assert f"{MAX_DEATHS} times" in failed.sentence
    (other,) = desk.board.hand_out(8, 1)
    desk.land(other)
    assert isinstance(desk.said[-1], Finished) and desk.said[-1].id == 2


def test_a_take_that_landed_before_its_actor_died_is_not_made_again(tmp_path: Path) -> None:
    desk = Desk()
    desk.board.accept(takes(1, tmp_path, 2))
    pieces = desk.board.hand_out(8, 1)
    desk.land(pieces[0])
    desk.board.take_back(pieces)
    assert [piece.take for piece in desk.board.hand_out(8, 1)] == [1]


def test_a_cancel_is_answered_at_once_and_late_words_are_not_heard(tmp_path: Path) -> None:
    desk = Desk()
    desk.board.accept(takes(1, tmp_path, 2))
    desk.board.accept(takes(2, tmp_path, 1))
    first, _ = desk.board.hand_out(2, 1)
    desk.board.end_cancelled({1}.__contains__)
    desk.board.end_cancelled({1}.__contains__)
    desk.land(first)
    assert desk.said == [Cancelled(1)]
    assert not list(tmp_path.iterdir())
    assert [piece.order.request.id for piece in desk.board.hand_out(8, 1)] == [2]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    desk = Desk()
    (tmp_path / "1_1.wav").write_bytes(b"precious")
    desk.board.accept(takes(1, tmp_path, 2))
    assert isinstance(desk.said[-1], Failed) and desk.said[-1].code == "output"
    desk.board.accept(takes(2, tmp_path, 1))
    (piece,) = desk.board.hand_out(8, 1)
    (tmp_path / "2_0.wav").write_bytes(b"came meanwhile")
    desk.land(piece)
    assert isinstance(desk.said[-1], Failed) and desk.said[-1].id == 2
    assert (tmp_path / "1_1.wav").read_bytes() == b"precious"
    assert (tmp_path / "2_0.wav").read_bytes() == b"came meanwhile"
    assert desk.board.is_idle


def test_a_film_that_only_this_machine_sees_is_told_as_such(tmp_path: Path) -> None:
    film = tmp_path / "film.mov"
    film.write_bytes(b"moving")
    for media, words in ((str(film), "machine far"), (str(tmp_path / "gone.mov"), "not there")):
        desk = Desk()
        desk.board.accept(takes(1, tmp_path, 2, media))
        pieces = desk.board.hand_out(8, 1)
        for piece in pieces:
            desk.board.hear(piece, Failed(piece.id, "media_not_found", "It is not there."), None, "far")
        (failed,) = desk.said
        assert isinstance(failed, Failed) and words in failed.sentence and failed.id == 1


def test_a_look_for_hits_is_a_piece_too() -> None:
    desk = Desk()
    desk.board.accept(Spot(4, PICTURE))
    (piece,) = desk.board.hand_out(8, 3)
    desk.board.hear(piece, Spotted(piece.id, [], [], []), None, "far")
    assert desk.said == [Spotted(4, [], [], [])]


FOUR, TWELVE = Machine(4), Machine(12)


@pytest.mark.parametrize(
    ("machines", "actors", "threads", "crew"),
    [
        ([FOUR], None, None, Crew(1, 4)),
        ([FOUR, TWELVE], None, None, Crew(4, 4)),
        ([TWELVE, TWELVE], None, None, Crew(2, 8)),
        ([FOUR, TWELVE], 6, None, Crew(6, 2)),
        ([FOUR], 4, None, Crew(4, 1)),
        ([FOUR, TWELVE], None, 3, Crew(5, 3)),
        ([Machine(2)], 2, 1, Crew(2, 1)),
        ([FOUR, Machine(16, 2)], None, None, Crew(2, 8, 1.0, "cuda")),
        ([Machine(16, 2)], 4, None, Crew(4, 4, 0.5, "cuda")),
    ],
)
def test_a_cluster_is_shared_out_among_actors(
    machines: list[Machine], actors: int | None, threads: int | None, crew: Crew
) -> None:
    assert plan_crew(machines, actors, threads) == crew


@pytest.mark.parametrize(("actors", "threads"), [(17, None), (None, 13), (3, 8)])
def test_more_than_a_cluster_holds_is_refused(actors: int | None, threads: int | None) -> None:
    with pytest.raises(ClusterError, match="has room for"):
        plan_crew([FOUR, TWELVE], actors, threads)


def test_places_are_read_or_refused() -> None:
    assert [address_of(place) for place in ("ray", "ray:auto", "ray:10.0.0.1:6379", "ray:[::1]:6379")] == [
        "local",
        "auto",
        "10.0.0.1:6379",
        "[::1]:6379",
    ]
    for wrong in ("", "spark", "ray:", "ray:host", "rays", "ray:host:port"):
        with pytest.raises(ClusterError, match="ray:HOST:PORT"):
            address_of(wrong)


def test_without_ray_the_line_that_installs_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ClusterError, match=r"uv run --extra ray .*foley\[ray\]"):
        connect("local", num_cpus=1)
