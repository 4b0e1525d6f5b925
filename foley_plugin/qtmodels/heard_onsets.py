"""What is heard in the takes: onsets measured by the media process, one sound at a time."""

from __future__ import annotations

from PyQt6.QtCore import QObject, pyqtSignal

from foley_plugin.qtmodels.media_process import MediaProcess
from foley_plugin.services.media_client import Onset


class HeardOnsets(QObject):
    """Each WAV is measured once: a take's file is never written again."""

    arrived = pyqtSignal(str, object)
    """A path and its `Onset`s, in time order."""

    def __init__(self, media: MediaProcess, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._media = media
        self._known: dict[str, tuple[Onset, ...]] = {}
        self._asked: set[str] = set()

    def want(self, path: str) -> None:
        """`arrived` follows, at once where the sound was measured before; not where it cannot be."""
        if path in self._known:
            self.arrived.emit(path, self._known[path])
            return
        if path not in self._asked:
            self._asked.add(path)
            self._media.ask(
                lambda client: client.onsets(
                    path, lambda onsets: self._on_onsets(path, onsets), lambda _: self._on_failed(path)
                )
            )

    def _on_onsets(self, path: str, onsets: tuple[Onset, ...]) -> None:
        self._known[path] = onsets
        self.arrived.emit(path, onsets)

    def _on_failed(self, path: str) -> None:
        """Another day perhaps: it is asked for again when its clip is selected again."""
        self._asked.discard(path)
