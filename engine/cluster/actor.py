"""One copy of the model on a cluster: an engine that is handed requests and hands back events and files.

It is the same `Service` that works on one machine, so a take's bytes are the same.
"""

from __future__ import annotations

import hashlib
import queue
import socket
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cluster.parcels import unpacked
from engine.errors import ClusterError, FoleyError
from engine.intake import Intake, ending
from engine.protocol import Event, Failed, Progress, Ready, Request

if TYPE_CHECKING:
    from engine.serving import Service

PROGRESS_INTERVAL_S = 0.5
"""The supervisor hears many actors."""

Said = tuple[Event, bytes | None]
"""An event and, with a `Take`, the bytes of its WAV."""


@dataclass(frozen=True)
class Kind:
    """What decides the bytes of a take. A piece that is made again must be made by an actor of the same kind."""

    model_sha256: str
    engine: tuple[int, str]
    """The protocol and the version."""
    arithmetic: tuple[str, str, str]
    """Device, dtype and backend."""

    @classmethod
    def of(cls, ready: Ready) -> Kind:
        engine = (ready.protocol, ready.engine_version)
        return cls(ready.model_sha256, engine, (ready.device, ready.dtype, ready.backend))

    def difference_from(self, first: Kind, host: str) -> str | None:
        """Why an actor of this kind on `host` cannot work beside those that are there; None where it can."""
        if (self.model_sha256, self.engine) != (first.model_sha256, first.engine):
            return f"The machine {host} of the cluster has another model or another foley: install the same."
        if self.arithmetic != first.arithmetic:
            ours, theirs = (", ".join(kind.arithmetic) for kind in (self, first))
            return (
                f"The machine {host} of the cluster would make other bytes ({ours}) than the one that was there "
                f"first ({theirs}), and is left out: join machines of one kind."
            )
        return None


class Handful(Intake):
    """Requests that were all there from the start."""

    def __init__(self, requests: Sequence[Request], cancelled: set[int]) -> None:
        self._waiting, self._cancelled = deque(requests), cancelled
        self.busy_with: int | None = None

    def take(self, *, wait: bool) -> Request | None:
        return self._waiting.popleft() if self._waiting else None

    def is_cancelled(self, request_id: int) -> bool:
        return request_id in self._cancelled


class Maker:
    """What a Ray actor runs. `cancel` is called while `carry_out` is at work."""

    def __init__(
        self,
        model: str | None,
        num_threads: int,
        batch: int | None,
        dtype: str | None = None,
        device: str | None = None,
    ) -> None:
        self._said: queue.SimpleQueue[Said | None] = queue.SimpleQueue()
        self._file: bytes | None = None
        self._told_at_s: dict[int, float] = {}
        self._cancelled: set[int] = set()
        self._service: Service | None = None
        self._answer: Ready | Failed
        # Here and not in `hello`: Ray makes an actor in its main thread, where extension modules are imported best.
        try:
            self._service = self._open(model, num_threads, batch, dtype, device)
            # As it is now: who draws on in fewer places, because a GPU's memory has run out, need not leave for that.
            self._answer = self._service.ready()
        except FoleyError as error:
            self._answer = Failed(None, error.code, error.sentence)

    def _open(
        self, model: str | None, num_threads: int, batch: int | None, dtype: str | None, device: str | None
    ) -> Service:
        from engine.serving import Service

        return Service(
            None if model is None else Path(model),
            num_threads,
            self._say,
            batch=batch,
            dtype=dtype,
            device=device,
            is_first_alone=False,
            write_file=self._keep_file,
        )

    def hello(self) -> tuple[str, Ready | Failed]:
        """The machine's name and the engine's hello, or why there is no engine."""
        return socket.gethostname(), self._answer

    def carry_out(
        self, kind: Kind, requests: Sequence[Request], files: Mapping[str, bytes]
    ) -> Iterator[Said]:
        """What the engine says of these requests, as it says it.

        Args:
            kind: of the actor that was greeted: Ray may have started it again elsewhere since.
            files: what came with them (`engine.cluster.parcels`).

        Raises:
            ClusterError: this is not the actor that was greeted.
        """
        if isinstance(self._answer, Failed) or Kind.of(self._answer) != kind:
            raise ClusterError("Another actor has taken the place of the one that was asked.")
        worker = threading.Thread(target=self._serve, args=(requests, files), daemon=True)
        worker.start()
        while (said := self._said.get()) is not None:
            yield said
        worker.join()
        self._cancelled.difference_update(request.id for request in requests)
        self._told_at_s.clear()

    def cancel(self, request_ids: Sequence[int]) -> None:
        self._cancelled.update(request_ids)

    def _serve(self, requests: Sequence[Request], files: Mapping[str, bytes]) -> None:
        assert self._service is not None
        try:
            with unpacked(requests, files) as here:
                self._service.serve(Handful(here, self._cancelled))
        except Exception as error:
            for request in requests:
                self._say(ending(request.id, error))
        finally:
            self._said.put(None)

    def _keep_file(self, _path: Path, pieces: Iterable[bytes]) -> str:
        self._file = b"".join(pieces)
        return hashlib.sha256(self._file).hexdigest()

    def _say(self, event: Event) -> None:
        if isinstance(event, Progress):
            now_s = time.monotonic()
            if now_s - self._told_at_s.get(event.id, 0.0) < PROGRESS_INTERVAL_S:
                return
            self._told_at_s[event.id] = now_s
        content, self._file = self._file, None
        self._said.put((event, content))
