"""A model's samples on disk: which recipe a folder of them is of, and which film each was made for."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from engine.errors import OutputError
from engine.media.atomic import write_new_file
from engine.protocol import Hit, SamplingWish

RECIPE_FILE = ".recipe.json"
"""Hidden, because a film may be called "recipe" and its sample has a JSON beside it."""
STAMPED_BYTES = 1 << 20
AS_THE_MODEL = SamplingWish()

HitsFrom = Literal["spotted", "given"]
LabelsFrom = Literal["given", "guessed"]


class SampleRequest(Struct, frozen=True):
    """How models are to be asked.

    Attributes:
        hits: "spotted" in the picture, or "given": the clip's true ones (what an editor would correct them to).
        labels: the clip's own where it has one that the model knows ("given"), or always the model's best guess.
        sampling: what is not said here is each model's own; in a recipe all is said.
    """

    hits: HitsFrom = "spotted"
    labels: LabelsFrom = "given"
    seed: int = 0
    sampling: SamplingWish = AS_THE_MODEL


class SampleRecipe(Struct, frozen=True):
    """All that shapes a folder of samples but the clips themselves."""

    model: str
    model_sha256: str
    request: SampleRequest
    dtype: str
    device: str


class SampleNote(Struct, frozen=True):
    """What stands beside a sample. `film` tells the film that it was made for from another of that name."""

    label: str
    label_from: Literal["file", "picture"]
    hits: list[Hit]
    seed: int
    film: str = ""


def claim(folder: Path, recipe: SampleRecipe) -> None:
    """Note the recipe in a new folder, or compare with the one that is noted."""
    content = msgspec.json.format(msgspec.json.encode(recipe)) + b"\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        noted = folder / RECIPE_FILE
        if not noted.exists():
            write_new_file(noted, content)
        elif noted.read_bytes() != content:
            raise OutputError(
                f"The samples in {folder} were made by another model or with other settings: choose another "
                "--out, or take that folder away."
            )
    except OSError as error:
        raise OutputError(
            f"The folder {folder} cannot be written ({error}); choose another --out."
        ) from error


def stamp(film: Path) -> str:
    """Length and beginning: enough to see that a film was replaced."""
    with open(film, "rb") as file:
        return f"{film.stat().st_size}-{hashlib.sha256(file.read(STAMPED_BYTES)).hexdigest()[:16]}"


def is_of(sample: Path | None, film: Path) -> bool:
    """Whether a sample is there, and was made for this very film."""
    if sample is None:
        return False
    try:
        note = msgspec.json.decode(sample.with_suffix(".json").read_bytes(), type=SampleNote)
        return note.film == stamp(film)
    except (OSError, msgspec.MsgspecError):
        return False
