"""Takes made on a real Ray cluster of this machine: two actors, one of them killed at work."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import psutil
import pytest

from engine.protocol import (
    Cancel,
    Cancelled,
    Event,
    Failed,
    Finished,
    Generate,
    Hit,
    Progress,
    Ready,
    Shutdown,
    Spot,
    Spotted,
    Take,
    decode_event,
    encode,
)
from tests.engine.models import write_tiny_model
from tests.engine.test_serving import Bench, threads
from tests.engine.worker_process import Engine, picture_of, write_moving_film

__all__ = ["threads"]

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed: run uv sync"),
    pytest.mark.skipif(sys.platform == "win32", reason="Ray has no clusters on Windows"),
]

KEEPER = """
import os, sys
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
import ray
address = ray.init(
    address="local", num_cpus=2, include_dashboard=False, _node_ip_address="127.0.0.1", logging_level=30
).address_info["gcs_address"]
print(address, flush=True)
sys.stdin.read()
ray.shutdown()
"""
AT_WORK = "ray::Maker.carry_out"
SECONDS = Fraction(3)
"""Long enough that an actor can be killed in the middle of it."""


class Cluster:
    """A Ray cluster of two CPUs, in processes below one that keeps it."""

    def __init__(self) -> None:
        self.keeper = subprocess.Popen(
            [sys.executable, "-c", KEEPER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.keeper.stdout is not None
        self.place = f"ray:{self.keeper.stdout.readline().strip()}"

    def actors(self, title: str = "ray::Maker") -> list[psutil.Process]:
        found = []
        for process in psutil.Process(self.keeper.pid).children(recursive=True):
            try:
                if title in " ".join(process.cmdline()):
                    found.append(process)
            except psutil.Error:
                continue
        return found


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    cluster = Cluster()
    yield cluster
    cluster.keeper.communicate(timeout=60)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    write_tiny_model(folder)
    return folder


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_moving_film(tmp_path_factory.mktemp("media") / "moving.mp4")


@pytest.fixture(scope="module")
def engine(cluster: Cluster, model: Path) -> Iterator[Engine]:
    engine = Engine(model, "--on", cluster.place, "--actors", "2")
    ready = engine.hear()
    assert isinstance(ready, Ready), ready
    assert (ready.device, ready.model, ready.num_threads) == ("ray: 2 actors", "tiny", 1)
    assert ready.parallel >= 4
    yield engine
    engine.process.kill()
    engine.process.communicate()


def cut_of(
    folder: Path, media: str, count: int, takes: int, seconds: Fraction, first: int = 1
) -> list[Generate]:
    folder.mkdir()
    picture = picture_of(media, seconds)
    return [
        Generate(
            number,
            picture,
            [str(folder / f"{number}_{take}.wav") for take in range(takes)],
            round(48000 * seconds),
            label="knock",
            hits=[Hit(0.1 * number)],
            seed=10 * number,
        )
        for number in range(first, first + count)
    ]


def wait_for(what: object, limit_s: float = 30.0) -> object:
    assert callable(what)
    until = time.monotonic() + limit_s
    while not (found := what()):
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.02)
    return found


def test_all_takes_arrive_with_the_same_bytes_though_an_actor_is_killed_at_work(
    cluster: Cluster, engine: Engine, model: Path, media: str, tmp_path: Path
) -> None:
    requests = cut_of(tmp_path / "ray", media, count=4, takes=2, seconds=SECONDS)
    engine.say(*requests)
    engine.hear_until(lambda event: isinstance(event, Progress) and event.stage == "generate")
    victims = wait_for(lambda: cluster.actors(AT_WORK))
    assert isinstance(victims, list)
    victims[0].kill()
    events = engine.hear_to_the_end(requests=4)
    assert sorted(event.id for event in events if isinstance(event, Finished)) == [1, 2, 3, 4], events[-1]
    takes = {(event.id, event.take): event for event in events if isinstance(event, Take)}
    assert len(takes) == 8

    local = Bench(model).serve(*cut_of(tmp_path / "local", media, count=4, takes=2, seconds=SECONDS))
    for event in map(decode_event, map(encode, local)):
        if isinstance(event, Take):
            other = takes[event.id, event.take]
            assert Path(other.wav).read_bytes() == Path(event.wav).read_bytes()
            assert (other.recipe, other.seed, other.sha256) == (event.recipe, event.seed, event.sha256)
    names = sorted(path.name for path in (tmp_path / "ray").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "local").iterdir())


def test_a_cancel_stops_one_request_and_a_bad_film_fails_one(
    engine: Engine, media: str, tmp_path: Path
) -> None:
    first, second = cut_of(tmp_path / "takes", media, count=2, takes=3, seconds=Fraction(4))
    no_film = Generate(
        3, picture_of(str(tmp_path / "no.mov")), [str(tmp_path / "3.wav")], 48000, label="knock"
    )
    engine.say(first, second, no_film, Spot(4, picture_of(media)))
    events = engine.hear_until(lambda event: isinstance(event, Progress) and event.id == 1)
    asked_s = time.monotonic()
    engine.say(Cancel(99, target=1))
    events += engine.hear_until(lambda event: isinstance(event, Cancelled))
    assert time.monotonic() - asked_s < 3.0
    while sum(isinstance(event, Finished | Cancelled | Failed | Spotted) for event in events) < 4:
        events.append(engine.hear())
    ends: dict[int | None, Event] = {
        event.id: event for event in events if isinstance(event, Finished | Cancelled | Failed | Spotted)
    }
    assert isinstance(ends[1], Cancelled) and isinstance(ends[2], Finished) and isinstance(ends[4], Spotted)
    assert isinstance(ends[3], Failed) and ends[3].code == "media_not_found"
    assert all(Path(path).exists() for path in second.wav_paths)


def test_at_the_end_no_actor_is_left(cluster: Cluster, engine: Engine, media: str, tmp_path: Path) -> None:
    """The last test with this engine: told to end at work, it ends its actors and goes."""
    (request,) = cut_of(tmp_path / "takes", media, count=1, takes=4, seconds=Fraction(8), first=20)
    engine.say(request)
    engine.hear_until(lambda event: isinstance(event, Progress))
    assert cluster.actors()
    engine.say(Shutdown(100))
    assert engine.hear_to_the_end()[-1] == Cancelled(20)
    assert engine.process.wait(30) == 0
    wait_for(lambda: not cluster.actors())


def test_a_cluster_that_is_not_there_is_one_sentence(model: Path) -> None:
    engine = Engine(model, "--on", "ray:127.0.0.1:1")
    failed = engine.hear()
    assert isinstance(failed, Failed) and failed.id is None and failed.code == "cluster"
    assert "ray start" in failed.sentence and "\n" not in failed.sentence
    engine.process.communicate(timeout=30)
    assert engine.process.returncode == 1
