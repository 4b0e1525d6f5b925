"""What foley needs, looked at one by one; each finding says what to do where something is missing.

Qt and FFmpeg are tried in child processes: what is broken there may crash, and this process needs neither.
"""

from __future__ import annotations

import importlib.metadata
import json
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from engine.errors import FoleyError
from foley_plugin.services.engine_place import EnginePlace
from foley_plugin.services.installing import premiere, resolve
from foley_plugin.services.installing.launcher import foley_command
from foley_plugin.services.installing.records import InstallFailed, default_records, read_installation
from foley_plugin.services.model_choice import model_folder
from foley_plugin.services.settings import read_settings

CHECK_LIMIT_S = 60.0
DEFAULT_PLACE = EnginePlace()

EDITORS = (resolve.EDITOR, premiere.EDITOR)

PACKAGES = (
    "torch",
    "encodec",
    "opentimelineio",
    "av",
    "numpy",
    "soundfile",
    "soxr",
    "safetensors",
    "msgspec",
    "pyqt6",
)
NEEDED_DECODERS = ("h264", "hevc", "prores", "dnxhd", "mpeg4", "pcm_s24le", "aac")
NEEDED_ENCODERS = ("aac",)
FILM_ENCODERS = ("libx264", "libopenh264", "h264_videotoolbox", "h264_mf", "mpeg4")

_CODECS = """
import av, json, sys
def has(name, mode):
    try:
        av.Codec(name, mode)
        return True
    except ValueError:
        return False
decoders, encoders, film = json.loads(sys.argv[1])
missing = [n for n in decoders if not has(n, "r")]
missing += [n + " (encoder)" for n in encoders if not has(n, "w")]
version = ".".join(map(str, av.library_versions["libavcodec"]))
best = next((n for n in film if has(n, "w")), None)
print(json.dumps({"missing": missing, "film": best, "version": version}))
"""

_QT_WIDGETS = """
from PyQt6.QtCore import QT_VERSION_STR
from PyQt6.QtWidgets import QApplication
print(QT_VERSION_STR)
"""

_AUDIO_OUT = """
import sounddevice
try:
    print(sounddevice.query_devices(kind="output")["name"])
except (sounddevice.PortAudioError, ValueError):
    print()
"""

_QT_REMEDY = (
    "On Linux install what Qt needs (Debian and Ubuntu: apt install libgl1 libegl1 libxkbcommon-x11-0 "
    "libxcb-cursor0 libdbus-1-3); elsewhere install foley again."
)

_AUDIO_REMEDY = (
    "On Linux install PortAudio (Debian and Ubuntu: apt install libportaudio2); "
    "elsewhere install foley again."
)


class Finding(Struct, frozen=True):
    """One thing looked at. `detail` is what was found, or the remedy."""

    name: str
    is_well: bool
    detail: str
    is_needed: bool = True
    """Whether foley cannot do its main work without it."""


def examine(place: EnginePlace = DEFAULT_PLACE) -> Iterator[Finding]:
    """Look at everything, the quick things first; at the engine with the model and device of `place`.

    Where no model is named, it is the one that the panel remembers, or the default one.
    """
    yield check_python()
    yield check_packages()
    yield from check_installs()
    yield check_codecs()
    yield check_qt()
    yield check_audio_out()
    yield check_engine(place)


def check_python() -> Finding:
    version, is_well = platform.python_version(), (3, 11) <= sys.version_info[:2] < (3, 13)
    return Finding("python", is_well, version if is_well else f"{version}; install Python 3.11 or 3.12")


def check_packages() -> Finding:
    versions: list[str] = []
    missing: list[str] = []
    for package in PACKAGES:
        try:
            versions.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(package)
    if missing:
        return Finding(
            "packages", False, f"{', '.join(missing)} missing; run uv sync, or install foley again"
        )
    return Finding("packages", True, ", ".join(versions))


def check_installs(records: Path | None = None) -> Iterator[Finding]:
    """Whether editing programs have foley in their menus, and this foley."""
    records = records if records is not None else default_records()
    for editor in EDITORS:
        try:
            found = read_installation(editor, records)
        except InstallFailed as error:
            yield Finding(f"in {editor}", False, error.sentence, is_needed=False)
            continue
        if found is None:
            detail = f"not there; if you work with it: foley install {editor}"
            yield Finding(f"in {editor}", True, detail, is_needed=False)
            continue
        lost = [file.path for file in found.files if not file.is_there()]
        remedy = f"run foley install {editor} again"
        if lost:
            yield Finding(f"in {editor}", False, f"{lost[0]} is gone; {remedy}", is_needed=False)
        elif found.command != foley_command():
            other = f"points to another foley ({' '.join(found.command)}); {remedy}"
            yield Finding(f"in {editor}", False, other, is_needed=False)
        else:
            yield Finding(f"in {editor}", True, f"{len(found.files)} files, of this foley", is_needed=False)


def check_codecs() -> Finding:
    wanted = json.dumps([NEEDED_DECODERS, NEEDED_ENCODERS, FILM_ENCODERS])
    output, error = _try(_CODECS, wanted)
    if output is None:
        return Finding("ffmpeg in PyAV", False, f"{error}; install the package av from PyPI again")
    found = json.loads(output)
    if found["missing"] or found["film"] is None:
        lacking = ", ".join(found["missing"]) or "an encoder for film"
        return Finding(
            "ffmpeg in PyAV", False, f"lacks {lacking}; install the package av from PyPI, not a local build"
        )
    return Finding("ffmpeg in PyAV", True, f"libavcodec {found['version']}, films by {found['film']}")


def check_qt() -> Finding:
    output, error = _try(_QT_WIDGETS)
    if output is None:
        return Finding("Qt", False, f"{error}. {_QT_REMEDY}", is_needed=False)
    return Finding("Qt", True, output)


def check_audio_out() -> Finding:
    output, error = _try(_AUDIO_OUT)
    if output is None:
        return Finding("audio out", False, f"{error}. {_AUDIO_REMEDY}", is_needed=False)
    if not output:
        return Finding("audio out", False, "no device, so the panel is silent; connect one", is_needed=False)
    return Finding("audio out", True, output)


def check_engine(place: EnginePlace = DEFAULT_PLACE) -> Finding:
    """Start the engine as a job would, its model loaded; where none is named, that of the panel."""
    remembered = read_settings().model_folder if place.model is None else ""
    whose = f"the panel's model, {remembered}" if remembered else str(place.model or "the default model")
    try:
        if remembered:
            place = msgspec.structs.replace(place, model=model_folder(remembered))
        with place.engine() as engine:
            ready = engine.wait_until_ready()
    except FoleyError as error:
        remedy = "; or choose another in the panel, under File" if remembered else ""
        return Finding("engine", False, f"{error.sentence.removesuffix('.')}{remedy} (looked at: {whose})")
    return Finding(
        "engine",
        True,
        f"ready, {whose}: {ready.model} (sha256 {ready.model_sha256[:16]}), {len(ready.labels)} labels, "
        f"{ready.device}, {ready.dtype}, {ready.num_threads} threads",
    )


def _try(code: str, *arguments: str) -> tuple[str | None, str]:
    """The output of a little program, or None and what it died of."""
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", code, *arguments],
            check=False,
            capture_output=True,
            timeout=CHECK_LIMIT_S,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, str(error)
    if done.returncode != 0:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        return None, lines[-1] if lines else f"it crashed with status {done.returncode}"
    return done.stdout.decode("utf-8", "replace").strip(), ""
