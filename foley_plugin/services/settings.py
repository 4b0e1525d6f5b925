"""Where this program keeps its own files, and the few choices that it remembers."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Annotated

import msgspec
import platformdirs
from msgspec import Meta, Struct

from engine.errors import OutputError
from foley_plugin.jobs.sound_choice import SoundPreset

APP_NAME = "foley"
MAX_RECENT_CUTS = 10


class WindowLayout(Struct, frozen=True):
    """Where the window stood and how its room was shared out, in logical pixels; zeros and "" are not known."""

    x_px: int = 0
    y_px: int = 0
    width_px: int = 0
    height_px: int = 0
    is_maximized: bool = False
    rows_px: list[int] = []
    """Heights of picture and timeline, once somebody has moved what is between them."""
    columns_px: list[int] = []
    side_page: str = ""
    lower_page: str = ""


class CutPlace(Struct, frozen=True):
    """Where the editor was in a cut: the playhead, and what was seen of the timeline."""

    playhead_s: Annotated[float, Meta(ge=0.0)] = 0.0
    left_s: Annotated[float, Meta(ge=0.0)] = 0.0
    pixels_per_s: Annotated[float, Meta(gt=0.0)] = 50.0


class Settings(Struct, frozen=True):
    """What the panel and the command line start from."""

    handle_s: Annotated[float, Meta(ge=0.0, le=30.0)] = 1.0
    takes: Annotated[int, Meta(ge=1, le=32)] = 1
    target_nle: str = "resolve"
    recent_cuts: list[str] = []
    sound_presets: list[SoundPreset] = []
    appearance: str = "dark"
    """"dark", "light", or "system"."""
    language: str = "system"
    """"system", or a language's code such as "ko"; of the next start."""
    shortcuts: dict[str, list[str]] = {}
    """Keys by command, only of those that were changed; an empty list is a command without keys."""
    layout: WindowLayout = WindowLayout()
    has_been_welcomed: bool = False
    model_folder: str = ""
    """Of the model that the panel's sounds are made by; "" is the default one."""
    cut_places: dict[str, CutPlace] = {}
    """By the cut's path; of the recent cuts alone."""

    def with_recent_cut(self, path: Path) -> Settings:
        """The settings with this cut first in the list of recent ones."""
        others = [cut for cut in self.recent_cuts if cut != str(path)]
        return msgspec.structs.replace(self, recent_cuts=[str(path), *others][:MAX_RECENT_CUTS])


def settings_path() -> Path:
    return platformdirs.user_config_path(APP_NAME, appauthor=False) / "settings.json"


def log_folder() -> Path:
    return platformdirs.user_log_path(APP_NAME, appauthor=False)


def engine_log_path() -> Path:
    return log_folder() / "engine.log"


def read_settings(path: Path | None = None) -> Settings:
    """The stored settings; the defaults where there are none or they cannot be read.

    A broken settings file must not stop anybody from working; who changes it puts it aside first.
    """
    try:
        return msgspec.json.decode((path or settings_path()).read_bytes(), type=Settings)
    except (OSError, msgspec.MsgspecError):
        return Settings()


def write_settings(settings: Settings, path: Path | None = None) -> None:
    """Write whole or not at all.

    Raises:
        OutputError: the folder cannot be written.
    """
    target = path or settings_path()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=target.name)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(settings), indent=2))
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except OSError as error:
        raise OutputError(
            f"The settings could not be saved in {target.parent} ({error.strerror})."
        ) from error


def change_settings(path: Path | None, **changes: object) -> Settings:
    """Change some of the stored settings and leave the others as they are by now.

    A file that is not understood, such as a later version's, is kept beside as `.bad`: presets and keys are in it.

    Raises:
        OutputError: the folder cannot be written, or the file not read.
    """
    target = path or settings_path()
    try:
        stored = msgspec.json.decode(target.read_bytes(), type=Settings)
    except FileNotFoundError:
        stored = Settings()
    except msgspec.MsgspecError:
        stored = Settings()
        with contextlib.suppress(OSError):
            os.replace(target, target.with_suffix(".bad"))
    except OSError as error:
        raise OutputError(f"The settings {target} could not be read ({error.strerror}).") from error
    changed = msgspec.structs.replace(stored, **changes)
    write_settings(changed, path)
    return changed


def without_home(text: str) -> str:
    """Text for a log: the home folder replaced by `~`, in the spellings in which paths occur."""
    home = str(Path.home())
    if len(home) <= 1:
        return text
    for spelling in {home, home.replace("\\", "/"), home.replace("\\", "\\\\")}:
        text = text.replace(spelling, "~")
    return text
