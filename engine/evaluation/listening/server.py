"""The page of a study, served to this machine alone by the standard library's HTTP server.

Every address holds the study's token; a request must name this machine as its host, and what is posted must come
from the page itself. The names of films and systems are in no answer: media have opaque ids.
"""

from __future__ import annotations

import hmac
import re
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec import Struct

from engine.errors import OutputError
from engine.evaluation.listening.answers import Answer, AnswerFile, Choices
from engine.evaluation.listening.study import Study, StudyError, answer_file, media_path
from engine.evaluation.listening.trials import Trial

ADDRESS = "127.0.0.1"
PAGE_FOLDER = Path(__file__).resolve().parent / "page"
PAGE_FILES = {
    "": ("page.html", "text/html; charset=utf-8"),
    "page.css": ("page.css", "text/css; charset=utf-8"),
    "page.js": ("page.js", "text/javascript; charset=utf-8"),
}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "media-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
MAX_BODY_BYTES = 10_000
PIECE_BYTES = 1 << 16
NAME = re.compile(r"[^\x00-\x1f\x7f]{1,60}")


class ShownTrial(Struct, frozen=True):
    """What the page is told of a trial: two media, and what was answered before."""

    left: str
    right: str
    choices: Choices
    played: tuple[int, int]


class Posted(Struct, frozen=True, forbid_unknown_fields=True):
    """What the page says of a trial; `number` counts from 0."""

    listener: str
    number: int
    choices: Choices
    played: tuple[int, int]


class Desk:
    """What listeners get and say, whoever carries the words."""

    def __init__(self, study: Study, answers: AnswerFile) -> None:
        self._study, self._answers = study, answers
        self._trials: dict[str, list[Trial]] = {}

    def trials(self, listener: str) -> list[ShownTrial]:
        """A listener's trials in order, with what they answered so far."""
        said = {each.trial: each for each in self._answers.read() if each.listener == listener}
        shown = []
        for trial in self._drawn(listener):
            before = said.get(trial)
            shown.append(
                ShownTrial(
                    self._study.medium_id(trial.film, trial.left),
                    self._study.medium_id(trial.film, trial.right),
                    Choices() if before is None else before.choices,
                    (0, 0) if before is None else before.played,
                )
            )
        return shown

    def take(self, posted: Posted) -> None:
        """Keep an answer.

        Raises:
            ValueError: the listener has no such trial. OutputError: it cannot be written.
        """
        trials = self._drawn(posted.listener)
        if not 0 <= posted.number < len(trials):
            raise ValueError("no such trial")
        self._answers.append(
            Answer(posted.listener, trials[posted.number], posted.choices, posted.played, time.time())
        )

    def _drawn(self, listener: str) -> list[Trial]:
        if not NAME.fullmatch(listener) or listener != listener.strip():
            raise ValueError("a name of 1 to 60 characters is needed")
        return self._trials.setdefault(listener, self._study.trials(listener))


class StudyServer(ThreadingHTTPServer):
    """Serves one study on 127.0.0.1; `port` of 0 takes a free one."""

    daemon_threads = True

    def __init__(self, study: Study, folder: Path, port: int = 0) -> None:
        self.desk = Desk(study, answer_file(folder))
        self.folder, self.token = folder, study.token
        self.media_ids = {medium.id for medium in study.media}
        try:
            super().__init__((ADDRESS, port), _Handler)
        except (OSError, OverflowError) as error:
            raise StudyError(
                f"The port {port} cannot be had: choose another by --port, or 0 for a free one."
            ) from error

    @property
    def url(self) -> str:
        return f"http://{ADDRESS}:{self.server_port}/{self.token}/"


