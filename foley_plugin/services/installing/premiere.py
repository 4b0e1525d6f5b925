"""Foley in Adobe Premiere Pro: a UXP panel, packed for Creative Cloud, and the file that opens foley from it.

UXP, since Premiere has no menu for .jsx scripts: those need a CEP extension, whose time ends with ExtendScript's.
A UXP panel may open files but start no program with words of its own, hence the launcher file.
"""

from __future__ import annotations

import io
import json
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import platformdirs

from foley_plugin.services.installing.records import InstallFailed, PlannedFile
from foley_plugin.services.settings import APP_NAME

EDITOR = "premiere"
PANEL = Path(__file__).resolve().parents[3] / "resources" / "scripts" / "premiere"
PANEL_FILES = ("manifest.json", "index.html", "main.js", "foley.js", "config.js")
PACKAGE_NAME = "Foley.ccx"
PLUGIN_NAME = "Foley"

INSTALLERS = {
    "darwin": Path(
        "/Library/Application Support/Adobe/Adobe Desktop Common/RemoteComponents/UPI"
        "/UnifiedPluginInstallerAgent/UnifiedPluginInstallerAgent.app/Contents/MacOS"
        "/UnifiedPluginInstallerAgent"
    ),
    "win32": Path(
        r"C:\Program Files\Common Files\Adobe\Adobe Desktop Common\RemoteComponents\UPI"
        r"\UnifiedPluginInstallerAgent\UnifiedPluginInstallerAgent.exe"
    ),
}
"""Adobe's own installer of panels, which comes with the Creative Cloud app."""

INSTALLER_LIMIT_S = 120.0
_ZIP_TIME = (2026, 1, 1, 0, 0, 0)
"""The same panel is the same file, so that a second installation changes nothing."""

LIMITS = (
    "In Premiere 25.6 or later: Window > UXP Plugins > Foley exports the open sequence and opens the panel on it; "
    "after exporting there, Bring back imports the result as a new sequence.",
    "Premiere's import of OpenTimelineIO drops levels and links, and foley's files for it are unproven; the steadier "
    "way is As Final Cut Pro XML, which Premiere's panels cannot import: use File > Import for the file that foley "
    "writes.",
    "Premiere asks before it opens foley. Earlier versions have no such panels: export by File > Export > Final Cut "
    "Pro XML and open that in foley.",
)


def check_platform(platform: str = sys.platform) -> None:
    """Raises:
    InstallFailed: Premiere does not run on this system.
    """
    if platform not in INSTALLERS:
        raise InstallFailed(
            "Premiere runs on macOS and Windows only; install foley there, or give --folder to have the panel's "
            "files written."
        )


def panel_folder() -> Path:
    return platformdirs.user_data_path(APP_NAME, appauthor=False) / EDITOR


def hand_over_folder() -> Path:
    """Where Premiere's exports go."""
    return platformdirs.user_documents_path() / "foley" / EDITOR


def planned_files(
    folder: Path, command: list[str], hand_over: Path, *, platform: str = sys.platform
) -> list[PlannedFile]:
    """The panel's files, the same packed as one, and the launcher.

    Raises:
        InstallFailed: the panel is missing from this installation.
    """
    launcher = _launcher(hand_over, command, platform)
    config = {
        "folder": str(hand_over),
        "launcher": str(launcher.path),
        "separator": "\\" if platform == "win32" else "/",
    }
    try:
        contents = {name: (PANEL / name).read_bytes() for name in PANEL_FILES}
    except OSError as error:
        raise InstallFailed(f"The panel is missing from {PANEL}; install foley again.") from error
    contents["config.js"] = f"module.exports = {json.dumps(config, indent=2)};\n".encode("ascii")
    panel = [PlannedFile(folder / PLUGIN_NAME / name, content) for name, content in contents.items()]
    return [*panel, PlannedFile(folder / PACKAGE_NAME, _packed(contents)), launcher]


def hand_to_premiere(package: Path, *, platform: str = sys.platform) -> str:
    """Have Adobe's installer take the package; the sentence that says how it went, or what is left to do."""
    if _run_installer(platform, "install", str(package)):
        return "The panel is installed; restart Premiere to see it."
    return f"Double-click {package} to have Creative Cloud install the panel, then restart Premiere."


def take_from_premiere(*, platform: str = sys.platform) -> str:
    """Have Adobe's installer remove the panel; the sentence that says how it went, or what is left to do."""
    if _run_installer(platform, "remove", PLUGIN_NAME):
        return "The panel is gone from Premiere after a restart."
    return "If the panel was installed by Creative Cloud, remove it there: Stock & Marketplace > Plugins > Manage."


def _run_installer(platform: str, action: str, what: str) -> bool:
    program = INSTALLERS.get(platform)
    if program is None or not program.exists():
        return False
    word = f"/{action}" if platform == "win32" else f"--{action}"
    try:
        done = subprocess.run(
            [str(program), word, what],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=INSTALLER_LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _launcher(hand_over: Path, command: list[str], platform: str) -> PlannedFile:
    """Opens the panel on the newest export of the folder."""
    words = [*command, "panel", str(hand_over)]
    if platform == "win32":
        line = subprocess.list2cmdline(words).replace("%", "%%")
        text = f'@chcp 65001 >nul\r\n@start "" {line}\r\n'
        return PlannedFile(hand_over / "Open Foley.cmd", text.encode("utf-8"))
    text = f"#!/bin/sh\nexec {shlex.join(words)}\n"
    return PlannedFile(hand_over / "Open Foley.command", text.encode("utf-8"), is_executable=True)


def _packed(contents: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(zipfile.ZipInfo(name, _ZIP_TIME), content)
    return packed.getvalue()
