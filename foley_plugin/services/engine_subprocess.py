"""The engine as a child process of the command line, on `EngineClient`.

Two threads read the child's stdout and stderr; all callbacks run in the thread that calls `pump`. The
child has a process group of its own, so that Ctrl-C reaches the command line alone, which then cancels in
order. If the command line itself is killed, the engine ends with its stdin.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Self

from engine.protocol import Ready
from foley_plugin.services.engine_client import EngineClient, EngineLost, EventCallback, Work
from foley_plugin.services.settings import engine_log_path, without_home

ENGINE_COMMAND_VARIABLE = "FOLEY_ENGINE_COMMAND"
"""A JSON list of words that replaces the engine's command: a wrapper, a debugger, a test's engine."""

END_LIMIT_S = 3.0
MAX_LOG_BYTES = 2 * 1024 * 1024
MAX_FRUITLESS_STARTS = 2
"""Engines that may die one after the other without ending a request, before no more are started."""

_CHUNK_BYTES = 65536


def engine_command() -> list[str]:
    """The command that starts the engine's worker.

    `-P` keeps a folder named `engine` in the working directory from being taken for ours.
    """
    replaced = os.environ.get(ENGINE_COMMAND_VARIABLE)
    if replaced:
        return [str(word) for word in json.loads(replaced)]
    return [sys.executable, "-P", "-m", "engine.worker"]


class EngineProcess:
    """One engine process and the client that speaks with it.

    Raises:
        EngineLost: the process cannot be started.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log_path: Path,
        on_ready: Callable[[Ready], None] | None = None,
        ids: itertools.count[int] | None = None,
        end_limit_s: float = END_LIMIT_S,
    ) -> None:
        self._end_limit_s = end_limit_s
        self.client = EngineClient(self._write, on_ready=on_ready, on_notice=self._log, ids=ids)
        self._log_path = log_path
        self._log_lock = threading.Lock()
        self._arrived: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        try:
            self._process = _spawn(command)
        except OSError as error:
            raise EngineLost(f"The engine could not be started ({error}); run `foley doctor`.") from error
        self._log_file = _open_log(log_path)
        self.client.started(time.monotonic())
        assert self._process.stdout is not None and self._process.stderr is not None
        self._readers = [
            threading.Thread(target=self._read_stdout, args=(self._process.stdout,), daemon=True),
            threading.Thread(target=self._read_stderr, args=(self._process.stderr,), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def pump(self, timeout_s: float) -> None:
        """Deliver what has arrived; wait at most `timeout_s` for the first of it."""
        try:
            data = self._arrived.get(timeout=timeout_s)
            while data is not None:
                self.client.feed(data, time.monotonic())
                data = self._arrived.get_nowait()
        except queue.Empty:
            sentence = self.client.verdict(time.monotonic())
            if sentence is not None:
                self._kill(sentence)
            return
        self._kill(self.client.verdict(time.monotonic()) or self._epitaph())

    def close(self) -> None:
        """End the engine: by its stdin, then by force."""
        if self.client.is_alive:
            self.client.shutdown()
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):  # it went first
                self._process.stdin.close()
        try:
            self._process.wait(self._end_limit_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self.client.died("The engine was closed.")
        self._end_log()

    def _write(self, data: bytes) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(data)
            self._process.stdin.flush()
        except (OSError, ValueError):
            pass  # the end of its stdout tells the death

    def _kill(self, sentence: str) -> None:
        self._process.kill()
        self._process.wait()
        self._log(sentence)
        self.client.died(sentence)
        self._end_log()

    def _epitaph(self) -> str:
        """What ended a process whose stdout has ended."""
        try:
            status = self._process.wait(END_LIMIT_S)
        except subprocess.TimeoutExpired:
            return f"The engine stopped talking and was ended; its log is {self._log_name}."
        how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
        when = (
            "in the middle of its work" if self.client.was_ready else "before it was ready; run foley doctor"
        )
        return f"The engine {how} {when}; its log is {self._log_name}."

    @property
    def _log_name(self) -> str:
        return without_home(str(self._log_path))

    def _read_stdout(self, stream: IO[bytes]) -> None:
        while data := os.read(stream.fileno(), _CHUNK_BYTES):
            self._arrived.put(data)
        self._arrived.put(None)

    def _read_stderr(self, stream: IO[bytes]) -> None:
        for line in stream:
            self._log(line.decode("utf-8", "replace").rstrip())

    def _log(self, text: str) -> None:
        with self._log_lock:
            if not self._log_file.closed:
                self._log_file.write(without_home(text) + "\n")
                self._log_file.flush()

    def _end_log(self) -> None:
        for reader in self._readers:
            reader.join(timeout=1.0)
        with self._log_lock:
            self._log_file.close()
        is_read = any(reader.is_alive() for reader in self._readers)  # a child of its own holds the pipe
        pipes = (self._process.stdout, self._process.stderr) if not is_read else ()
        for stream in (*pipes, self._process.stdin):
            if stream is not None:
                with contextlib.suppress(OSError):  # a broken pipe with bytes left to send
                    stream.close()


class SubprocessEngine:
    """An engine that is started when first needed, and again after it died.

    Args:
        command: the words that start it; by default this installation's worker.
        log_path: where its stderr goes, the home folder replaced by `~`.
        on_ready: called at every start, the model loaded.
        end_limit_s: how long it may take to end by itself.
    """

    def __init__(
        self,
        command: Sequence[str] | None = None,
        *,
        log_path: Path | None = None,
        on_ready: Callable[[Ready], None] | None = None,
        end_limit_s: float = END_LIMIT_S,
    ) -> None:
        self._end_limit_s = end_limit_s
        self._command = list(command) if command is not None else engine_command()
        self._log_path = log_path if log_path is not None else engine_log_path()
        self._on_ready = on_ready
        self._ids = itertools.count(1)
        self._process: EngineProcess | None = None
        self._fruitless_starts = 0

    @property
    def ready(self) -> Ready | None:
        return self._process.client.ready if self._process is not None else None

    @property
    def parallel(self) -> int:
        """So many requests are worth having open at once; 1 until the engine is ready."""
        return self.ready.parallel if self.ready is not None else 1

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Start the engine if none is alive.

        Raises:
            EngineLost: it cannot be started, has died before it was ready, or too often afterwards.
        """
        if self._process is not None and self._process.client.is_alive:
            return
        was_ready = self._process is None or self._process.client.was_ready
        if not was_ready or self._fruitless_starts >= MAX_FRUITLESS_STARTS:
            raise EngineLost((self._process and self._process.client.epitaph) or "The engine does not start.")
        self._fruitless_starts += 1
        self._process = EngineProcess(
            self._command,
            log_path=self._log_path,
            on_ready=self._on_ready,
            ids=self._ids,
            end_limit_s=self._end_limit_s,
        )

    def submit(self, request: Work, on_event: EventCallback) -> int:
        """Hand over a request; see `EngineClient.submit`.

        Raises:
            EngineLost: there is no engine to be had.
        """
        self.start()
        assert self._process is not None
        return self._process.client.submit(request, on_event)

    def cancel(self, request_id: int) -> None:
        if self._process is not None:
            self._process.client.cancel(request_id, time.monotonic())

    def pump(self, timeout_s: float = 0.2) -> None:
        """Deliver what the engine has said; call it in a loop while requests are open."""
        if self._process is None or not self._process.client.is_alive:
            time.sleep(min(timeout_s, 0.01))
            return
        self._process.pump(timeout_s)

    def note_result(self) -> None:
        """A request has ended as it should: the engine is worth restarting if it dies."""
        self._fruitless_starts = 0

    def wait_until_ready(self) -> Ready:
        """Pump until the model is loaded.

        Raises:
            EngineLost: the engine ended before.
        """
        self.start()
        while self._process is not None and self._process.client.is_alive:
            if self._process.client.ready is not None:
                return self._process.client.ready
            self.pump()
        raise EngineLost(self._process.client.epitaph if self._process else "There is no engine.")

    def close(self) -> None:
        if self._process is not None:
            self._process.close()
            self._process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _spawn(command: Sequence[str]) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    if sys.platform == "win32":
        own_group = subprocess.CREATE_NEW_PROCESS_GROUP
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, creationflags=own_group)
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True)


def _open_log(path: Path) -> IO[str]:
    """The log, started anew where it has grown long; nowhere where its folder cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        is_long = path.exists() and path.stat().st_size > MAX_LOG_BYTES
        return open(path, "w" if is_long else "a", encoding="utf-8")
    except OSError:
        return open(os.devnull, "w", encoding="utf-8")
