"""Show a file in the system's file browser, selected where the system can; its folder where it cannot."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QObject, QProcess, QUrl
from PyQt6.QtGui import QDesktopServices

OpenFolder = Callable[[Path], object]


def selecting_command(path: Path, platform: str = sys.platform) -> list[str]:
    """What makes the system's file browser show a file selected; [] where nothing is known to."""
    if platform == "darwin":
        return ["open", "-R", str(path)]
    if platform == "win32":
        return ["explorer", f"/select,{path}"]
    if platform.startswith("linux"):
        url = QUrl.fromLocalFile(str(path)).toString(QUrl.ComponentFormattingOption.FullyEncoded)
        name = "org.freedesktop.FileManager1"
        call = [f"--dest={name}", "/org/freedesktop/FileManager1", f"{name}.ShowItems"]
        return ["dbus-send", "--session", "--print-reply", *call, f"array:string:{url}", "string:"]
    return []


def reveal(
    path: Path, parent: QObject, *, command: list[str] | None = None, open_folder: OpenFolder | None = None
) -> None:
    """Show a file or folder; nothing is waited for. Where no browser answers, the folder is opened."""
    open_folder = open_folder if open_folder is not None else _open_folder
    command = command if command is not None else selecting_command(path)
    if path.is_dir() or not command:
        open_folder(path if path.is_dir() else path.parent)
        return
    process = QProcess(parent)

    def on_failed() -> None:
        open_folder(path.parent)
        process.deleteLater()

    def on_finished(status: int) -> None:
        # The Windows browser ends with 1 when all went well.
        if status != 0 and command[:1] != ["explorer"]:
            on_failed()
        else:
            process.deleteLater()

    process.errorOccurred.connect(lambda error: on_failed())
    process.finished.connect(on_finished)
    process.start(command[0], command[1:])


def _open_folder(folder: Path) -> bool:
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
