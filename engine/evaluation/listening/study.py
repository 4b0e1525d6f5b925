"""A listening study on disk: films with sounds of equal loudness under names that tell nothing, and the key to them.

DIR/study.json      which film and which system each medium is; never served
DIR/media/ID.webm   film x system
DIR/answers.jsonl   what listeners said
"""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct

from engine.errors import FoleyError
from engine.evaluation.listening.answers import AnswerFile
from engine.evaluation.listening.trials import Trial, draw_trials

STUDY_FILE = "study.json"
MEDIA_FOLDER = "media"


class StudyError(FoleyError):
    """A study that cannot be made or gone on with."""

    code = "study"


class Plan(Struct, frozen=True):
    """What the person who makes a study settles."""

    systems: tuple[str, ...]
    num_trials: int | None = None
    """Pairs that one listener hears; all that there are, but no more than is bearable, where None."""
    num_catches: int = 0
    seed: int = 0


class Medium(Struct, frozen=True):
    """A film with one system's sound, or with silence. `gain_db` is what brought it to the film's loudness."""

    film: str
    system: str
    id: str
    gain_db: float | None = None
    """None where there was nothing to bring: silence."""


class Study(Struct, frozen=True):
    """`study.json`.

    Attributes:
        num_trials: what `plan.num_trials` came to; catch trials are added to it.
        token: the secret part of the page's address.
        left_out: films that lack a system's sound or cannot be read, each with the reason in a sentence.
    """

    plan: Plan
    films: list[str]
    media: list[Medium]
    num_trials: int
    token: str
    left_out: dict[str, str]

    def trials(self, listener: str) -> list[Trial]:
        return draw_trials(
            self.films,
            self.plan.systems,
            count=self.num_trials,
            num_catches=self.plan.num_catches,
            seed=self.plan.seed,
            listener=listener,
        )

    def medium_id(self, film: str, system: str) -> str:
        return next(each.id for each in self.media if (each.film, each.system) == (film, system))


def media_path(folder: Path, medium_id: str) -> Path:
    return folder / MEDIA_FOLDER / f"{medium_id}.webm"


def answer_file(folder: Path) -> AnswerFile:
    return AnswerFile(folder / "answers.jsonl")


def open_study(folder: Path) -> Study:
    """
    Raises:
        StudyError: there is none, or it cannot be read.
    """
    try:
        return msgspec.json.decode((folder / STUDY_FILE).read_bytes(), type=Study)
    except OSError as error:
        raise StudyError(
            f"There is no listening study in {folder}: make one with `foley listen CLIPS --samples NAME=DIR "
            "--samples NAME=DIR --out DIR`."
        ) from error
    except msgspec.MsgspecError as error:
        raise StudyError(f"The study in {folder} cannot be read ({error}): choose another folder.") from error
