"""The panel's side of the engine's protocol, without a transport: bytes in, bytes out, time passed in.

One client belongs to one engine process. It gives each request an id, hands every event to the callback
of its request, holds requests back until the engine is ready, and says when the engine must be killed.
It starts no thread and no process and reads no clock, so that a subprocess and a QProcess both fit around
it and a test drives it by hand.

    transport            client                    caller
       | -- started(now) -> |                         |
       |                    | <- submit(request, cb) -|
       | -- feed(bytes) --> | -- cb(Progress) ------> |
       | -- verdict(now) -> | "kill it, because ..."  |
       | -- died(why) ----> | -- cb(Failed) --------> |
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import msgspec

from engine.errors import FoleyError
from engine.protocol import (
    HEARTBEAT_INTERVAL_S,
    PROTOCOL_VERSION,
    TERMINAL_EVENTS,
    Cancel,
    Cancelled,
    Event,
    Failed,
    Generate,
    Heartbeat,
    LineBuffer,
    Ping,
    ProtocolError,
    Ready,
    Shutdown,
    Spot,
    decode_event,
    encode,
)

START_LIMIT_S = 240.0
"""From the process's start to `Ready`: a cold disk and a busy machine load the model slowly."""

SILENCE_LIMIT_S = 30 * HEARTBEAT_INTERVAL_S
CANCEL_LIMIT_S = 3.0
STALL_S = 5.0
"""Two looks at the clock further apart than this mean that we slept (a laptop's lid), not the engine."""

MAX_BAD_LINES = 20

Work = Spot | Generate | Ping
EventCallback = Callable[[Event], None]


class EngineLost(FoleyError):
    """The engine's process has ended, or was never there."""

    code = "engine_lost"


class _Open(msgspec.Struct):
    request: Work
    on_event: EventCallback
    sent: bool = False
    cancelled_at_s: float | None = None


