"""Test clips: films with their own sound, and where their hits truly are.

A folder of films (NAME.mp4, .mov, .mkv, …). Beside a film may lie NAME.json, as rendered scenes have it:
`{"hits": [{"time_s": 0.52, "strength": 0.8}, …], "label": "knock"}`. Where it does not, or names no hits, the
true hits are the onsets of the film's own sound.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Literal, TypeVar, cast

import av
import msgspec
import numpy as np
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame
from msgspec import Struct
from numpy.typing import NDArray

from engine.errors import FoleyError, MediaError, MediaNotFound, MediaUnreadable
from engine.media.audio import read_audio
from engine.media.decoding import ROUNDING_S, open_container
from engine.media.onsets import SAMPLE_RATE, detect_onsets
from engine.media.video import probe
from engine.protocol import Hit

FILM_SUFFIXES = (".mp4", ".mov", ".mkv", ".webm", ".avi", ".mxf", ".m4v", ".mpg", ".ts")
SHORTEST_S = 0.25
"""What is shorter cannot be measured: no onset would have a before and an after."""

T = TypeVar("T")


class BrokenTruth(FoleyError):
    """The JSON beside a film cannot be used."""

    code = "truth"


@dataclass(frozen=True, eq=False)
class _Remembering:
    """Something of which derived values (onsets, flow, embeddings) are computed once."""

    _derived: dict[str, object] = field(default_factory=dict, repr=False, kw_only=True)

    def once(self, name: str, compute: Callable[[], T]) -> T:
        """What `compute` gives, remembered under `name` for as long as this object lives."""
        if name not in self._derived:
            self._derived[name] = compute()
        return cast(T, self._derived[name])


@dataclass(frozen=True, eq=False)
class Sound(_Remembering):
    """A sound as it is measured: float32 mono [N] at 16 kHz (`SAMPLE_RATE`)."""

    wav: NDArray[np.float32]

    @property
    def duration_s(self) -> float:
        return self.wav.size / SAMPLE_RATE

    def onsets(self) -> list[Hit]:
        return self.once("onsets", lambda: detect_onsets(self.wav))

    def cut(self, num_samples: int) -> Sound:
        """The first `num_samples`; itself where it is no longer than that."""
        return self if self.wav.size <= num_samples else Sound(self.wav[:num_samples])


@dataclass(frozen=True, eq=False)
class Film(_Remembering):
    """The picture of a test clip, not decoded."""

    path: Path
    frame_rate: Fraction
    duration_s: Fraction
    width: int
    height: int


@dataclass(frozen=True, eq=False)
class TestClip:
    """A film with the truth about it. Times count from the film's first frame and sample.

    Attributes:
        name: the film's stem, by which samples are found.
        sound: the film's own.
        hits: in time order, none past the sound's end.
        hits_from: a "file" beside the film, or the film's own "sound".
    """

    __test__ = False

    name: str
    film: Film
    sound: Sound
    hits: tuple[Hit, ...]
    hits_from: Literal["file", "sound"]
    label: str | None = None

    @property
    def duration_s(self) -> float:
        return self.sound.duration_s

    def cut(self, num_samples: int) -> TestClip:
        """The first `num_samples` of its sound, with the hits that lie in them; itself where it is no longer."""
        if self.sound.wav.size <= num_samples:
            return self
        end_s = num_samples / SAMPLE_RATE
        inside = tuple(hit for hit in self.hits if hit.time_s < end_s)
        return replace(self, sound=self.sound.cut(num_samples), hits=inside)


class Truth(Struct, frozen=True):
    """What NAME.json says. Other fields may stand there as well and are not read."""

    hits: list[Hit] | None = None
    label: str | None = None


def find_films(folder: Path) -> list[Path]:
    """The films of a folder in order of name.

    Raises:
        MediaNotFound: no such folder, no film in it, or two of the same stem.
    """
    if not folder.is_dir():
        raise MediaNotFound(f"The folder of test clips {folder} is not there; give one that holds films.")
    films = sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in FILM_SUFFIXES and not path.name.startswith(".")
    )
    if not films:
        raise MediaNotFound(
            f"The folder {folder} holds no film ({', '.join(FILM_SUFFIXES)}); give one that does, "
            "or render one with `foley data render`."
        )
    stems = [path.stem for path in films]
    twice = sorted({stem for stem in stems if stems.count(stem) > 1})
    if twice:
        raise MediaNotFound(
            f"Two films in {folder} are called {twice[0]}: rename one, because samples are found by that name."
        )
    return films


def read_clip(path: Path) -> TestClip:
    """A film, its own sound and its truth.

    Sound and hits are on the picture's clock: sample 0 belongs to the first frame.

    Raises:
        MediaError: the film cannot be read, has no sound, or is shorter than a quarter of a second.
        BrokenTruth: the JSON beside it is not of the format.
    """
    info = probe(path)
    truth = read_truth(path.with_suffix(".json"))
    sound = read_sound(path).cut(round(info.duration_s * SAMPLE_RATE))
    film = Film(path, info.frame_rate, info.duration_s, info.width, info.height)
    heard = truth is None or truth.hits is None
    hits = sound.onsets() if truth is None or truth.hits is None else truth.hits
    inside = [hit for hit in hits if 0 <= hit.time_s < sound.duration_s]
    return TestClip(
        name=path.stem,
        film=film,
        sound=sound,
        hits=tuple(sorted(inside, key=lambda hit: hit.time_s)),
        hits_from="sound" if heard else "file",
        label=None if truth is None else truth.label,
    )


def read_sound(path: Path) -> Sound:
    """A sound file, or a film's sound from its first frame of picture on, at 16 kHz, mixed down.

    Raises:
        MediaError: it cannot be read, or is shorter than a quarter of a second.
    """
    wav = read_audio(path, SAMPLE_RATE)
    if path.suffix.lower() in FILM_SUFFIXES:
        late_samples = round(sound_late_s(path) * SAMPLE_RATE)
        wav = np.pad(wav, (max(0, late_samples), 0))[max(0, -late_samples) :]
    if wav.size < SHORTEST_S * SAMPLE_RATE:
        raise MediaUnreadable(
            f"The sound of {path} lasts {wav.size / SAMPLE_RATE:.2f} s, too short to be measured; "
            f"give one of {SHORTEST_S:g} s or more."
        )
    if not np.isfinite(wav).all():
        raise MediaUnreadable(f"The sound of {path} holds samples that are no numbers; write it again.")
    return Sound(wav)


def sound_late_s(path: Path) -> float:
    """By how much a film's sound begins after its picture; negative where before, 0 where either is missing.

    Within a millisecond it is rounding of the container's stamps, and counts as none.
    """
    starts_s: list[float] = []
    for kind in ("video", "audio"):
        with contextlib.suppress(av.FFmpegError, IndexError), open_container(path) as container:
            first = next(container.decode(**{kind: 0}), None)
            if isinstance(first, AudioFrame | VideoFrame) and first.time is not None:
                starts_s.append(first.time)
    if len(starts_s) < 2:
        return 0.0
    late_s = starts_s[1] - starts_s[0]
    return 0.0 if abs(late_s) <= ROUNDING_S else late_s


def read_truth(path: Path) -> Truth | None:
    """What lies beside a film; None where nothing does.

    Raises:
        BrokenTruth: it cannot be read or is of another format, or a hit is none that can be.
    """
    if not path.is_file():
        return None
    try:
        truth = msgspec.json.decode(path.read_bytes(), type=Truth)
    except (msgspec.MsgspecError, OSError, UnicodeDecodeError) as error:
        raise BrokenTruth(
            f'The file {path} is not of the form {{"hits": [{{"time_s": 0.5, "strength": 0.8}}], "label": "knock"}} '
            f"({error}); correct it or take it away."
        ) from error
    for hit in truth.hits or ():
        if not (0 <= hit.time_s < math.inf and 0 <= hit.strength <= 1):
            raise BrokenTruth(
                f"The file {path} has a hit at {hit.time_s:g} s of strength {hit.strength:g}: times count from 0, "
                "strengths go from 0 to 1; correct it or take it away."
            )
    return truth


ReadingFailed = MediaError | BrokenTruth
"""What one broken clip or sample raises; it is listed, and the others go on."""
