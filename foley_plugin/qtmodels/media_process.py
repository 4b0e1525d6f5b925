"""The media process for the panel: it may die alone, and the next picture starts it again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QIODeviceBase, QObject, QProcess, pyqtSignal

from foley_plugin.services.media_client import MediaClient, MediaProtocolError, media_command

MAX_DEATHS_WITHOUT_ANSWER = 4
END_LIMIT_MS = 800


class MediaProcess(QObject):
    """One QProcess, one `MediaClient` a life."""

    was_lost = pyqtSignal(str)
    """It cannot be kept alive; there will be no more pictures. One sentence, once."""

    def __init__(self, parent: QObject | None = None, *, command: Sequence[str] | None = None) -> None:
        super().__init__(parent)
        self._command = list(command) if command is not None else media_command()
        self._process: QProcess | None = None
        self._client: MediaClient | None = None
        self._deaths = 0
        self._is_closing = False

    @property
    def pid(self) -> int | None:
        return int(self._process.processId()) if self._process is not None else None

    @property
    def is_given_up(self) -> bool:
        return self._is_closing or self._deaths >= MAX_DEATHS_WITHOUT_ANSWER

    def ask(self, request: Callable[[MediaClient], None]) -> bool:
        """Call `request` with a live client; False where there is none to be had any more."""
        if self.is_given_up:
            return False
        if self._client is None:
            self._start()
        if self._client is None:
            return False
        request(self._client)
        return True

    def close(self) -> None:
        self._is_closing = True
        process, self._process, self._client = self._process, None, None
        if process is None:
            return
        process.finished.disconnect()
        process.closeWriteChannel()
        process.kill()
        process.waitForFinished(END_LIMIT_MS)

    def _start(self) -> None:
        process = QProcess(self)
        process.setProcessChannelMode(QProcess.ProcessChannelMode.SeparateChannels)
        process.setStandardErrorFile(QProcess.nullDevice())
        process.readyReadStandardOutput.connect(self._on_stdout)
        process.finished.connect(self._on_ended)
        process.errorOccurred.connect(self._on_error)
        self._process, self._client = process, MediaClient(self._write)
        process.start(self._command[0], self._command[1:], QIODeviceBase.OpenModeFlag.ReadWrite)

    def _write(self, data: bytes) -> None:
        if self._process is not None:
            self._process.write(data)

    def _on_stdout(self) -> None:
        if self._process is None or self._client is None:
            return
        try:
            self._client.feed(bytes(self._process.readAllStandardOutput().data()))
            self._deaths = 0
        except MediaProtocolError:
            self._process.kill()

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._deaths = MAX_DEATHS_WITHOUT_ANSWER - 1
            self._on_ended()

    def _on_ended(self) -> None:
        client, process = self._client, self._process
        self._client = self._process = None
        if process is not None:
            process.deleteLater()
        self._deaths += 1
        if client is not None:
            client.died("The picture reader ended; it starts again with the next picture.")
        if self._deaths == MAX_DEATHS_WITHOUT_ANSWER and not self._is_closing:
            self.was_lost.emit(
                self.tr(
                    "Pictures cannot be shown, because the process that reads media keeps ending; "
                    "foley can still be made. Run `foley doctor`."
                )
            )
