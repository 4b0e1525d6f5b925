"""The panel's program: a window at once, the engine behind it.

Nothing heavy is imported here: no torch, no PyAV, no OpenTimelineIO; they live in processes of their own.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from foley_plugin.services.settings import log_folder, read_settings

LIBRARIES = "libegl1 libgl1 libxkbcommon0 libdbus-1-3 libfontconfig1"
X11_LIBRARIES = (
    "libxcb-cursor0 libxkbcommon-x11-0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0"
)
X11_PROBE = "libxcb-cursor.so.0"
"""Where this one is missing, Qt's X11 plugin ends the process instead of raising."""


def main(argv: Sequence[str] | None = None) -> int:
    """Open the panel, with a cut where one is named; its exit status."""
    arguments = _parse(sys.argv[1:] if argv is None else argv)
    hindrance = _no_screen()
    if hindrance is not None:
        print(hindrance, file=sys.stderr)
        return 1
    return _run(arguments)


def _run(arguments: argparse.Namespace) -> int:
    from PyQt6.QtWidgets import QApplication

    from foley_plugin.qtmodels.background import Background
    from foley_plugin.qtmodels.engine_process import EngineProcess
    from foley_plugin.qtmodels.media_process import MediaProcess
    from foley_plugin.services.engine_place import EnginePlace
    from foley_plugin.ui.appearance import scheme_of, stored_appearance
    from foley_plugin.ui.crash_log import keep_crash_log
    from foley_plugin.ui.language import language_to_wear, wear_language
    from foley_plugin.ui.main_window import MainWindow, Surroundings
    from foley_plugin.ui.theme import apply_theme

    application = QApplication(["foley"])
    application.setApplicationDisplayName("Foley")
    with keep_crash_log(log_folder()) as last_crash:
        wear_language(application, language_to_wear(read_settings().language))
        apply_theme(application, scheme_of(stored_appearance(None)))
        place = EnginePlace(model=arguments.model, device=arguments.device, dtype=arguments.dtype)
        window = MainWindow(Surroundings(EngineProcess(place=place), MediaProcess(), Background()))
        signal.signal(signal.SIGINT, lambda *_: window.close())  # Ctrl+C in the terminal ends it in order
        window.show()
        if last_crash is not None:
            window.tell_of_crash(last_crash)
        if arguments.cut is not None:
            window.file_control.open(arguments.cut)
        else:
            window.manners.welcome.show_if_new()
        return application.exec()


def _no_screen() -> str | None:
    """Why no window can be shown here, one sentence; None where it can."""
    try:
        import PyQt6.QtWidgets  # noqa: F401
    except ImportError as error:
        return f"The panel cannot load Qt ({error}); on Debian or Ubuntu: apt-get install {LIBRARIES}"
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return None
    if os.environ.get("WAYLAND_DISPLAY"):
        return None
    if not os.environ.get("DISPLAY"):
        return "There is no screen to show the panel on; use the command line: foley --help."
    try:
        ctypes.CDLL(X11_PROBE)
    except OSError:
        return f"The panel needs libraries of X11; on Debian or Ubuntu: apt-get install {X11_LIBRARIES}"
    return None


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="foley panel", description="Open the panel.")
    parser.add_argument("cut", nargs="?", type=Path, help="a timeline to open")
    parser.add_argument("--model", type=Path, help="a model's folder, of this session")
    parser.add_argument("--device", help="where the networks compute: cpu, cuda")
    parser.add_argument("--dtype", help="of the language model's weights: float32, bfloat16, int8")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
