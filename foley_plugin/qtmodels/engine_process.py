"""The engine for the panel: one QObject owns one QProcess, and the Qt-free client speaks through it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtCore import QIODeviceBase, QObject, QProcess, QTimer, pyqtSignal

from engine.errors import FoleyError
from foley_plugin.jobs.sound_choice import ModelDrawing
from foley_plugin.services.engine_client import EngineClient, EngineLost, EventCallback, Work
from foley_plugin.services.engine_place import EnginePlace
from foley_plugin.services.engine_subprocess import MAX_FRUITLESS_STARTS, engine_command
from foley_plugin.services.model_choice import model_folder
from foley_plugin.services.settings import engine_log_path, without_home

DEFAULT_PLACE = EnginePlace()
LOOK_INTERVAL_MS = 1000
END_LIMIT_MS = 1500


class EngineProcess(QObject):
    """Starts the engine, hears it, and says in a user's words how it ended.

    A dead engine is started again by the next request. Everything is asynchronous but `close`.
    """

    started = pyqtSignal()
    """A process was started; the model loads."""
    became_ready = pyqtSignal(object)
    """The engine's hello, a `Ready`."""
    was_lost = pyqtSignal(str)
    """The engine has ended though nobody asked it to; one sentence."""

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        command: Sequence[str] | None = None,
        place: EnginePlace = DEFAULT_PLACE,
        log_path: Path | None = None,
    ) -> None:
        """
        Args:
            command: the words that start the worker; by default this installation's.
            place: with which model, and on which device.
        """
        super().__init__(parent)
        self._worker = list(command) if command is not None else engine_command()
        self._place = place
        self._log_path = log_path if log_path is not None else engine_log_path()
        self._ids = itertools.count(1)
        self._client: EngineClient | None = None
        self._process: QProcess | None = None
        self._fruitless_starts = 0
        self._is_closing = False
        self._look_timer = QTimer(self)
        self._look_timer.setInterval(LOOK_INTERVAL_MS)
        self._look_timer.timeout.connect(self._on_look)

    @property
    def place(self) -> EnginePlace:
        return self._place

    @property
    def is_alive(self) -> bool:
        return self._client is not None and self._client.is_alive

    @property
    def is_ready(self) -> bool:
        return self._client is not None and self._client.ready is not None

    @property
    def ready(self) -> object:
        """The engine's hello, a `Ready`; None until it is ready."""
        return self._client.ready if self._client is not None else None

    @property
    def labels(self) -> list[str]:
        """What the model can be asked for; empty until it is ready."""
        ready = self._client.ready if self._client is not None else None
        return list(ready.labels) if ready is not None else []

    @property
    def reads_text(self) -> bool:
        """Whether the model follows prompts; False until it is ready."""
        ready = self._client.ready if self._client is not None else None
        return ready is not None and ready.reads_text

    @property
    def drawing(self) -> ModelDrawing:
        """What the model draws with where nothing is chosen; the default model's until it is ready."""
        ready = self._client.ready if self._client is not None else None
        if ready is None:
            return ModelDrawing()
        own = ready.sampling
        return ModelDrawing(own.cfg_scale, own.temperature, own.guide_against)

    @property
    def parallel(self) -> int:
        """So many requests are worth having open at once; 1 until the engine is ready."""
        ready = self._client.ready if self._client is not None else None
        return ready.parallel if ready is not None else 1

    @property
    def pid(self) -> int | None:
        return int(self._process.processId()) if self._process is not None and self.is_alive else None

    def start(self) -> None:
        """Start the engine if none is alive; it loads in the background.

        Raises:
            EngineLost: its model's folder is not there or holds none, or it has died too often to try once more.
        """
        if self.is_alive or self._is_closing:
            return
        if self._fruitless_starts >= MAX_FRUITLESS_STARTS:
            words = self.tr(
                "The engine has ended without a result more than once; "
                "restart the panel, or run `foley doctor` and read {}."
            )
            raise EngineLost(words.format(self._log_name))
        self._look_at_model()
        self._fruitless_starts += 1
        process = QProcess(self)
        self._process = process
        self._client = EngineClient(self._write, on_ready=self._on_ready, on_notice=self._log, ids=self._ids)
        process.readyReadStandardOutput.connect(self._on_stdout)
        process.readyReadStandardError.connect(self._on_stderr)
        process.errorOccurred.connect(self._on_error)
        process.finished.connect(self._on_finished)
        program, *options = self._place.command(self._worker)
        process.start(program, options, QIODeviceBase.OpenModeFlag.ReadWrite)
        self._client.started(time.monotonic())
        self._look_timer.start()
        self.started.emit()

    def move(self, place: EnginePlace, *, anew: bool = False) -> None:
        """Another model or device from now on. An engine that was started ends, and one there is started.

        Requests that are open are lost: who moves it looks first that there are none.

        Args:
            anew: start one in any case, even at the same place: what lies in the model's folder may be another by now.
        """
        if place == self._place and not anew:
            return
        self._place = place
        self._fruitless_starts = 0
        if self._client is not None or anew:
            self._end(self.tr("The engine was started again with another model."))
            self.start()

    def _look_at_model(self) -> None:
        """Before a start: what is wrong with the folder is said here in words that the panel can translate."""
        if self._place.model is None:
            return
        try:
            model_folder(str(self._place.model))
        except FoleyError as error:
            raise EngineLost(error.sentence) from error

    def submit(self, request: Work, on_event: EventCallback) -> int:
        """Hand over a request; see `EngineClient.submit`. Starts the engine where none is alive.

        Raises:
            EngineLost: there is no engine to be had.
        """
        self.start()
        if self._client is None:
            raise EngineLost(self.tr("The panel is closing; no more foley is made."))
        return self._client.submit(request, on_event)

    def cancel(self, request_id: int) -> None:
        if self._client is not None:
            self._client.cancel(request_id, time.monotonic())

    def note_result(self) -> None:
        """A request has ended as it should: the engine is worth restarting if it dies."""
        self._fruitless_starts = 0

    def close(self) -> None:
        """End the engine; waits a moment for it to go by itself, then ends it by force."""
        self._is_closing = True
        self._look_timer.stop()
        process = self._process
        if process is None or process.state() is QProcess.ProcessState.NotRunning:
            return
        if self._client is not None:
            self._client.shutdown()
        process.closeWriteChannel()
        if not process.waitForFinished(END_LIMIT_MS):
            process.kill()
            process.waitForFinished(END_LIMIT_MS)

    def _write(self, data: bytes) -> None:
        if self._process is not None and self._process.state() is not QProcess.ProcessState.NotRunning:
            self._process.write(data)

    def _on_ready(self, ready: object) -> None:
        self.became_ready.emit(ready)

    def _on_stdout(self) -> None:
        if self._process is not None and self._client is not None:
            self._client.feed(bytes(self._process.readAllStandardOutput().data()), time.monotonic())
            self._on_look()

    def _on_stderr(self) -> None:
        if self._process is not None:
            text = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace")
            self._log(text.rstrip())

    def _on_look(self) -> None:
        sentence = self._client.verdict(time.monotonic()) if self.is_alive and self._client else None
        if sentence is not None:
            self._end_as_lost(sentence)

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._end_as_lost(self.tr("The engine did not start; run `foley doctor` to see what is missing."))

    def _on_finished(self, status: int, how: QProcess.ExitStatus) -> None:
        if self._client is None or self.sender() is not self._process:
            return
        self._on_stdout()
        self._end_as_lost(self._epitaph(status, how))

    def _epitaph(self, status: int, how: QProcess.ExitStatus) -> str:
        was_ready = self._client is not None and self._client.ready is not None
        ended = (
            self.tr("was ended from outside")
            if how is QProcess.ExitStatus.CrashExit
            else self.tr("ended with status {}").format(status)
        )
        words = self.tr(
            "The engine {ended}. Finished takes are kept; it starts again with the next job. Its log is {log}."
        )
        if not was_ready:
            words = self.tr("The engine {ended} before it was ready; run `foley doctor` and read {log}.")
        return words.format(ended=ended, log=self._log_name)

    def _end_as_lost(self, sentence: str) -> None:
        if self._end(sentence) and not self._is_closing:
            self.was_lost.emit(sentence)

    def _end(self, sentence: str) -> bool:
        """End a process that is not dead yet; open requests are told why. Whether there was one."""
        client, process = self._client, self._process
        if client is None or not client.is_alive:
            return False
        self._look_timer.stop()
        self._log(sentence)
        if process is not None:
            process.finished.connect(lambda: self._forget(process))
            process.kill()
        client.died(sentence)
        return True

    def _forget(self, process: QProcess) -> None:
        """It is gone; until then `close` waits for it."""
        if self._process is process:
            self._process = None
        process.deleteLater()

    @property
    def _log_name(self) -> str:
        return without_home(str(self._log_path))

    def _log(self, text: str) -> None:
        try:
            self._log_path.parent.mkdir(parents=True, exist_ok=True)
            with open(self._log_path, "a", encoding="utf-8") as file:
                file.write(without_home(text) + "\n")
        except OSError:
            pass  # a log that cannot be written must not stop the work
