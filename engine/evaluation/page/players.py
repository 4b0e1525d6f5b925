"""For each clip shown on the page and each system: the picture with that system's sound, and a spectrogram."""

from __future__ import annotations

import contextlib
import hashlib
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from engine.errors import MediaError
from engine.evaluation.clips import Sound, TestClip, read_clip, read_sound
from engine.evaluation.page.spectrogram import as_data_uri, as_png, mel_db
from engine.evaluation.samples import System
from engine.media.audio import Wav, read_audio
from engine.media.browser_film import SAMPLE_RATE, write_silent_picture, write_with_sound
from engine.media.movie import picture_frames
from engine.protocol import Picture, Span, rational

MEDIA_FOLDER = "media"
MOST_WIDTH = 480
MOST_FRAME_RATE = 60
QUIETEST_TOP_DB = -20.0
"""Where everything compared is quieter than this, the spectrograms are not brightened any further."""


@dataclass(frozen=True)
class Player:
    """One system's sound under one clip. `film` is relative to the page."""

    system: str
    film: str
    spectrogram: str
    duration_s: float


@dataclass(frozen=True)
class Shown:
    """A clip as the page shows it; systems without a sample for it have no player."""

    clip: str
    players: Sequence[Player]


def make_players(
    films: Sequence[Path],
    systems: Sequence[System],
    out: Path,
    *,
    on_clip: Callable[[int], None] = lambda done: None,
) -> list[Shown]:
    """Players of clips that can be read; films that lie there from an earlier run are kept.

    Raises:
        OutputError: they cannot be written.
    """
    shown = []
    for number, film in enumerate(films):
        clip = read_clip(film)
        shown.append(Shown(clip.name, _players(clip, systems, out, number)))
        on_clip(number + 1)
    return shown


def _players(clip: TestClip, systems: Sequence[System], out: Path, number: int) -> list[Player]:
    heard: list[tuple[str, Path, Sound]] = []
    for system in systems:
        path = clip.film.path if system.kind == "reference" else system.files.get(clip.name)
        if path is not None:
            with contextlib.suppress(MediaError):  # the report lists it
                heard.append((system.name, path, read_sound(path)))
    levels = [mel_db(sound.cut(clip.sound.wav.size).wav) for _, _, sound in heard]
    top_db = max([QUIETEST_TOP_DB, *(float(each.max()) for each in levels)])
    films = _films_with(clip, [(name, path) for name, path, _ in heard], out, number)
    return [
        Player(name, film, as_data_uri(as_png(level, top_db)), min(sound.duration_s, clip.duration_s))
        for (name, _, sound), level, film in zip(heard, levels, films, strict=True)
    ]


def _films_with(clip: TestClip, sounds: Sequence[tuple[str, Path]], out: Path, number: int) -> list[str]:
    """The picture encoded once, under each system's sound at its own level; paths from the page."""
    folder = out / MEDIA_FOLDER
    wanted: dict[Path, Wav] = {}
    targets: list[Path] = []
    for name, path in sounds:
        wav = read_audio(path, SAMPLE_RATE)[: round(clip.film.duration_s * SAMPLE_RATE)]
        stamp = f"{clip.film.path.stat().st_mtime_ns}".encode()
        digest = hashlib.sha256(wav.tobytes() + stamp).hexdigest()[:10]
        targets.append(folder / f"{number + 1:03d}_{_plain(clip.name)}_{_plain(name)}_{digest}.webm")
        if not targets[-1].exists():
            wanted[targets[-1]] = wav
    if wanted:
        picture = folder / f".picture.{secrets.token_hex(4)}.webm"
        try:
            _write_picture(clip, picture)
            for target, wav in wanted.items():
                write_with_sound(picture, wav, target, duration=clip.film.duration_s)
        finally:
            picture.unlink(missing_ok=True)
    return [f"{MEDIA_FOLDER}/{target.name}" for target in targets]


def _write_picture(clip: TestClip, out: Path) -> None:
    film = clip.film
    scale = min(1.0, MOST_WIDTH / film.width)
    width, height = (max(2, 2 * round(side * scale / 2)) for side in (film.width, film.height))
    frame_rate = min(film.frame_rate, Fraction(MOST_FRAME_RATE))
    picture = Picture(str(film.path.absolute()), [Span(rational(film.duration_s), (0, 1))])
    write_silent_picture(picture_frames([picture], width, height, frame_rate), out, frame_rate=frame_rate)


def _plain(name: str) -> str:
    """For a file name in a link: letters, digits, dashes."""
    return re.sub(r"[^A-Za-z0-9]+", "-", name)[:40].strip("-") or "x"
