"""Who is on a crew and what each is told, on a Ray that is played: no cluster, no GPU and no model is needed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

import engine.cluster.supervisor
import engine.serving
from engine.cluster.actor import Kind, Maker, Said
from engine.cluster.crew import Crew
from engine.cluster.supervisor import Cluster, open_cluster
from engine.errors import ClusterError
from engine.protocol import Event, Failed, Finished, Generate, Picture, Ready, Request, Span, Take
from tests.engine.test_serving import Line

GRAPH = "cuda graph, triton, 16 places"
READY = Ready(3, "0.1.0", "tiny", "a" * 64, ["knock"], "cuda", "bfloat16", 1, 1, GRAPH)


class ActorLost(Exception):
    """As `ray.exceptions.ActorUnavailableError`."""


class ActorGone(ActorLost):
    """As `ray.exceptions.ActorDiedError`."""


class PlayedActor:
    """A Maker that says what it is told to; `dies` at its first piece, and `then` is who Ray puts in its place."""

    def __init__(self, answer: Ready | Failed, *, dies: bool = False, then: Ready | None = None) -> None:
        self.answer, self.dies, self.then = answer, dies, then or answer
        self.made: list[int] = []
        self.is_killed = False
        self.hello = SimpleNamespace(remote=lambda: lambda: (f"machine {id(self) % 1000}", self.answer))
        self.carry_out = SimpleNamespace(options=lambda **_: SimpleNamespace(remote=self._carry_out))
        self.cancel = SimpleNamespace(remote=lambda ids: None)

    def _carry_out(
        self, kind: Kind, requests: Sequence[Generate], files: dict[str, bytes]
    ) -> Iterator[Callable[[], Said]]:
        for request in requests:
            if self.dies:
                self.dies, self.answer = False, self.then
                yield _raising(ActorLost("killed"))
                return
            self.made.append(request.seed)
            content = f"take {request.seed}".encode()
            digest = hashlib.sha256(content).hexdigest()
            take = Take(request.id, 0, request.wav_paths[0], "knock", request.seed, [], 0.1, -1.0, digest, {})
            yield partial(_made, take, content)


def _made(take: Take, content: bytes) -> Said:
    return take, content


def _raising(error: Exception) -> Callable[[], Said]:
    def raises() -> Said:
        raise error

    return raises


class PlayedRay:
    """As much of Ray as a supervisor uses: a reference is a function, and getting it calls it."""

    exceptions = SimpleNamespace(ActorDiedError=ActorGone, RayError=ActorLost)

    def __init__(self, *actors: PlayedActor, machines: Sequence[dict[str, float]] = ()) -> None:
        self._free, self._machines = list(actors), machines
        self._turn = -1
        self.told: list[tuple[Any, ...]] = []
        self.asked: dict[str, Any] = {}

    def remote(self, what: type) -> Any:
        assert what is Maker

        def options(**asked: Any) -> Any:
            self.asked = asked
            return SimpleNamespace(remote=self._actor)

        return SimpleNamespace(options=options)

    def _actor(self, *told: Any) -> PlayedActor:
        self.told.append(told)
        return self._free.pop(0)

    def wait(self, refs: list[Any], *, num_returns: int, timeout: float) -> tuple[list[Any], list[Any]]:
        self._turn += 1  # they speak in turn
        return [refs[self._turn % len(refs)]], []

    def get(self, ref: Callable[[], Any]) -> Any:
        return ref()

    def nodes(self) -> list[dict[str, Any]]:
        return [{"Alive": True, "Resources": resources} for resources in self._machines]

    def kill(self, actor: PlayedActor) -> None:
        actor.is_killed = True

    def shutdown(self) -> None:
        pass


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FOLEY_DEVICE", "FOLEY_DTYPE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(engine.cluster.supervisor, "GREET_AGAIN_S", 0.0)


def opened(monkeypatch: pytest.MonkeyPatch, machine: dict[str, float], **wishes: Any) -> PlayedRay:
    ray = PlayedRay(*(PlayedActor(READY) for _ in range(8)), machines=[machine])
    monkeypatch.setattr(engine.cluster.supervisor, "connect", lambda address, **_: ray)
    with open_cluster("ray", lambda event: None, **wishes):
        pass
    return ray


WITH_GPUS, WITHOUT = {"CPU": 8.0, "GPU": 2.0}, {"CPU": 8.0}


@pytest.mark.parametrize(
    ("machine", "device", "gpus", "told"),
    [
        (WITH_GPUS, None, 1.0, "cuda"),
        (WITH_GPUS, "cuda", 1.0, "cuda"),
        (WITH_GPUS, "cpu", 0.0, "cpu"),
        (WITHOUT, None, 0.0, "cpu"),
    ],
)
@pytest.mark.parametrize("by", ["word", "environment"])
def test_actors_compute_on_what_is_reserved_for_them(
    monkeypatch: pytest.MonkeyPatch,
    machine: dict[str, float],
    device: str | None,
    gpus: float,
    told: str,
    by: str,
) -> None:
    wishes = {"device": device, "dtype": "float32"} if by == "word" else {}
    if by == "environment":
        monkeypatch.setenv("FOLEY_DEVICE", device or "")
        monkeypatch.setenv("FOLEY_DTYPE", "float32")
    ray = opened(monkeypatch, machine, **wishes)
    assert ray.asked["num_gpus"] == gpus
    assert {each[3:] for each in ray.told} == {("float32", told)}


def test_a_gpu_that_no_machine_has_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ClusterError, match="no GPU to compute on cuda"):
        opened(monkeypatch, WITHOUT, device="cuda")


def test_an_actor_opens_its_engine_as_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}
    played = SimpleNamespace(ready=lambda: READY)
    monkeypatch.setattr(engine.serving, "Service", lambda *_, **told: seen.update(told) or played)
    Maker(None, 1, None, "float32", "cuda")
    assert (seen["dtype"], seen["device"]) == ("float32", "cuda")


def crew_of(*actors: PlayedActor) -> tuple[Cluster, list[Event]]:
    said: list[Event] = []
    crew = Crew(len(actors), 1, 1.0, "cuda")
    return Cluster(PlayedRay(*actors), crew, said.append, model=None, batch=None), said


def takes(folder: Path, count: int) -> Request:
    paths = [str(folder / f"{take}.wav") for take in range(count)]
    return Generate(1, Picture("/films/a.mov", [Span((1, 1), (0, 1))]), paths, 48000, seed=10)


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"dtype": "float32"}, "cuda, float32"),
        ({"backend": "cuda graph, 16 places"}, "cuda, bfloat16, cuda graph, 16 places"),
        ({"device": "cpu", "dtype": "int8", "backend": "torch"}, "cpu, int8, torch"),
        ({"model_sha256": "b" * 64}, "another model"),
        ({"engine_version": "0.0.9"}, "another foley"),
    ],
)
def test_an_actor_of_another_kind_is_left_out_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], other: dict[str, str], told: str
) -> None:
    stranger = PlayedActor(msgspec.structs.replace(READY, **other))
    first, third = PlayedActor(READY), PlayedActor(READY)
    cluster, said = crew_of(first, stranger, third)
    assert cluster.ready().backend == GRAPH
    cluster.serve(Line(takes(tmp_path, 9)))
    assert isinstance(said[-1], Finished) and stranger.made == [] and stranger.is_killed
    assert sorted(first.made + third.made) == list(range(10, 19))
    assert told in capsys.readouterr().err


def test_an_actor_that_comes_back_as_another_kind_makes_nothing_more(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ray may start it again on another machine; the take that it was at is made by one of the first kind."""
    lost = PlayedActor(READY, dies=True, then=msgspec.structs.replace(READY, device="cpu", backend="torch"))
    kept = PlayedActor(READY)
    cluster, said = crew_of(lost, kept)
    cluster.ready()
    cluster.serve(Line(takes(tmp_path, 6)))
    assert isinstance(said[-1], Finished) and lost.is_killed
    assert lost.made == [] and sorted(kept.made) == list(range(10, 16))
    assert "left out" in capsys.readouterr().err


def test_an_actor_does_not_begin_in_the_place_of_another_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Ray has started it again and nobody has greeted it since."""
    monkeypatch.setattr(engine.serving, "Service", lambda *_, **told: SimpleNamespace(ready=lambda: READY))
    maker = Maker(None, 1, None)
    greeted = Kind.of(msgspec.structs.replace(READY, dtype="float32"))
    with pytest.raises(ClusterError, match="Another actor"):
        next(maker.carry_out(greeted, [], {}))


def test_an_actor_that_draws_on_in_fewer_places_keeps_its_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """The takes' recipes say how many; to lose the actor would lose more."""
    fewer = msgspec.structs.replace(READY, backend="cuda graph, triton, 8 places")
    answers = iter([READY, fewer, fewer])
    played = SimpleNamespace(ready=lambda: next(answers), serve=lambda intake: None)
    monkeypatch.setattr(engine.serving, "Service", lambda *_, **told: played)
    maker = Maker(None, 1, None)
    assert list(maker.carry_out(Kind.of(READY), [], {})) == []
    assert maker.hello()[1] == READY
