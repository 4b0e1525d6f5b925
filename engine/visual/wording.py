"""What a sound is asked for in words, in a model's own terms: its label table, or a text embedding.

A model with a label table and no text side takes a prompt that is one of its labels for that label, and refuses
others. A model that reads prompts and has no table reads a label as a prompt. One with neither follows the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from engine.config import LMConfig
from engine.errors import CheckpointCorrupt, PromptNotRead, RequestError, UnknownLabel
from engine.protocol import Generate, LabelGuess
from engine.visual.encoder import TextReader, label_words

NO_LABEL = ""
"""The label of a take that follows the picture alone, or a prompt."""


@dataclass(frozen=True)
class Wording:
    """Indices into the label table and embeddings [prompt_dim]; None where nothing was said."""

    label: int | None
    negative_label: int | None
    prompt: Tensor | None
    negative_prompt: Tensor | None


class Words:
    """Reads requests for one model."""

    def __init__(self, config: LMConfig, reader: TextReader | None) -> None:
        """
        Raises:
            CheckpointCorrupt: the text side gives other embeddings than the model was trained on.
        """
        self._labels, self._reads = config.labels, config.prompt_dim is not None
        self._reader, self._embedded = reader, dict[str, Tensor]()
        if reader is not None and config.prompt_dim not in (None, reader.text_width):
            raise CheckpointCorrupt(
                f"The encoder's text side gives embeddings of {reader.text_width}, the model was trained on "
                f"{config.prompt_dim}: give the encoder that it was trained with."
            )

    @property
    def reads_text(self) -> bool:
        """Whether prompts are followed: the model was trained on them, and its encoder's text side is here."""
        return self._reads and self._reader is not None

    def refuse(self, request: Generate) -> None:
        """What the model cannot follow must not cost the user a decode.

        Raises:
            UnknownLabel, PromptNotRead: in a sentence that says what to do.
        """
        self._asked_label(request.label, request.prompt)
        self._asked_label(request.negative_label, request.negative_prompt)
        for prompt in (request.prompt, request.negative_prompt):
            if prompt is not None and self._reads and self._reader is None:
                raise PromptNotRead(
                    "This model reads prompts through its encoder's text side, which is not on this machine: "
                    "leave the prompt out, or use a CLIP model that brings its own tokenizer."
                )

    def label(self, request: Generate, guesses: Sequence[LabelGuess]) -> str:
        """The label of a request's takes: the one asked for, the picture's best guess, or none.

        Raises:
            UnknownLabel, PromptNotRead.
            RequestError: the model needs a label and has no guess to offer.
        """
        asked = self._asked_label(request.label, request.prompt)
        if asked is not None or not self._labels or request.prompt is not None:
            return asked or NO_LABEL
        known = [guess.label for guess in guesses if guess.label in self._labels]
        if not known:
            raise RequestError(
                "This model cannot tell the sound from the picture: choose a label for the clip."
            )
        return known[0]

    def wording(self, request: Generate, label: str) -> Wording:
        """
        Args:
            label: what `label` gave for this request.
        """
        negative = self._asked_label(request.negative_label, request.negative_prompt)
        return Wording(
            self._index(label or None),
            self._index(negative),
            self._embedding(request.prompt, label),
            self._embedding(request.negative_prompt, negative),
        )

    def index(self, label: str) -> int:
        """
        Raises:
            UnknownLabel: the model cannot make it.
        """
        if label not in self._labels:
            raise UnknownLabel(
                f"The model has no sound called {label!r}: choose for example {', '.join(self._near(label))}."
            )
        return self._labels.index(label)

    def _asked_label(self, label: str | None, prompt: str | None) -> str | None:
        """The label that words ask for, checked; None where they name none."""
        if label is not None and self._labels:
            self.index(label)
        elif label is not None and not self._reads:
            raise UnknownLabel(
                "This model knows no labels and makes what the picture shows: leave the label out."
            )
        if prompt is None or self._reads:
            return label
        if not self._labels:
            raise PromptNotRead(
                "This model reads no words and makes what the picture shows: leave the prompt out."
            )
        named = "_".join(prompt.lower().replace("_", " ").split())
        if named not in self._labels or (label or named) != named:
            raise PromptNotRead(
                "This model does not read prompts, it knows labels: choose one with --label, for example "
                f"{', '.join(self._near(named))}."
            )
        return named

    def _index(self, label: str | None) -> int | None:
        return None if label is None or not self._labels else self.index(label)

    def _embedding(self, prompt: str | None, label: str | None) -> Tensor | None:
        """Of the prompt; of the label's words where a model that reads has no label table."""
        text = prompt
        if text is None and label and not self._labels:
            text = label_words(label)
        if text is None or not self._reads or self._reader is None:
            return None
        if text not in self._embedded:
            self._embedded[text] = self._reader.embed_texts([text])[0]
        return self._embedded[text]

    def _near(self, label: str) -> list[str]:
        near = [known for known in self._labels if known.startswith(label.split("_")[0])]
        return (near or list(self._labels))[:8]
