"""Labels and prompts in a model's own terms: label tables, text embeddings, both, or neither."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from torch import Tensor

from engine.config import LMConfig
from engine.errors import CheckpointCorrupt, PromptNotRead, RequestError, UnknownLabel
from engine.protocol import Generate, LabelGuess, Picture
from engine.visual.wording import NO_LABEL, Words

TABLE = ("footstep_grass", "footstep_wood", "hammer", "rain")
GUESSES = [LabelGuess("thunder", 0.5), LabelGuess("rain", 0.3)]


class Letters:
    """A text side whose embedding of a text is its length and its number of spaces."""

    text_width = 2

    def __init__(self) -> None:
        self.read: list[str] = []

    def embed_texts(self, texts: Sequence[str]) -> Tensor:
        self.read += texts
        return torch.tensor([[float(len(text)), float(text.count(" "))] for text in texts])


def asking(**words: Any) -> Generate:
    return Generate(1, Picture("/x.mov", []), [], 0, **words)


def words_of(*, table: bool, reads: bool, reader: Letters | None = None) -> Words:
    return Words(LMConfig(labels=TABLE if table else (), prompt_dim=2 if reads else None), reader)


def test_a_model_of_labels_takes_a_prompt_that_is_a_label_for_that_label() -> None:
    words = words_of(table=True, reads=False)
    request = asking(prompt=" Footstep  Wood", negative_prompt="rain")
    words.refuse(request)
    assert words.label(request, GUESSES) == "footstep_wood"
    said = words.wording(request, "footstep_wood")
    assert (said.label, said.negative_label, said.prompt, said.negative_prompt) == (1, 3, None, None)
    assert words.label(asking(label="hammer", prompt="hammer"), []) == "hammer"


@pytest.mark.parametrize(
    "said",
    [
        {"prompt": "footstep of an old man"},
        {"negative_prompt": "applause"},
        {"label": "rain", "prompt": "hammer"},
    ],
)
def test_a_model_of_labels_refuses_other_prompts_and_names_the_option(said: dict[str, str]) -> None:
    with pytest.raises(
        PromptNotRead, match=r"does not read prompts.*--label, for example (footstep_grass|hammer)"
    ) as no:
        words_of(table=True, reads=False).refuse(asking(**said))
    assert no.value.code == "prompt_not_read" and isinstance(no.value, RequestError)


@pytest.mark.parametrize("said", [{"label": "footstep_sand"}, {"negative_label": "footstep_sand"}])
def test_a_label_that_is_not_in_the_table_is_answered_with_its_neighbours(said: dict[str, str]) -> None:
    for reads in (False, True):
        with pytest.raises(UnknownLabel, match=r"footstep_sand.*footstep_grass, footstep_wood\."):
            words_of(table=True, reads=reads, reader=Letters()).refuse(asking(**said))


def test_without_words_the_pictures_best_guess_that_the_model_knows_is_its_label() -> None:
    words = words_of(table=True, reads=False)
    assert words.label(asking(), GUESSES) == "rain"
    with pytest.raises(RequestError, match="choose a label"):
        words.label(asking(), GUESSES[:1])


def test_a_model_that_reads_gets_embeddings_and_a_prompt_needs_no_label() -> None:
    reader = Letters()
    words = words_of(table=True, reads=True, reader=reader)
    request = asking(prompt="boots on gravel", negative_prompt="music", negative_label="rain")
    words.refuse(request)
    assert words.label(request, GUESSES) == NO_LABEL
    for _ in range(3):
        said = words.wording(request, NO_LABEL)
    assert said.prompt is not None and said.prompt.tolist() == [15, 2]
    assert said.negative_prompt is not None and said.negative_prompt.tolist() == [5, 0]
    assert (said.label, said.negative_label) == (None, 3)
    assert reader.read == ["boots on gravel", "music"]  # once, whatever the number of takes
    both = asking(prompt="boots on gravel", label="footstep_grass")
    assert words.label(both, GUESSES) == "footstep_grass"
    assert words.wording(both, "footstep_grass").label == 0
    assert words.label(asking(), GUESSES) == "rain"


def test_a_model_that_reads_and_has_no_table_reads_a_label_as_words() -> None:
    words = words_of(table=False, reads=True, reader=Letters())
    request = asking(label="footstep_on_snow")
    words.refuse(request)
    assert words.label(request, GUESSES) == "footstep_on_snow"
    said = words.wording(request, "footstep_on_snow")
    assert said.label is None and said.prompt is not None and said.prompt.tolist() == [16, 2]
    nothing = words.wording(asking(), words.label(asking(), GUESSES))
    assert (nothing.label, nothing.prompt) == (None, None)


def test_prompts_want_the_text_side_that_the_model_was_trained_with() -> None:
    with pytest.raises(PromptNotRead, match="text side"):
        words_of(table=True, reads=True).refuse(asking(prompt="rain"))
    with pytest.raises(CheckpointCorrupt, match=r"of 2, .* on 512"):
        Words(LMConfig(prompt_dim=512), Letters())
    Words(LMConfig(labels=TABLE), Letters())  # it reads no prompts, so any text side will do


def test_a_model_that_follows_the_picture_alone_refuses_words() -> None:
    words = words_of(table=False, reads=False, reader=Letters())
    assert words.label(asking(), GUESSES) == NO_LABEL
    with pytest.raises(UnknownLabel, match="leave the label out"):
        words.refuse(asking(label="rain"))
    with pytest.raises(PromptNotRead, match="picture"):
        words.refuse(asking(prompt="rain"))


@pytest.mark.parametrize(
    ("reads", "has_reader", "reads_text"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_prompts_are_followed_where_the_model_and_its_text_side_read(
    reads: bool, has_reader: bool, reads_text: bool
) -> None:
    words = words_of(table=True, reads=reads, reader=Letters() if has_reader else None)
    assert words.reads_text is reads_text
