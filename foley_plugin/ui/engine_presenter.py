"""How the engine stands, told in the status line."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QTimer

from engine.errors import FoleyError
from foley_plugin.ui.notice_bar import Severity
from foley_plugin.ui.palette import Tone

if TYPE_CHECKING:
    from foley_plugin.ui.main_window import MainWindow


SOUND_WARMS_MS = 1500


class EnginePresenter(QObject):
    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._engine = window.surroundings.engine
        self._engine.became_ready.connect(self._on_ready)
        self._engine.started.connect(self._on_started)
        self._engine.was_lost.connect(self._on_lost)
        window.surroundings.media.was_lost.connect(
            lambda words: window.notice_bar.show_notice(words, Severity.ERROR)
        )
        window.shown_first.connect(self._on_shown)
        window.status_strip.show_engine(self.tr("Engine not started"))

    def _on_shown(self) -> None:
        """Load the model, and open the audio device, while the editor looks at the cut."""
        QTimer.singleShot(SOUND_WARMS_MS, self._window.playback.warm)
        with suppress(FoleyError):  # it was told when it ended
            self._engine.start()

    def _on_started(self) -> None:
        self._window.status_strip.show_engine(self.tr("Engine loading…"), Tone.ACCENT)

    def _on_ready(self, ready: object) -> None:
        words = f"{getattr(ready, 'model', '')} · {getattr(ready, 'device', '')}"
        self._window.status_strip.show_engine(words, Tone.OK)

    def _on_lost(self, sentence: str) -> None:
        self._window.status_strip.show_engine(self.tr("Engine stopped"), Tone.ERROR)
        self._window.notice_bar.show_notice(sentence, Severity.ERROR)
