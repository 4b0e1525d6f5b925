"""The real window in known states, as pictures: both palettes, at the scale that `QT_SCALE_FACTOR` says.

uv run python -m tests.panel.screenshots --to DIR         (what the test compares)
uv run python -m tests.panel.screenshots --references     (look at the difference before it is committed)
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from PyQt6.QtCore import QEventLoop, Qt, QTimer
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QApplication, QWidget

from foley_plugin.qtmodels.background import Background
from foley_plugin.qtmodels.engine_process import EngineProcess
from foley_plugin.qtmodels.lanes import ClipKey
from foley_plugin.qtmodels.media_process import MediaProcess
from foley_plugin.qtmodels.sound_output import NoDevice
from foley_plugin.ui import theme
from foley_plugin.ui.main_window import MainWindow, Surroundings
from foley_plugin.ui.palette import Scheme
from tests.conftest import FAKE_WORKER
from tests.panel.footage import write_cut

REFERENCES = Path(__file__).parent / "references"
SCALES = (1, 2)
WIDTH_PX, HEIGHT_PX = 1280, 800
KEPT_WIDTH_PX = 320
"""References are as small as shows what is where: type differs between machines, places do not."""
FIRST = ClipKey("V1", 1)
WAIT_S = 120.0


def make_all(folder: Path) -> None:
    """All pictures of all scales into `folder`, a process a scale; side by side, since each waits most of the time."""
    running = []
    for scale in SCALES:
        environment = {**os.environ, "QT_SCALE_FACTOR": str(scale), "QT_QPA_PLATFORM": "offscreen"}
        command = [sys.executable, "-m", "tests.panel.screenshots", "--to", str(folder)]
        running.append(subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True))
    errors = [process.communicate(timeout=2 * WAIT_S)[1] for process in running]
    if any(process.returncode for process in running):
        raise RuntimeError("\n".join(errors))


def pictures(folder: Path) -> Iterator[tuple[str, QWidget]]:
    """Names of states with what shows them; each is on the screen until the next is asked for."""
    engine = EngineProcess(command=[sys.executable, str(FAKE_WORKER)], log_path=folder / "engine.log")
    window = MainWindow(
        Surroundings(
            engine,
            MediaProcess(),
            Background(),
            open_output=NoDevice,
            settings_path=folder / "settings.json",
            demo_folder=folder / "demo",
        )
    )
    window.resize(WIDTH_PX, HEIGHT_PX)
    window.show()
    yield "empty", window
    window.file_control.open(write_cut(folder))
    _until(lambda: window.session.desk is not None and not window.session.is_checking)
    _until(lambda: bool(engine.labels))
    lanes = window.session.scene.stack.lanes
    window.view.select([item for lane in lanes for item in lane.lane.items if item.clip_keys == (FIRST,)])
    for name in ("spot", "generate"):
        window.actions_[name].trigger()
        _until(lambda: window.session.desk is not None and window.session.desk.is_idle)
    _until(lambda: window.viewer.image is not None)
    window.notice_bar.hide()
    _wait(1500)  # thumbnails, waves, heard onsets
    yield "timeline", window
    window.workspace.lower_pages.show_page("spots")
    window.workspace.side_pages.show_page("queue")
    yield "lists", window
    window.actions_["export"].trigger()
    dialog = window.manners.export_control.dialog
    assert dialog is not None
    _until(lambda: not dialog.found_words.text().endswith("…"))
    yield "export", dialog
    dialog.reject()
    window.close()


def small(image: QImage) -> QImage:
    """As small as a reference."""
    smooth = Qt.TransformationMode.SmoothTransformation
    return image.convertToFormat(QImage.Format.Format_RGB32).scaledToWidth(KEPT_WIDTH_PX, smooth)


def _until(condition: Callable[[], bool]) -> None:
    began_s = time.monotonic()
    while not condition():
        if time.monotonic() - began_s > WAIT_S:
            raise TimeoutError("the panel did not come to the state that is to be seen")
        _wait(40)


def _wait(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def _see(target: Path, scale: str) -> None:
    application = QApplication(["foley"])
    with tempfile.TemporaryDirectory() as folder:
        theme.apply_theme(application)
        for name, widget in pictures(Path(folder)):
            for scheme in Scheme:
                theme.apply_theme(application, scheme)
                _wait(150)
                image = small(widget.grab().toImage())
                assert image.save(str(target / f"{name}_{scheme.value}_{scale}.png"))


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.panel.screenshots", description=__doc__)
    parser.add_argument("--to", type=Path, help="a folder for the pictures of this process's scale")
    parser.add_argument("--references", action="store_true", help="make all of them anew")
    arguments = parser.parse_args(argv)
    if arguments.references:
        REFERENCES.mkdir(exist_ok=True)
        make_all(REFERENCES)
    else:
        _see(arguments.to, os.environ.get("QT_SCALE_FACTOR", "1"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
