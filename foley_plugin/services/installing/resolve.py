"""Foley in DaVinci Resolve's menu: where its scripts live on each system, and what goes there."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import platformdirs

from foley_plugin.services.installing.records import InstallFailed, PlannedFile

EDITOR = "resolve"
SCRIPT = Path(__file__).resolve().parents[3] / "resources" / "scripts" / "resolve" / "foley_for_resolve.py"

MENU = {
    "Foley.py": "open",
    "Foley - Bring back takes.py": "bring_back",
    "Foley - Import as new timeline.py": "import_timeline",
}
"""The file's name is the menu's word."""

_SCRIPTS = Path("Fusion", "Scripts", "Utility")
_BLACKMAGIC = Path("Blackmagic Design", "DaVinci Resolve")

LIMITS = (
    "In Resolve: Workspace > Scripts > Foley exports the open timeline and opens the panel on it; after "
    "exporting there, Foley - Bring back takes lays the takes on new audio tracks.",
    "These scripts need the Studio edition, or the free edition before 21.1, which runs Python no more. In the "
    "free edition: File > Export > Timeline (OTIO), open that file in foley, and File > Import > Timeline of "
    "what foley writes.",
    "Resolve counts sound files at 24 frames a second, so a take may lie a millisecond or two beside its frame "
    "and its end up to a frame; importing as a new timeline is exact.",
)


def scripts_folder(
    *,
    all_users: bool = False,
    platform: str = sys.platform,
    environment: Mapping[str, str] = os.environ,
    home: Path | None = None,
) -> Path:
    """The folder of Resolve's menu scripts, which need not be there yet.

    Raises:
        InstallFailed: Windows does not say where its folders are.
    """
    home = home if home is not None else Path.home()
    if platform == "darwin":
        root = Path("/") if all_users else home
        return root / "Library" / "Application Support" / _BLACKMAGIC / _SCRIPTS
    if platform == "win32":
        variable = "PROGRAMDATA" if all_users else "APPDATA"
        if not environment.get(variable):
            raise InstallFailed(f"Windows does not say where its folders are ({variable}); use --folder.")
        inner = _SCRIPTS if all_users else Path("Support") / _SCRIPTS
        return Path(environment[variable]) / _BLACKMAGIC / inner
    if all_users:
        return Path("/opt/resolve") / _SCRIPTS
    return home / ".local" / "share" / "DaVinciResolve" / _SCRIPTS


def hand_over_folder() -> Path:
    """Where Resolve's exports go, a folder a project."""
    return platformdirs.user_documents_path() / "foley" / EDITOR


def planned_files(folder: Path, command: list[str], hand_over: Path) -> list[PlannedFile]:
    """One script a menu entry, each complete in itself.

    Raises:
        InstallFailed: the script is missing from this installation.
    """
    try:
        text = SCRIPT.read_text(encoding="utf-8")
    except OSError as error:
        raise InstallFailed(f"The script is missing from {SCRIPT}; install foley again.") from error
    text = _filled(text, "FOLEY_COMMAND", json.dumps(command, ensure_ascii=False))
    text = _filled(text, "HAND_OVER_FOLDER", json.dumps(str(hand_over), ensure_ascii=False))
    return [
        PlannedFile(folder / name, _filled(text, "ACTION", json.dumps(action)).encode("utf-8"))
        for name, action in MENU.items()
    ]


def _filled(text: str, name: str, value: str) -> str:
    """The text with the module's constant set; JSON's strings and lists are Python's too."""
    filled, count = re.subn(rf"(?m)^{name} = .*$", lambda _: f"{name} = {value}", text)
    assert count == 1, f"{name} stands once in the script"
    return filled
