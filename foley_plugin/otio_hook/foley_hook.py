"""The hook before a timeline is written: foley on new audio tracks, if it is asked for.

It does nothing unless its argument map says `foley=True`. The others are as `foley generate` has them:

    foley_label, foley_prompt, foley_takes, foley_seed
    foley_project   folder of the takes; else NAME.foley beside the file that is written
    foley_media     folder that the timeline's relative media paths start from; else that file's folder

The work is done by `foley generate` in a process of its own, so that a program that uses OpenTimelineIO loads
neither a model nor this program's libraries, and survives whatever happens there.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import opentimelineio as otio

ASKED = "foley"
RUNNING_VARIABLE = "FOLEY_HOOK"
"""Set for the process that works for us, so that a timeline which that one writes does not call it again."""

WORDS = ("label", "prompt", "takes", "seed", "project")
TOOLS = ("otioconvert", "otiotool", "otiocat", "otiostat")
"""Programs of OpenTimelineIO that show a traceback for any exception."""

_PACKAGE_ROOT = Path(__file__).resolve().parents[2]


class FoleyHookError(otio.exceptions.OTIOError):  # type: ignore[misc]
    """Foley could not be made; one sentence."""


def hook_function(in_timeline: Any, argument_map: Mapping[str, Any] | None = None) -> Any:
    """The timeline with foley, or the very same one where nobody asks.

    Raises:
        FoleyHookError: foley could not be made. In OpenTimelineIO's own tools the process ends with the sentence.
    """
    arguments = argument_map or {}
    if not _is_asked(arguments) or os.environ.get(RUNNING_VARIABLE):
        return in_timeline
    try:
        return _with_foley(in_timeline, arguments)
    except FoleyHookError as error:
        if Path(sys.argv[0]).stem in TOOLS:
            sys.exit(f"ERROR: {error}")
        raise


def _is_asked(arguments: Mapping[str, Any]) -> bool:
    asked = arguments.get(ASKED)
    return asked not in (None, False, 0) and str(asked).lower() not in ("", "0", "false", "no", "none")


def _with_foley(timeline: Any, arguments: Mapping[str, Any]) -> Any:
    if not isinstance(timeline, otio.schema.Timeline):
        raise FoleyHookError(f"Foley is made for timelines, and this is a {type(timeline).__name__}.")
    project = _project(arguments)
    media = Path(str(arguments.get("foley_media") or project.parent))
    try:
        with tempfile.TemporaryDirectory(prefix="foley-") as scratch:
            cut = Path(scratch) / "cut.otio"
            cut.write_text(_absolute(timeline, media).to_json_string(), encoding="utf-8")
            made = Path(scratch) / "made.otio"
            _run(["generate", str(cut), "--to", str(made), "--project", str(project)], arguments)
            written = otio.core.deserialize_json_from_string(made.read_text(encoding="utf-8"))
    except OSError as error:
        raise FoleyHookError(f"Foley could not be made ({error}).") from error
    return _with_tracks_of(timeline, written)


def _project(arguments: Mapping[str, Any]) -> Path:
    given = arguments.get("foley_project")
    if given:
        return Path(str(given)).absolute()
    written = arguments.get("_filepath")
    if not written:
        raise FoleyHookError("Foley needs a folder for its takes; give foley_project=DIR.")
    path = Path(str(written)).absolute()
    return path.with_name(f"{path.stem}.foley")


def _absolute(timeline: Any, media: Path) -> Any:
    """A copy whose relative media paths start from a folder, since it is read elsewhere."""
    copy = timeline.deepcopy()
    for clip in copy.find_clips():
        for reference in clip.media_references().values():
            url = getattr(reference, "target_url", None)
            if url and "://" not in url and not _is_absolute(url):
                reference.target_url = str(media.absolute() / url)
    return copy


def _is_absolute(path: str) -> bool:
    return path.startswith(("/", "\\")) or path[1:2] == ":"


def _with_tracks_of(timeline: Any, written: Any) -> Any:
    """A copy of the caller's timeline with the tracks that are new, so that its own media paths stay."""
    copy = timeline.deepcopy()
    for track in written.tracks[len(copy.tracks) :]:
        copy.tracks.append(track.deepcopy())
    return copy


def _run(words: list[str], arguments: Mapping[str, Any]) -> None:
    """`foley WORDS`, its progress on this process's stderr where that is a terminal.

    Raises:
        FoleyHookError: the sentence that foley ended with.
    """
    for name in WORDS:
        value = arguments.get(f"foley_{name}")
        if value is not None and name != "project":
            words += [f"--{name}", str(value)]
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "foley_plugin", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=_environment(),
            check=False,
        )
    except OSError as error:
        raise FoleyHookError(f"Foley did not start ({error}); run this in foley's own Python.") from error
    if done.returncode != 0:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise FoleyHookError(lines[-1] if lines else f"Foley ended with status {done.returncode}.")


def _environment() -> dict[str, str]:
    environment = dict(os.environ)
    places = [environment["PYTHONPATH"]] if environment.get("PYTHONPATH") else []
    environment["PYTHONPATH"] = os.pathsep.join([*places, str(_PACKAGE_ROOT)])
    environment[RUNNING_VARIABLE] = "1"
    environment["PYTHONIOENCODING"] = "utf-8"
    return environment
