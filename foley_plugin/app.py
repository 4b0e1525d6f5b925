"""The panel's program: a window at once, the engine behind it.

Nothing heavy is imported here: no torch, no PyAV, no OpenTimelineIO; they live in processes of their own.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from foley_plugin.services.settings import log_folder

CRASH_LOG = "panel.log"
LIBRARIES = (
    "libegl1 libgl1 libxkbcommon0 libdbus-1-3 libfontconfig1 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1"
)


def main(argv: Sequence[str] | None = None) -> int:
    """Open the panel, with a cut where one is named; its exit status."""
    arguments = _parse(sys.argv[1:] if argv is None else argv)
    try:
        from PyQt6.QtWidgets import QApplication
    except ImportError as error:
        print(f"The panel needs Qt, which cannot be loaded here ({error}).", file=sys.stderr)
        print(f"On Debian or Ubuntu: apt-get install {LIBRARIES}", file=sys.stderr)
        return 1
    from foley_plugin.qtmodels.background import Background
    from foley_plugin.qtmodels.engine_process import EngineProcess
    from foley_plugin.qtmodels.media_process import MediaProcess
    from foley_plugin.ui.crash_log import keep_crash_log
    from foley_plugin.ui.main_window import MainWindow, Surroundings
    from foley_plugin.ui.theme import apply_theme

    application = QApplication(["foley"])
    application.setApplicationDisplayName("Foley")
    with keep_crash_log(log_folder() / CRASH_LOG):
        apply_theme(application)
        window = MainWindow(Surroundings(EngineProcess(), MediaProcess(), Background()))
        window.show()
        if arguments.cut is not None:
            window.file_control.open(arguments.cut)
        return application.exec()


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="foley panel", description="Open the panel.")
    parser.add_argument("cut", nargs="?", type=Path, help="a timeline to open (.otio)")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
