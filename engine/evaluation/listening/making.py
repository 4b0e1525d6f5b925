"""Making a study: each film once as a picture, then with every system's sound, all equally loud."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import msgspec
import numpy as np

from engine.errors import MediaError
from engine.evaluation.clips import find_films
from engine.evaluation.listening.study import (
    MEDIA_FOLDER,
    STUDY_FILE,
    Medium,
    Plan,
    Study,
    StudyError,
    open_study,
)
from engine.evaluation.listening.trials import SILENCE
from engine.evaluation.samples import System
from engine.media.atomic import write_new_file
from engine.media.audio import Wav, read_audio
from engine.media.browser_film import SAMPLE_RATE, write_silent_picture, write_with_sound
from engine.media.loudness import integrated_loudness
from engine.media.movie import picture_frames
from engine.media.video import MediaInfo, probe
from engine.protocol import Picture, Span, rational

MAX_WIDTH, MAX_HEIGHT = 960, 720
"""Two films stand side by side in a window."""
MAX_FRAME_RATE = 60
LOUDEST_LUFS, QUIETEST_LUFS = -20.0, -35.0
PEAK_CEILING = 10 ** (-1 / 20)
USUAL_NUM_TRIALS = 40
"""Longer sittings tire the ear."""

Sounds = dict[str, Path]
"""Systems and their sound for one film."""
OnFilm = Callable[[str, int, int], None]
"""Called with a film's name, how many are done and how many there are."""


def make_study(
    clips: Path,
    systems: Sequence[System],
    folder: Path,
    *,
    num_trials: int | None = None,
    num_catches: int = 0,
    seed: int = 0,
    on_film: OnFilm = lambda name, done, total: None,
) -> Study:
    """Write a study, or open the one that is there if it is of the same films, systems and settings.

    Args:
        systems: each with its sounds by the films' stems; a folder of films counts for their own sound, so that
            the truth can be a system too.

    Raises:
        StudyError, MediaError, OutputError.
    """
    if len(systems) < 2:
        raise StudyError("Two systems or more are compared: give --samples NAME=DIR for each.")
    plan = Plan(tuple(system.name for system in systems), num_trials, num_catches, seed)
    sounds, left_out = _sounds_by_film(clips, systems)
    if (folder / STUDY_FILE).is_file():
        there = open_study(folder)
        if plan != there.plan or {film.stem for film in sounds} - {*there.films, *there.left_out}:
            raise StudyError(
                f"The folder {folder} holds another study: choose another folder, "
                f"or go on with that one by `foley listen --out {folder}`."
            )
        return there
    return _write_study(plan, sounds, left_out, folder, on_film)


def _sounds_by_film(clips: Path, systems: Sequence[System]) -> tuple[dict[Path, Sounds], dict[str, str]]:
    """Films that every system has a sound for; the others' names, each with the reason."""
    whole: dict[Path, Sounds] = {}
    left_out: dict[str, str] = {}
    for film in find_films(clips):
        lacking = [system for system in systems if film.stem not in system.files]
        if lacking:
            left_out[film.stem] = f"The samples of {lacking[0].name} hold no {film.stem}.wav."
        else:
            whole[film] = {system.name: system.files[film.stem] for system in systems}
    if not whole:
        raise StudyError(
            f"No film in {clips} has a sound of every system ({next(iter(left_out.values()))}): "
            "name the sounds by the films' stems."
        )
    return whole, left_out


def _write_study(
    plan: Plan, sounds: Mapping[Path, Sounds], left_out: dict[str, str], folder: Path, on_film: OnFilm
) -> Study:
    """The media first, in a folder of their own, and the key to them last: a study is there whole or not at all."""
    if (folder / MEDIA_FOLDER).exists():
        raise StudyError(f"The folder {folder} holds other things already: choose an empty one.")
    partial = folder / f"{MEDIA_FOLDER}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    films: list[str] = []
    media: list[Medium] = []
    for number, (film, of_systems) in enumerate(sounds.items()):
        on_film(film.stem, number, len(sounds))
        try:
            media += _write_media(film, of_systems, partial, with_silence=plan.num_catches > 0)
        except MediaError as error:
            left_out[film.stem] = error.sentence
        else:
            films.append(film.stem)
    if not films:
        raise StudyError(f"No film can be used. {next(iter(left_out.values()))}")
    num_pairs = len(plan.systems) * (len(plan.systems) - 1) // 2
    count = min(len(films) * num_pairs, plan.num_trials or USUAL_NUM_TRIALS)
    study = Study(plan, films, media, count, secrets.token_urlsafe(16), left_out)
    os.replace(partial, folder / MEDIA_FOLDER)
    write_new_file(folder / STUDY_FILE, msgspec.json.format(msgspec.json.encode(study), indent=1) + b"\n")
    return study


def _write_media(film: Path, sounds: Sounds, folder: Path, *, with_silence: bool) -> list[Medium]:
    """The film with each system's sound, mixed down, cut or filled with silence to the film's length."""
    info = probe(film)
    num_samples = round(info.duration_s * SAMPLE_RATE)
    wavs = {system: read_audio(path, SAMPLE_RATE)[:num_samples] for system, path in sounds.items()}
    gains_db: dict[str, float | None] = equal_loudness_gains_db(wavs)
    if with_silence:
        wavs[SILENCE], gains_db[SILENCE] = np.zeros(0, np.float32), None
    picture = folder / "picture.webm"
    picture.unlink(missing_ok=True)
    _write_picture(info, picture)
    media = []
    for system, wav in wavs.items():
        medium = Medium(film.stem, system, secrets.token_hex(12), gains_db[system])
        loud = wav * 10 ** ((medium.gain_db or 0.0) / 20)
        write_with_sound(picture, loud, folder / f"{medium.id}.webm", duration=info.duration_s)
        media.append(medium)
    picture.unlink()
    return media


def _write_picture(info: MediaInfo, out: Path) -> None:
    scale = min(1.0, MAX_WIDTH / info.width, MAX_HEIGHT / info.height)
    width, height = (max(2, 2 * round(side * scale / 2)) for side in (info.width, info.height))
    frame_rate = min(info.frame_rate, Fraction(MAX_FRAME_RATE))
    picture = Picture(os.fspath(info.path), [Span(rational(info.duration_s), (0, 1))])
    write_silent_picture(picture_frames([picture], width, height, frame_rate), out, frame_rate=frame_rate)


def equal_loudness_gains_db(wavs: Mapping[str, Wav]) -> dict[str, float | None]:
    """Gains that make sounds at 48 kHz equally loud by ITU-R BS.1770-4; None for silence.

    The common loudness is -20 LUFS, or the most that none of them clips at (peaks of -1 dBFS), but never below
    -35 LUFS: one odd click must not make all others inaudible, and stays quieter than they are.
    """
    loudness = {name: integrated_loudness(wav) for name, wav in wavs.items()}
    room_db = {
        name: 20 * float(np.log10(PEAK_CEILING / np.abs(wavs[name]).max()))
        for name, lufs in loudness.items()
        if np.isfinite(lufs)
    }
    reachable = [loudness[name] + db for name, db in room_db.items()]
    target = max(QUIETEST_LUFS, min([LOUDEST_LUFS, *reachable]))
    return {name: min(target - loudness[name], room_db[name]) if name in room_db else None for name in wavs}
