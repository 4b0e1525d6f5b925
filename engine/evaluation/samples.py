"""Systems under test: each a folder of samples, one sound a clip, found by the clip's name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from engine.errors import RequestError
from engine.evaluation.clips import FILM_SUFFIXES

SOUND_SUFFIXES = (".wav", ".flac", ".ogg", ".mp3", ".aif", ".aiff", ".m4a")
REFERENCE = "reference"
"""The row of the films' own sound: what a perfect system would get."""

Kind = Literal["reference", "model", "samples"]


@dataclass(frozen=True)
class System:
    """What is measured.

    Attributes:
        files: the sample of each clip by its name; empty for the reference, whose samples are the films' own.
        facts: what shaped the samples, for the report (a model's sha256, its seed, …).
        failures: sentences on clips for which none could be made, by the clip's name.
    """

    name: str
    kind: Kind
    folder: Path | None = None
    files: Mapping[str, Path] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)


def reference() -> System:
    return System(REFERENCE, "reference", facts={"samples": "the films' own sound"})


def sample_folder(name: str, folder: Path) -> System:
    """A folder of samples made elsewhere. Of a sound and a film of one name the sound is taken.

    Raises:
        RequestError: there is no such folder, or nothing in it that can be heard.
    """
    files = samples_in(folder)
    if not files:
        raise RequestError(
            f"The folder {folder} of {name} holds no sound: give one with a NAME.wav (or .flac, .mp4, …) for "
            "each test clip called NAME."
        )
    return System(name, "samples", folder, files)


def samples_in(folder: Path) -> dict[str, Path]:
    """Sounds and films by their stems, case kept.

    Raises:
        RequestError: there is no such folder.
    """
    if not folder.is_dir():
        raise RequestError(f"The folder of samples {folder} is not there: correct --samples NAME=DIR.")
    ranks = {suffix: rank for rank, suffix in enumerate(SOUND_SUFFIXES + FILM_SUFFIXES)}
    found: dict[str, Path] = {}
    usable = [
        path for path in folder.iterdir() if path.suffix.lower() in ranks and not path.name.startswith(".")
    ]
    for path in sorted(usable, key=lambda path: (ranks[path.suffix.lower()], path.name)):
        found.setdefault(path.stem, path)
    return found


def parse_samples(options: Sequence[str]) -> list[System]:
    """NAME=DIR, as often as given.

    Raises:
        RequestError: one is not of that form, or a name is given twice or taken.
    """
    named = [named_folder(option) for option in options]
    for option, (name, _) in zip(options, named, strict=True):
        if not name:
            raise RequestError(
                f"{option!r} is not of the form NAME=DIR: give for example MMAudio=samples/mm."
            )
    systems = [sample_folder(name, folder) for name, folder in named]
    refuse_same_names([*systems, reference()])
    return systems


def named_folder(option: str) -> tuple[str, Path]:
    """NAME=DIR, or DIR alone with no name."""
    name, equals, folder = option.partition("=")
    return (name.strip(), Path(folder).expanduser()) if equals and folder else ("", Path(option).expanduser())


def refuse_same_names(systems: Sequence[System]) -> None:
    """
    Raises:
        RequestError: two systems are called alike.
    """
    names = [system.name for system in systems]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise RequestError(f"Two rows would be called {twice[0]!r}: give one of them another name.")
