"""The engine as a process, over its real protocol, with a small random model."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine import protocol
from engine.protocol import Generate, Hit, Picture
from tests.engine.models import LABELS, write_tiny_model
from tests.engine.worker_process import Engine, picture_of, write_moving_film


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    write_tiny_model(folder)
    return folder


@pytest.fixture(scope="module")
def engine(model: Path) -> Iterator[Engine]:
    engine = Engine(model)
    ready = engine.hear()
    assert isinstance(ready, protocol.Ready)
    assert ready.protocol == protocol.PROTOCOL_VERSION and ready.labels == list(LABELS)
    yield engine
    engine.process.kill()
    engine.process.communicate()


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_moving_film(tmp_path_factory.mktemp("media") / "moving.mp4")


def test_a_take_is_exactly_as_long_as_was_asked_for_and_tells_how_it_was_made(
    engine: Engine, media: str, tmp_path: Path
) -> None:
    path = tmp_path / "take.wav"
    engine.say(
        Generate(1, picture_of(media), [str(path)], 96096, label="knock", hits=[Hit(0.5), Hit(1.0)], seed=7)
    )
    *_, take, finished = engine.hear_to_the_end()
    assert isinstance(finished, protocol.Finished)
    assert isinstance(take, protocol.Take)
    wav, rate = soundfile.read(path)
    assert (len(wav), rate) == (96096, 48000)
    assert soundfile.info(path).subtype == "PCM_24"
    assert np.abs(wav).max() <= 10 ** (-1 / 20) + 1e-4
    assert take.recipe["seed"] == 7 and take.recipe["model"] == "tiny"
    assert [hit.time_s for hit in take.hits] == [0.5, 1.0]


def test_the_same_recipe_gives_the_same_bytes_whatever_came_before(
    engine: Engine, media: str, tmp_path: Path
) -> None:
    paths = [tmp_path / f"{name}.wav" for name in ("first", "other", "again", "second_of_two", "alone")]

    def make(number: int, seed: int, *wavs: Path) -> None:
        wanted = [str(wav) for wav in wavs]
        engine.say(Generate(number, picture_of(media), wanted, 48000, label="rain", hits=[], seed=seed))
        assert isinstance(engine.hear_to_the_end()[-1], protocol.Finished)

    make(10, 3, paths[0])
    make(11, 4, paths[1])
    make(12, 3, paths[2])
    assert paths[0].read_bytes() == paths[2].read_bytes() != paths[1].read_bytes()
    make(13, 3, tmp_path / "first_of_two.wav", paths[3])
    make(14, 4, paths[4])
    assert paths[3].read_bytes() == paths[4].read_bytes()


def test_hits_and_a_label_are_found_in_the_picture_where_none_are_given(
    engine: Engine, media: str, tmp_path: Path
) -> None:
    engine.say(protocol.Spot(20, picture_of(media), head=(1, 2)))
    spotted = engine.hear_to_the_end()[-1]
    assert isinstance(spotted, protocol.Spotted)
    assert len(spotted.curve) == 100
    assert sorted(guess.label for guess in spotted.labels) == sorted(LABELS)
    engine.say(Generate(21, picture_of(media), [str(tmp_path / "a.wav")], 48000, head=(1, 2)))
    take = engine.hear_to_the_end()[-2]
    assert isinstance(take, protocol.Take)
    assert take.label == spotted.labels[0].label
    assert [hit.time_s for hit in take.hits] == pytest.approx([hit.time_s for hit in spotted.hits])


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        ({"label": "trombone"}, "unknown_label", "trombone"),
        ({"picture": picture_of("/no/such/film.mov")}, "media_not_found", "film.mov"),
        ({"picture": Picture("/x.mov", [])}, "request", "0.0 s"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_the_engine_lives_on(
    engine: Engine, media: str, tmp_path: Path, change: dict[str, object], code: str, says: str
) -> None:
    import msgspec

    request = Generate(30, picture_of(media), [str(tmp_path / "x.wav")], 48000, label="knock", hits=[])
    engine.say(msgspec.structs.replace(request, **change))
    failed = engine.hear_to_the_end()[-1]
    assert isinstance(failed, protocol.Failed)
    assert failed.code == code and says in failed.sentence
    assert not (tmp_path / "x.wav").exists()
    engine.say(protocol.Ping(31))
    assert engine.hear() == protocol.Pong(31)


def test_a_file_that_is_there_is_not_overwritten(engine: Engine, media: str, tmp_path: Path) -> None:
    path = tmp_path / "precious.wav"
    path.write_bytes(b"precious")
    engine.say(Generate(40, picture_of(media), [str(path)], 48000, label="knock"))
    failed = engine.hear_to_the_end()[-1]
    assert isinstance(failed, protocol.Failed) and failed.code == "output"
    assert path.read_bytes() == b"precious"


def test_cancel_is_heard_within_a_moment_and_keeps_finished_takes(
    engine: Engine, media: str, tmp_path: Path
) -> None:
    paths = [str(tmp_path / f"{number}.wav") for number in range(50)]
    engine.say(Generate(50, picture_of(media), paths, 96000, label="knock", hits=[]))
    while not isinstance(engine.hear(), protocol.Take):
        pass
    asked = time.monotonic()
    engine.say(protocol.Cancel(51, target=50))
    while not isinstance(event := engine.hear(), protocol.Cancelled):
        assert isinstance(event, protocol.Progress | protocol.Take)
    assert event.id == 50
    assert time.monotonic() - asked < 3.0
    assert Path(paths[0]).exists() and not Path(paths[-1]).exists()


def test_a_line_that_is_no_request_is_answered_and_survived(engine: Engine) -> None:
    engine.say(b"this is no request\n")
    failed = engine.hear()
    assert isinstance(failed, protocol.Failed) and failed.id is None
    engine.say(protocol.Ping(60))
    assert engine.hear() == protocol.Pong(60)


def test_the_engine_ends_when_its_input_ends(model: Path) -> None:
    engine = Engine(model)
    assert isinstance(engine.hear(), protocol.Ready)
    assert engine.process.stdin is not None
    engine.process.stdin.close()
    assert engine.process.wait(timeout=10) == 0
    assert engine.process.stdout is not None
    engine.process.stdout.close()


def test_a_missing_model_is_said_before_anything_else(tmp_path: Path) -> None:
    engine = Engine(tmp_path / "nothing")
    failed = engine.hear()
    assert isinstance(failed, protocol.Failed) and failed.code == "checkpoint_not_found"
    engine.process.communicate()