class EngineClient:
    """A conversation with one engine process.

    Args:
        send: writes bytes to the engine's stdin; must not raise where the pipe is broken.
        on_ready: the engine's hello, once.
        on_notice: a line for the log: something odd that needs nobody's action.
        ids: request ids; pass one iterator to several clients to keep ids apart over restarts.
    """

    def __init__(
        self,
        send: Callable[[bytes], None],
        *,
        on_ready: Callable[[Ready], None] | None = None,
        on_notice: Callable[[str], None] | None = None,
        ids: Iterator[int] | None = None,
    ) -> None:
        self._send = send
        self._on_ready = on_ready
        self._on_notice = on_notice
        self._ids = ids if ids is not None else itertools.count(1)
        self._lines = LineBuffer()
        self._open: dict[int, _Open] = {}
        self._ready: Ready | None = None
        self._dead: str | None = None
        self._condemned: str | None = None
        self._bad_lines = 0
        self._started_at_s: float | None = None
        self._heard_at_s = 0.0
        self._looked_at_s = 0.0

    @property
    def ready(self) -> Ready | None:
        """The engine's hello; None until it came and after the engine died."""
        return None if self._dead is not None else self._ready

    @property
    def was_ready(self) -> bool:
        """Whether the engine ever said hello."""
        return self._ready is not None

    @property
    def is_alive(self) -> bool:
        return self._dead is None

    @property
    def epitaph(self) -> str | None:
        """Why the engine ended, one sentence; None while it lives."""
        return self._dead

    @property
    def open_requests(self) -> tuple[int, ...]:
        return tuple(self._open)

    def started(self, now_s: float) -> None:
        """The transport has started the process."""
        self._started_at_s = self._heard_at_s = self._looked_at_s = now_s

    def submit(self, request: Work, on_event: EventCallback) -> int:
        """Send a request under an id of its own; `on_event` gets its events, the last one terminal.

        Raises:
            EngineLost: the engine has ended.
        """
        if self._dead is not None:
            raise EngineLost(self._dead)
        request_id = next(self._ids)
        self._open[request_id] = _Open(msgspec.structs.replace(request, id=request_id), on_event)
        if self._ready is not None:
            self._send_open(request_id)
        return request_id

    def cancel(self, request_id: int, now_s: float) -> None:
        """Ask the engine to stop a request; one that never left is cancelled here and now."""
        pending = self._open.get(request_id)
        if pending is None or pending.cancelled_at_s is not None:
            return
        if not pending.sent:
            self._close(request_id, Cancelled(id=request_id))
            return
        pending.cancelled_at_s = now_s
        self._send(encode(Cancel(id=next(self._ids), target=request_id)))

    def shutdown(self) -> None:
        """Ask the engine to end; the transport closes its stdin besides."""
        if self._dead is None:
            self._send(encode(Shutdown(id=next(self._ids))))

    def feed(self, data: bytes, now_s: float) -> None:
        """Bytes from the engine's stdout, cut anywhere."""
        if self._dead is not None or self._condemned is not None:
            return
        self._heard_at_s = now_s
        try:
            lines = self._lines.feed(data)
        except ProtocolError as error:
            self._condemn(f"The engine sent something that is not its protocol ({error}).")
            return
        for line in lines:
            self._read_line(line)

    def verdict(self, now_s: float) -> str | None:
        """Why the process must be killed now, one sentence; None while all is well.

        Call it about once a second, and call `died` with the sentence after the kill.
        """
        slept = now_s - self._looked_at_s > STALL_S
        self._looked_at_s = now_s
        if self._condemned is not None or self._dead is not None or self._started_at_s is None:
            return self._condemned
        if slept:
            self._heard_at_s = now_s
            self._started_at_s = now_s if self._ready is None else self._started_at_s
        if any(self._is_overdue(pending, now_s) for pending in self._open.values()):
            return f"The engine did not stop within {CANCEL_LIMIT_S:.0f} s and was ended."
        if self._ready is None and now_s - self._started_at_s > START_LIMIT_S:
            return f"The engine did not start within {START_LIMIT_S:.0f} s and was ended."
        if self._ready is not None and now_s - self._heard_at_s > SILENCE_LIMIT_S:
            return f"The engine gave no sign of life for {SILENCE_LIMIT_S:.0f} s and was ended."
        return None

    def died(self, sentence: str) -> None:
        """The process has ended: open requests end with `sentence`, those being cancelled are cancelled."""
        if self._dead is not None:
            return
        self._dead = sentence
        for request_id, pending in list(self._open.items()):
            stopped = pending.cancelled_at_s is not None
            failed = Failed(id=request_id, code=EngineLost.code, sentence=sentence)
            self._close(request_id, Cancelled(id=request_id) if stopped else failed)

    def _is_overdue(self, pending: _Open, now_s: float) -> bool:
        return pending.cancelled_at_s is not None and now_s - pending.cancelled_at_s > CANCEL_LIMIT_S

    def _send_open(self, request_id: int) -> None:
        pending = self._open[request_id]
        pending.sent = True
        self._send(encode(pending.request))

    def _read_line(self, line: bytes) -> None:
        try:
            event = decode_event(line)
        except ProtocolError as error:
            self._bad_lines += 1
            self._notice(f"a line from the engine was skipped: {error}")
            if self._bad_lines > MAX_BAD_LINES:
                self._condemn("The engine keeps sending lines that are not its protocol and was ended.")
            return
        if isinstance(event, Ready):
            self._greet(event)
        elif isinstance(event, Failed) and event.id is None:
            self._condemn(event.sentence)
        elif not isinstance(event, Heartbeat):
            self._deliver(event)

    def _greet(self, ready: Ready) -> None:
        if ready.protocol != PROTOCOL_VERSION:
            self._condemn(
                f"The engine speaks version {ready.protocol} of its protocol and this program version "
                f"{PROTOCOL_VERSION}; install both from the same release."
            )
            return
        self._ready = ready
        if self._on_ready is not None:
            self._on_ready(ready)
        for request_id in [number for number, pending in self._open.items() if not pending.sent]:
            if request_id in self._open:
                self._send_open(request_id)

    def _deliver(self, event: Event) -> None:
        request_id = getattr(event, "id", None)
        pending = self._open.get(request_id) if isinstance(request_id, int) else None
        if pending is None or request_id is None:
            return  # a last word about a request that is closed here
        if isinstance(event, TERMINAL_EVENTS):
            self._close(request_id, event)
        else:
            pending.on_event(event)

    def _close(self, request_id: int, event: Event) -> None:
        self._open.pop(request_id).on_event(event)

    def _condemn(self, sentence: str) -> None:
        self._condemned = sentence

    def _notice(self, text: str) -> None:
        if self._on_notice is not None:
            self._on_notice(text)
