"""The demo that comes with foley: laid out in a folder, and shown as a film when its sounds are made."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import msgspec
from msgspec import Struct

from engine.errors import FoleyError, OutputError
from engine.protocol import Hit, Picture, fraction, rational
from foley_plugin.jobs.generate import Wish
from foley_plugin.timeline.records import CutRecord, Placement

DEFAULT_DEMO_FOLDER = Path("foley-demo")
CUT_NAME = "cut.otio"
TRUTH_NAME = "truth.json"
PROJECT_NAME = "cut.foley"
FILM_NAME = "demo"
FILM_LIMIT_S = 300.0

BUNDLED_DEMO = Path(__file__).resolve().parent.parent.parent / "resources" / "demo"


class DemoFailed(FoleyError):
    """The demo's files are not there, or its film could not be made."""

    code = "demo"


class TrueClip(Struct, frozen=True):
    """What is known of a clip of the demo, since it was rendered."""

    name: str
    track: str
    index: int
    label: str
    hits: list[Hit]


class Truth(Struct, frozen=True):
    """`truth.json`; also a file of hits as `foley generate --hits` reads it."""

    clips: list[TrueClip]
    width: int
    height: int


@dataclass(frozen=True)
class LaidOutDemo:
    """A copy of the demo, ready for work."""

    folder: Path
    cut: Path
    project: Path
    truth: Truth

    def wish(self, track: str, index: int) -> Wish:
        """The clip's known label; its hits are left to the spotter and only measured against the truth."""
        for clip in self.truth.clips:
            if (clip.track, clip.index) == (track, index):
                return Wish(label=clip.label, reference_hits=clip.hits)
        return Wish()


def lay_out_demo(folder: Path, source: Path = BUNDLED_DEMO) -> LaidOutDemo:
    """Copy the demo's files into a folder; files that are there already are left as they are.

    Raises:
        DemoFailed: the demo is missing from this installation.
        OutputError: the folder cannot be written.
    """
    folder = folder.absolute()
    try:
        truth = msgspec.json.decode((source / TRUTH_NAME).read_bytes(), type=Truth)
    except (OSError, msgspec.MsgspecError) as error:
        raise DemoFailed(f"The demo is missing from {source}; install foley again.") from error
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in sorted(source.iterdir()):
            if file.is_file() and not (folder / file.name).exists():
                shutil.copyfile(file, folder / file.name)
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be written ({error.strerror}); choose another with --out."
        ) from error
    return LaidOutDemo(folder, folder / CUT_NAME, folder / PROJECT_NAME, truth)


def make_demo_film(demo: LaidOutDemo, cut: CutRecord, placements: Sequence[Placement]) -> Path:
    """The whole cut with the placed sounds, as an mp4 under a name that is not taken.

    Raises:
        DemoFailed: the film could not be made; the engine's sentence.
    """
    out = _free_name(demo.folder)
    plan = film_plan(cut, placements, out, width=demo.truth.width, height=demo.truth.height)
    with tempfile.TemporaryDirectory(prefix="foley-") as scratch:
        path = Path(scratch) / "plan.json"
        path.write_bytes(msgspec.json.encode(plan))
        command = [sys.executable, "-P", "-m", "engine.media.reel", str(path)]
        try:
            done = subprocess.run(
                command, check=False, capture_output=True, stdin=subprocess.DEVNULL, timeout=FILM_LIMIT_S
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise DemoFailed(
                f"The film could not be made ({error}); the timeline and its sounds are there."
            ) from error
    if done.returncode != 0:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise DemoFailed(lines[-1] if lines else f"The film's process ended with status {done.returncode}.")
    return out


def film_plan(
    cut: CutRecord, placements: Sequence[Placement], out: Path, *, width: int, height: int
) -> dict[str, object]:
    """What `engine.media.reel` is asked: the clips of the lowest track end to end, and what was placed."""
    clips = sorted((clip for clip in cut.clips if clip.media), key=lambda clip: fraction(clip.record_in))
    frame = 1 / fraction(cut.rate)

    def seconds(frames: int) -> tuple[int, int]:
        return rational(Fraction(frames) * frame)

    return {
        "pictures": [Picture(media=clip.media, spans=clip.spans) for clip in clips if clip.media is not None],
        "sounds": [
            {
                "wav": placement.wav,
                "start": seconds(placement.record_frame),
                "duration": seconds(placement.duration_frames),
                "offset": seconds(placement.head_frames),
                "gain_db": placement.gain_db,
            }
            for placement in placements
        ],
        "out": str(out),
        "width": width,
        "height": height,
        "frame_rate": cut.rate,
    }


def _free_name(folder: Path) -> Path:
    number = 1
    while os.path.lexists(
        path := folder / (f"{FILM_NAME}.mp4" if number == 1 else f"{FILM_NAME}_{number}.mp4")
    ):
        number += 1
    return path
