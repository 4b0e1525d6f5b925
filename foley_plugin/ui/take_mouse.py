"""What the mouse does to takes on the foley lanes: drag the WAV out to another program, or slip it with Alt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QMimeData, QObject, QPointF, Qt, QUrl
from PyQt6.QtGui import QDrag, QMouseEvent
from PyQt6.QtWidgets import QApplication

from engine.errors import FoleyError

if TYPE_CHECKING:
    from foley_plugin.ui.main_window import MainWindow


class TakeMouse(QObject):
    """Looks at the timeline's events before it; selecting stays with the timeline."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._session, self._view = window.session, window.view
        self._take_id: str | None = None
        """The take that was pressed on."""
        self._from = QPointF()
        self._is_slipping = False
        self._slip_before = self._slipped_frames = 0
        """How far the take was slipped when it was pressed, in samples; how far the mouse went since, in frames."""
        self._is_refusal_told = False
        window.view.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if isinstance(event, QMouseEvent):
            match event.type():
                case QEvent.Type.MouseButtonPress:
                    self._press(event)
                case QEvent.Type.MouseMove if self._take_id is not None:
                    return self._move(event, self._take_id)
                case QEvent.Type.MouseButtonRelease:
                    self._release()
        return super().eventFilter(watched, event)

    def _press(self, event: QMouseEvent) -> None:
        item = self._view.item_at(event.position())
        is_left = event.button() is Qt.MouseButton.LeftButton
        self._take_id = item.take_id if is_left and item is not None else None
        self._from, self._slipped_frames, self._is_refusal_told = event.position(), 0, False
        self._is_slipping = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        desk = self._session.desk
        if desk is not None and self._take_id is not None:
            self._slip_before = desk.shelf.take(self._take_id).slip_samples
            self._session.history.end_series()  # a drag is a step of its own

    def _move(self, event: QMouseEvent, take_id: str) -> bool:
        if self._is_slipping:
            self._slip(event.position().x() - self._from.x(), take_id)
        elif (event.position() - self._from).manhattanLength() >= QApplication.startDragDistance():
            self._take_id = None
            self._drag_out(take_id)
        return True

    def _slip(self, by_px: float, take_id: str) -> None:
        """From frame to frame, so that the timeline, the wave and the sound follow; at the handles' end it stays.

        Counted from the press, so that where the mouse comes back to it the take does too.
        """
        by_frames = round(self._view.scale.duration_of(by_px) / self._session.scene.ruler.frame_s)
        desk = self._session.desk
        if desk is None or by_frames == self._slipped_frames:
            return
        self._slipped_frames = by_frames
        wanted = desk.takes.frames_later(self._slip_before, by_frames)
        within = desk.takes.within_handles(take_id, wanted)
        if within != wanted and not self._is_refusal_told:
            self._is_refusal_told = True
            desk.takes.slip_to(take_id, wanted)  # is refused, and says why
        desk.takes.slip_to(take_id, within)

    def _release(self) -> None:
        if self._take_id is not None and self._is_slipping:
            self._session.history.end_series()
        self._take_id = None

    def _drag_out(self, take_id: str) -> None:
        data = self.mime_data(take_id)
        if data is not None:
            drag = QDrag(self._view)
            drag.setMimeData(data)
            drag.exec(Qt.DropAction.CopyAction)

    def mime_data(self, take_id: str) -> QMimeData | None:
        """The take's WAV as it is slipped; None where it cannot be had, and the reason is told."""
        desk = self._session.desk
        if desk is None:
            return None
        try:
            wav = desk.takes.wav_of(take_id)
        except FoleyError as error:
            self._session.failed.emit(error.sentence)
            return None
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(wav))])
        return data
