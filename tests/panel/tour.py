"""An editor's session from the first click to the next morning, with the default model, recorded as pictures.

    uv run python -m tests.panel.tour --to resources/tour     (on a screen, or under xvfb-run)

Open, spot, generate, move a hit, regenerate, A/B, undo, export, quit, reopen: each step through the same actions,
keys and mouse events that a hand sends, each checked, and each a frame of the filmstrip.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PyQt6.QtCore import QEvent, QEventLoop, QPointF, QRectF, QSize, Qt, QTimer
from PyQt6.QtGui import QImage, QMouseEvent, QPainter
from PyQt6.QtWidgets import QApplication, QWidget

from foley_plugin.qtmodels.background import Background
from foley_plugin.qtmodels.clip_status import ClipState
from foley_plugin.qtmodels.engine_process import EngineProcess
from foley_plugin.qtmodels.lanes import RULER_HEIGHT_PX, ClipKey, LaneItem, LaneKind
from foley_plugin.qtmodels.media_process import MediaProcess
from foley_plugin.ui import theme
from foley_plugin.ui.item_painter import STRIP_PX
from foley_plugin.ui.main_window import MainWindow, Surroundings
from foley_plugin.ui.palette import DARK
from foley_plugin.ui.ruler_painter import HEADER_PX

FIRST = ClipKey("V1", 1)
WINDOW = QSize(1440, 900)
FRAME_PX = 560
"""Width of a frame of the strip."""
COLUMNS = 3
CAPTION_PX = 26
WAIT_S = 240.0
SETTLE_MS = 900
PANEL_SHOT = 6
"""The frame that is kept at full size, for the README."""


@dataclass
class Shot:
    caption: str
    image: QImage


@dataclass
class Tour:
    """The window, and what was seen of it."""

    folder: Path
    shots: list[Shot] = field(default_factory=list)

    def open_window(self) -> None:
        self.window = MainWindow(
            Surroundings(
                EngineProcess(log_path=self.folder / "engine.log"),
                MediaProcess(),
                Background(),
                settings_path=self.folder / "settings.json",
                demo_folder=self.folder / "demo",
            )
        )
        self.window.resize(WINDOW)
        self.window.show()

    @property
    def item(self) -> LaneItem:
        lanes = self.window.session.scene.stack.lanes
        return next(item for placed in lanes for item in placed.lane.items if item.clip_keys == (FIRST,))

    @property
    def takes(self) -> list[LaneItem]:
        lanes = self.window.session.scene.stack.lanes
        return [item for placed in lanes if placed.lane.kind is LaneKind.FOLEY for item in placed.lane.items]

    @property
    def hits_s(self) -> list[float]:
        """Of the first clip, handles left out."""
        hits = self.window.session.hit_book.sheet.of(FIRST).hits
        return [hit.time_s for hit in hits if 0 <= hit.time_s < self.item.duration_s]

    def wait(self, milliseconds: int) -> None:
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    def until(self, condition: Callable[[], object], what: str) -> None:
        began_s = time.monotonic()
        while not condition():
            if time.monotonic() - began_s > WAIT_S:
                raise TimeoutError(f"{what} did not happen within {WAIT_S:.0f} s")
            self.wait(50)

    def until_opened(self) -> None:
        """The media are known, and the picture and the engine are there."""
        window = self.window
        self.until(lambda: window.session.desk is not None and not window.session.is_checking, "opening")
        self.until(lambda: window.viewer.image is not None, "the picture")
        self.until(lambda: window.surroundings.engine.labels, "the engine")
        self.wait(SETTLE_MS)

    def until_idle(self) -> None:
        self.until(
            lambda: self.window.session.desk is not None and self.window.session.desk.is_idle, "the work"
        )

    def act(self, name: str) -> None:
        action = self.window.actions_[name]
        assert action.isEnabled(), name
        action.trigger()

    def see(self, caption: str, beside: QWidget | None = None) -> None:
        """Keep a picture of the window, and of a dialog over it."""
        self.wait(SETTLE_MS)
        image = self.window.grab().toImage()
        if beside is not None:
            over = beside.grab().toImage()
            ratio = image.devicePixelRatio()
            with QPainter(image) as painter:
                painter.fillRect(
                    QRectF(0, 0, image.width() / ratio, image.height() / ratio), Qt.GlobalColor.black
                )
                painter.setOpacity(0.45)
                painter.drawPixmap(0, 0, self.window.grab())
                painter.setOpacity(1.0)
                left = (self.window.width() - beside.width()) // 2
                painter.drawImage(QPointF(left, (self.window.height() - beside.height()) // 2), over)
        self.shots.append(Shot(caption, image))

    def drag_hit(self, from_s: float, to_s: float) -> None:
        view = self.window.view

        def at(time_s: float) -> QPointF:
            return QPointF(HEADER_PX + view.scale.x_of(time_s), RULER_HEIGHT_PX + STRIP_PX + 25)

        for kind, time_s, held in (
            (QEvent.Type.MouseButtonPress, from_s, Qt.MouseButton.LeftButton),
            (QEvent.Type.MouseMove, (from_s + to_s) / 2, Qt.MouseButton.LeftButton),
            (QEvent.Type.MouseMove, to_s, Qt.MouseButton.LeftButton),
            (QEvent.Type.MouseButtonRelease, to_s, Qt.MouseButton.NoButton),
        ):
            button = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
            place = QPointF(view.mapToGlobal(at(time_s).toPoint()))
            keys = Qt.KeyboardModifier.NoModifier
            QApplication.sendEvent(view, QMouseEvent(kind, at(time_s), place, button, held, keys))


def run(folder: Path) -> list[Shot]:
    """The whole session in `folder`, which must be empty.

    Raises:
        AssertionError, TimeoutError: a step did not do what it is there for.
    """
    tour = Tour(folder)
    tour.open_window()
    tour.see("1  A cut is opened, or the demo")
    _spot_and_generate(tour)
    _move_and_compare(tour)
    exported = _export(tour)
    kept = (sorted(take.name for take in tour.takes), tour.hits_s)
    tour.window.close()
    _reopen(tour, kept)
    assert exported.is_file()
    return tour.shots


def _spot_and_generate(tour: Tour) -> None:
    window = tour.window
    window.file_control.open_demo()
    tour.until_opened()
    tour.see("2  The cut with its clips")
    window.view.select([tour.item])
    tour.act("zoom_selection")
    tour.act("spot")
    tour.until(lambda: tour.hits_s, "spotting")
    tour.see("3  Spot: where it hits in the picture")
    window.sound_control.memory.change([FIRST], takes=3)
    tour.act("generate")
    tour.until(lambda: window.session.scene.statuses[FIRST].progress > 0.3, "progress")
    tour.see("4  Generate: three takes on this machine")
    tour.until_idle()
    assert len(tour.takes) == 1
    tour.see("5  One lies on the timeline, the others beside")


def _move_and_compare(tour: Tour) -> None:
    window, before = tour.window, tour.hits_s
    first = before[0]
    tour.drag_hit(first, first + 0.25)
    assert tour.hits_s != before
    assert window.session.scene.statuses[FIRST].state is ClipState.STALE
    tour.see("6  A hit is moved: the take is stale")
    tour.act("generate")
    tour.until_idle()
    assert window.session.scene.statuses[FIRST].state is ClipState.DONE
    tour.see("7  Regenerate: the sound follows")
    placed = tour.takes[0].take_id
    tour.act("take_1")
    tour.until(lambda: tour.takes[0].take_id != placed, "A/B")
    tour.see("8  A/B at the playhead: keys 1 to 9")
    tour.act("undo")
    assert tour.takes[0].take_id == placed
    tour.see("9  Undo, as far back as you like")


def _export(tour: Tour) -> Path:
    window = tour.window
    tour.act("export")
    dialog = window.manners.export_control.dialog
    assert dialog is not None
    tour.until(lambda: dialog.findings.isVisible() or dialog.found_words.text()[-1] != "…", "the preflight")
    tour.see("10  Export: what the import would stumble over", dialog)
    path = dialog.path
    dialog.export_button.click()
    tour.until(path.is_file, "the export")
    tour.see("11  The timeline with new tracks, beside your own")
    return path


def _reopen(tour: Tour, kept: tuple[list[str], list[float]]) -> None:
    cut = next((tour.folder / "demo").rglob("*.otio"))
    tour.open_window()
    tour.window.file_control.open(cut)
    tour.until_opened()
    tour.window.view.select([tour.item])
    assert (sorted(take.name for take in tour.takes), tour.hits_s) == kept
    tour.see("12  Another day: everything is there")
    tour.window.close()


def filmstrip(shots: Sequence[Shot]) -> QImage:
    """All frames with their captions, in rows."""
    height = FRAME_PX * WINDOW.height() // WINDOW.width()
    rows = -(-len(shots) // COLUMNS)
    gap = 10
    size = QSize(COLUMNS * (FRAME_PX + gap) + gap, rows * (height + CAPTION_PX + gap) + gap)
    strip = QImage(size, QImage.Format.Format_RGB32)
    strip.fill(Qt.GlobalColor.black)
    with QPainter(strip) as painter:
        painter.setFont(theme.ui_font(15, bold=True))
        painter.setPen(Qt.GlobalColor.white)
        for number, shot in enumerate(shots):
            left = gap + number % COLUMNS * (FRAME_PX + gap)
            top = gap + number // COLUMNS * (height + CAPTION_PX + gap)
            painter.drawText(
                QRectF(left, top, FRAME_PX, CAPTION_PX), Qt.AlignmentFlag.AlignVCenter, shot.caption
            )
            smooth = Qt.TransformationMode.SmoothTransformation
            small = shot.image.scaled(QSize(FRAME_PX, height), Qt.AspectRatioMode.KeepAspectRatio, smooth)
            painter.drawImage(QPointF(left, top + CAPTION_PX), small)
    return strip


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.panel.tour", description=__doc__)
    parser.add_argument("--to", type=Path, required=True, help="a folder for filmstrip.png and panel.png")
    arguments = parser.parse_args(argv)
    application = QApplication(["foley"])
    theme.apply_theme(application, DARK.scheme)
    arguments.to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        shots = run(Path(folder))
    filmstrip(shots).save(str(arguments.to / "filmstrip.png"))
    shots[PANEL_SHOT].image.save(str(arguments.to / "panel.png"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
