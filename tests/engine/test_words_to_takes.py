"""Prompts, negatives and held guidance from a request to the tokens and the recipe, through the real service."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import msgspec
import pytest
import torch

from engine.checkpoints import CONFIG_FILE
from engine.pipeline import Pipeline, load_model
from engine.protocol import AS_PUBLISHED, Event, Failed, Generate, Picture, Request, Sampling, Take
from engine.serving import Service
from tests.engine.media.numbered_video import picture_of, write_numbered
from tests.engine.models import CLIP_NAME, write_reading_model, write_tiny_model


class Requests:
    """An intake of requests that all wait already."""

    busy_with: int | None = None

    def __init__(self, *requests: Request) -> None:
        self._requests = list(requests)

    def take(self, *, wait: bool) -> Request | None:
        return self._requests.pop(0) if self._requests else None

    def is_cancelled(self, request_id: int) -> bool:
        return False


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Picture:
    film = write_numbered(tmp_path_factory.mktemp("film") / "numbers.mp4", 60, Fraction(30))
    return picture_of(film, (Fraction(2), Fraction(0), Fraction(1)))


def answers(model: Path, request: Generate) -> list[Event]:
    said: list[Event] = []
    Service(model, 1, said.append).serve(Requests(request))
    return said


def take(model: Path, picture: Picture, wav: Path, **changes: object) -> tuple[Take, bytes]:
    request = Generate(1, picture, [str(wav)], 16000, hits=[], **changes)  # type: ignore[arg-type]
    [made] = [event for event in answers(model, request) if isinstance(event, Take)]
    return made, wav.read_bytes()


@pytest.fixture(scope="module")
def reading_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that looks and reads through CLIP."""
    folder = tmp_path_factory.mktemp("reading")
    write_reading_model(folder)
    return folder


def test_a_prompt_reaches_the_model_as_its_text_embedding(reading_model: Path, picture: Picture) -> None:
    pipeline = Pipeline(load_model(reading_model))
    sight = pipeline.look(picture, lambda stage, share: None)
    assert sorted(guess.label for guess in sight.labels) == sorted(pipeline.model.config.lm.labels)
    request = Generate(1, picture, [], 16000, prompt="boots on gravel", negative_prompt="music")
    follows = pipeline.unit(request, sight, [], pipeline.words.label(request, sight.labels), 0).conditions
    reader = pipeline.model.encoder.reader()
    assert reader is not None and follows.prompt is not None and follows.negative_prompt is not None
    for found, text in ((follows.prompt, "boots on gravel"), (follows.negative_prompt, "music")):
        assert torch.equal(found, reader.embed_texts([text])[0])
    assert follows.label is None


def test_words_shape_the_take_and_stand_in_its_recipe(
    reading_model: Path, picture: Picture, tmp_path: Path
) -> None:
    plain, sound = take(reading_model, picture, tmp_path / "a.wav")
    assert plain.label in ("knock", "rain", "whoosh") and plain.recipe["prompt"] is None
    words = {"prompt": "boots on gravel", "negative_prompt": "music"}
    asked, other = take(reading_model, picture, tmp_path / "b.wav", **words)
    assert {name: asked.recipe[name] for name in words} == words and asked.label == ""
    assert asked.recipe["encoder"] == f"clip/{CLIP_NAME}" and len(str(asked.recipe["encoder_sha256"])) == 64
    again = take(reading_model, picture, tmp_path / "c.wav", **words)[1]
    assert other == again != sound


def test_the_default_kind_of_model_takes_a_label_as_a_prompt_and_refuses_the_rest(
    picture: Picture, tmp_path: Path
) -> None:
    write_tiny_model(tmp_path / "model")
    said, sound = take(tmp_path / "model", picture, tmp_path / "a.wav", prompt="Rain")
    assert said.label == "rain" and said.recipe["prompt"] == "Rain"
    assert take(tmp_path / "model", picture, tmp_path / "b.wav", label="rain")[1] == sound
    nowhere = Picture("/no/such/film.mov", picture.spans)
    refused = answers(
        tmp_path / "model", Generate(1, nowhere, [str(tmp_path / "c.wav")], 16000, prompt="boots on gravel")
    )
    assert refused == [Failed(1, "prompt_not_read", refused[0].sentence)]  # type: ignore[union-attr]
    assert "--label" in refused[0].sentence  # type: ignore[union-attr]


def test_a_label_that_sounds_on_and_on_is_drawn_colder(picture: Picture, tmp_path: Path) -> None:
    record = write_tiny_model(tmp_path)
    model = msgspec.structs.replace(record.model, continuous_labels=("rain",))
    (tmp_path / CONFIG_FILE).write_bytes(msgspec.json.encode(msgspec.structs.replace(record, model=model)))
    pipeline = Pipeline(load_model(tmp_path))
    sight = pipeline.look(picture, lambda stage, share: None)

    def drawn(label: str, sampling: Sampling) -> Sampling:
        return pipeline.unit(Generate(1, picture, [], 16000, sampling=sampling), sight, [], label, 0).sampling

    asked = Sampling(temperature=0.8, steady_cooling=0.5)
    assert drawn("knock", asked) == asked
    assert drawn("rain", asked) == msgspec.structs.replace(asked, temperature=0.4)
    assert drawn("rain", AS_PUBLISHED) == AS_PUBLISHED


def test_guidance_against_the_held_picture_makes_another_take_and_says_so(
    picture: Picture, tmp_path: Path
) -> None:
    write_tiny_model(tmp_path / "model")
    made = {
        kind: take(
            tmp_path / "model",
            picture,
            tmp_path / f"{kind}.wav",
            label="knock",
            sampling=Sampling(guide_against=kind),
        )
        for kind in ("null", "held")
    }
    assert made["held"][1] != made["null"][1]
    assert made["held"][0].recipe["sampling"]["guide_against"] == "held"  # type: ignore[index]