class _Handler(BaseHTTPRequestHandler):
    server: StudyServer
    protocol_version = "HTTP/1.1"
    timeout = 60
    server_version, sys_version = "foley", ""

    def do_GET(self) -> None:
        path = self._path_within()
        if path is None:
            return
        name = path.partition("?")[0]
        medium = re.fullmatch(r"media/([0-9a-f]{24})\.webm", name)
        if name in PAGE_FILES:
            file, kind = PAGE_FILES[name]
            self._send(HTTPStatus.OK, (PAGE_FOLDER / file).read_bytes(), kind)
        elif medium and medium[1] in self.server.media_ids:
            self._send_medium(media_path(self.server.folder, medium[1]))
        else:
            self._fail(HTTPStatus.NOT_FOUND, "not here")

    def do_POST(self) -> None:
        path = self._path_within()
        if path is None:
            return
        origin, kind = self.headers.get("Origin"), self.headers.get("Content-Type", "")
        length = self.headers.get("Content-Length", "")
        if origin != f"http://{self.headers['Host']}" or kind.partition(";")[0] != "application/json":
            self._fail(HTTPStatus.FORBIDDEN, "only the page itself may say this")
        elif not length.isdecimal() or int(length) > MAX_BODY_BYTES:
            self._fail(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too long")
        else:
            self._answer(path, self.rfile.read(int(length)))

    def _answer(self, path: str, body: bytes) -> None:
        try:
            if path == "trials":
                listener = msgspec.json.decode(body, type=str)
                self._send_json(self.server.desk.trials(listener))
            elif path == "answer":
                self.server.desk.take(msgspec.json.decode(body, type=Posted))
                self._send_json(True)
            else:
                self._fail(HTTPStatus.NOT_FOUND, "not here")
        except (msgspec.MsgspecError, ValueError) as error:
            self._fail(HTTPStatus.BAD_REQUEST, str(error))
        except OutputError as error:
            self._fail(HTTPStatus.INSUFFICIENT_STORAGE, error.sentence)

    def _path_within(self) -> str | None:
        """The address after the token; None, and refused, where host or token is wrong.

        A page elsewhere that lets its own name point to this machine shows by the Host header.
        """
        port = self.server.server_port
        if self.headers.get("Host") not in (f"{ADDRESS}:{port}", f"localhost:{port}"):
            self._fail(HTTPStatus.FORBIDDEN, "only this machine is served")
            return None
        token, slash, path = self.path.removeprefix("/").partition("/")
        if not slash or not hmac.compare_digest(token.encode(), self.server.token.encode()):
            self._fail(HTTPStatus.NOT_FOUND, "not here")
            return None
        return path

    def _send_medium(self, path: Path) -> None:
        """The file or the range of it that was asked for."""
        try:
            size = path.stat().st_size
            file = path.open("rb")
        except OSError:
            self._fail(HTTPStatus.NOT_FOUND, "not here")
            return
        with file:
            span = byte_range(self.headers.get("Range"), size)
            if span is None:
                self._fail(
                    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
                    "out of range",
                    {"Content-Range": f"bytes */{size}"},
                )
                return
            start, stop = span
            told = {"Accept-Ranges": "bytes"}
            status = HTTPStatus.OK
            if self.headers.get("Range") is not None:
                status, told["Content-Range"] = (
                    HTTPStatus.PARTIAL_CONTENT,
                    f"bytes {start}-{stop - 1}/{size}",
                )
            self._begin(status, "video/webm", stop - start, told)
            self._copy(file, start, stop)

    def _copy(self, file: BinaryIO, start: int, stop: int) -> None:
        file.seek(start)
        try:
            while start < stop and (piece := file.read(min(PIECE_BYTES, stop - start))):
                self.wfile.write(piece)
                start += len(piece)
        except (ConnectionError, TimeoutError):
            self.close_connection = True  # the browser has seen enough

    def _send_json(self, value: object) -> None:
        self._send(HTTPStatus.OK, msgspec.json.encode(value), "application/json")

    def _fail(self, status: HTTPStatus, words: str, more: dict[str, str] | None = None) -> None:
        self.close_connection = True  # a body may have been left unread
        self._send(status, words.encode(), "text/plain; charset=utf-8", more)

    def _send(
        self, status: HTTPStatus, content: bytes, kind: str, more: dict[str, str] | None = None
    ) -> None:
        try:
            self._begin(status, kind, len(content), more or {})
            self.wfile.write(content)
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def _begin(self, status: HTTPStatus, kind: str, length: int, more: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**HEADERS, **more}.items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a terminal full of addresses tells nobody anything."""


def byte_range(header: str | None, size: int) -> tuple[int, int] | None:
    """What a Range header asks of `size` bytes, as [start, stop); all of it without one; None where out of range.

    Several ranges at once, which no browser asks of a film, are answered by the first.
    """
    if header is None:
        return (0, size)
    asked = re.match(r"bytes=(\d*)-(\d*)", header)
    if asked is None or asked[0] == "bytes=-":
        return (0, size)
    first, last = asked[1], asked[2]
    start = int(first) if first else max(0, size - int(last))
    stop = min(size, int(last) + 1) if first and last else size
    return (start, stop) if start < stop else None
