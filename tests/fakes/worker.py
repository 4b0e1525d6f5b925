"""An engine's worker that can be told how to behave; a real process that speaks the real protocol.

    python tests/fakes/worker.py [SCRIPT.json [WORDS OF THE REAL WORKER...]]

The script is JSON for `Script`. It makes real WAVs (24 bit, exact length) with a click at each hit, and
can be slow, die at a step, hang on cancel, babble, greet with another version, or fail a request.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import queue
import struct
import sys
import threading
import time
import wave
from pathlib import Path

import msgspec
from msgspec import Struct

from engine import protocol
from engine.protocol import Hit

DIED_STATUS = 7
CLICK_S = 0.03


class Script(Struct, frozen=True):
    """What this engine does; by default what a good one does."""

    ready_delay_s: float = 0.0
    step_s: float = 0.0
    steps_per_take: int = 4
    protocol_version: int = protocol.PROTOCOL_VERSION
    never_ready: bool = False
    fail_to_load: str | None = None
    die_before_ready: bool = False
    die_in_take: int | None = None
    """Take number (from 0, counted over the whole process) in whose second step the process dies."""
    die_once_marker: str | None = None
    """A file that is made at the first death; while it is there, the engine does not die again."""
    fail_request: str | None = None
    """Every `Generate` ends in `Failed` with this sentence."""
    bad_lines: int = 0
    """Lines of nonsense on stdout before each event of a request."""
    endless_line: bool = False
    hang_on_cancel: bool = False
    heartbeat_s: float = 0.2
    silent: bool = False
    """Ready, and then nothing at all: no heartbeat, no answer."""
    spotted: tuple[float, ...] = (0.5, 1.25)
    heard: tuple[float, ...] = (0.52, 2.0)
    """Onsets of a guide track."""
    unreadable: str | None = None
    """Part of the path of a media file in which no hits can be found."""
    label: str = "hammer"
    less_likely: tuple[str, ...] = ()
    """Further guesses, each half as likely as the one before."""
    labels: tuple[str, ...] = ("hammer", "ball")
    """What the model can be asked for."""
    model: str = ""
    """The name that it says and writes into recipes; without one, it says "fake" and writes none."""
    reads_text: bool = False
    cfg_scale: float = protocol.Sampling().cfg_scale
    """Of guidance, which the model has of its own."""
    parallel: int = 1
    """What it says of itself; it works on one request after the other all the same."""
    start_log: str | None = None
    """A file that the worker's further words are added to at its start, as a JSON list."""
    request_log: str | None = None
    """A file that every request is added to, a line each."""
    syncs: tuple[tuple[float, float | None], ...] = ()
    """F1 and offset in ms that the takes of a process are said to have, one after the other, again and again."""
    corrupt_wav: bool = False
    """The file is cut short after its hash was taken."""


class Stopped(Exception):
    """The request was cancelled."""


class Worker:
    def __init__(self, script: Script) -> None:
        self._script = script
        self._out = sys.stdout.buffer
        self._write_lock = threading.Lock()
        self._requests: queue.SimpleQueue[protocol.Request | None] = queue.SimpleQueue()
        self._cancelled: set[int] = set()
        self._takes_begun = 0
        self._busy_with: int | None = None

    def run(self) -> None:
        script = self._script
        print(
            "fake engine: a line on stderr, from " + str(Path.home() / "somewhere"),
            file=sys.stderr,
            flush=True,
        )
        time.sleep(script.ready_delay_s)
        if script.die_before_ready:
            os._exit(DIED_STATUS)
        if script.fail_to_load is not None:
            self._say(protocol.Failed(id=None, code="checkpoint_not_found", sentence=script.fail_to_load))
        threading.Thread(target=self._read, daemon=True).start()
        if script.never_ready or script.fail_to_load is not None:
            while self._requests.get() is not None:
                pass
            return
        self._say(_ready(script))
        if not script.silent:
            threading.Thread(target=self._beat, daemon=True).start()
        while (request := self._requests.get()) is not None:
            if not script.silent:
                self._answer(request)

    def _read(self) -> None:
        for line in sys.stdin.buffer:
            request = protocol.decode_request(line)
            if self._script.request_log is not None:
                with open(self._script.request_log, "ab") as log:
                    log.write(line)
            if isinstance(request, protocol.Cancel):
                self._cancelled.add(request.target)
            elif isinstance(request, protocol.Shutdown):
                break
            else:
                self._requests.put(request)
        self._requests.put(None)

    def _beat(self) -> None:
        while True:
            time.sleep(self._script.heartbeat_s)
            self._say(protocol.Heartbeat(busy_with=self._busy_with))

    def _answer(self, request: protocol.Request) -> None:
        self._busy_with = request.id
        try:
            if isinstance(request, protocol.Ping):
                self._say(protocol.Pong(id=request.id))
            elif isinstance(request, protocol.Spot):
                self._spot(request)
            elif isinstance(request, protocol.Generate):
                self._generate(request)
        except Stopped:
            self._say(protocol.Cancelled(id=request.id))
        finally:
            self._busy_with = None

    def _spot(self, request: protocol.Spot) -> None:
        if self._script.unreadable is not None and self._script.unreadable in request.picture.media:
            sentence = f"The media file {request.picture.media} is cut short; copy it again."
            self._say(protocol.Failed(id=request.id, code="media_truncated", sentence=sentence))
            return
        for step in range(self._script.steps_per_take):
            self._step(request.id)
            self._progress(request.id, "spot", (step + 1) / self._script.steps_per_take, 0)
        hits = [Hit(time_s=time_s, strength=0.8) for time_s in self._script.spotted]
        curve = [0.5] * round(float(request.picture.duration) * 50)
        ranked = (self._script.label, *self._script.less_likely)
        guesses = [protocol.LabelGuess(label, 0.9 / 2**number) for number, label in enumerate(ranked)]
        heard = [Hit(time_s, 0.6) for time_s in self._script.heard if request.guide is not None]
        spotted = protocol.Spotted(id=request.id, hits=hits, curve=curve, labels=guesses, sound_hits=heard)
        self._say(spotted)

    def _generate(self, request: protocol.Generate) -> None:
        if self._script.fail_request is not None:
            failed = protocol.Failed(id=request.id, code="request", sentence=self._script.fail_request)
            self._say(failed)
            return
        began_s = time.perf_counter()
        for number, wav_path in enumerate(request.wav_paths):
            self._say(self._make_take(request, number, Path(wav_path)))
        self._say(protocol.Finished(id=request.id, wall_s=time.perf_counter() - began_s))

    def _make_take(self, request: protocol.Generate, number: int, path: Path) -> protocol.Take:
        began_s = time.perf_counter()
        take_in_process, self._takes_begun = self._takes_begun, self._takes_begun + 1
        steps = self._script.steps_per_take
        for step in range(steps):
            self._step(request.id)
            done = (number + (step + 1) / steps) / len(request.wav_paths)
            self._progress(request.id, "generate", done, number)
            if step == 1 and take_in_process == self._script.die_in_take:
                self._die_perhaps()
        hits = request.hits
        if hits is None:
            hits = [Hit(time_s=time_s, strength=0.8) for time_s in self._script.spotted]
        write_clicks(path, request, hits)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        if self._script.corrupt_wav:
            os.truncate(path, 60)
        syncs = self._script.syncs
        sync_f1, offset_ms = syncs[take_in_process % len(syncs)] if syncs else (None, None)
        return protocol.Take(
            id=request.id,
            take=number,
            wav=str(path),
            label=request.label or self._script.label,
            seed=request.seed + number,
            hits=hits,
            wall_s=time.perf_counter() - began_s,
            peak_dbfs=-6.0,
            sha256=sha256,
            recipe={"model_sha256": "0" * 64, "seed": request.seed + number}
            | ({"model": self._script.model} if self._script.model else {}),
            onset_f1_100ms=None if request.reference_hits is None else 0.75,
            tokens=protocol.pack_tokens(
                [[k] * (request.num_samples * 50 // request.sample_rate) for k in range(4)], 50, "0" * 64
            ),
            sync_f1_100ms=sync_f1,
            sync_offset_ms=offset_ms,
        )

    def _die_perhaps(self) -> None:
        marker = self._script.die_once_marker
        if marker is not None:
            if Path(marker).exists():
                return
            Path(marker).touch()
        os._exit(DIED_STATUS)

    def _step(self, request_id: int) -> None:
        time.sleep(self._script.step_s)
        if request_id in self._cancelled:
            while self._script.hang_on_cancel:
                time.sleep(1)
            raise Stopped

    def _progress(self, request_id: int, stage: str, fraction: float, take: int) -> None:
        self._say(protocol.Progress(id=request_id, stage=stage, fraction=fraction, take=take))

    def _say(self, event: protocol.Event) -> None:
        with self._write_lock:
            if not isinstance(event, protocol.Heartbeat):
                for number in range(self._script.bad_lines):
                    self._out.write(b'{"type": "nonsense", "number": %d}\n' % number)
                while self._script.endless_line and not isinstance(event, protocol.Ready):
                    self._out.write(b"x" * 65536)
            self._out.write(protocol.encode(event))
            self._out.flush()


def _ready(script: Script) -> protocol.Ready:
    return protocol.Ready(
        protocol=script.protocol_version,
        engine_version="0.0",
        model=script.model or "fake",
        model_sha256="0" * 64,
        labels=list(script.labels),
        device="cpu",
        dtype="float32",
        num_threads=1,
        parallel=script.parallel,
        reads_text=script.reads_text,
        sampling=protocol.Sampling(cfg_scale=script.cfg_scale),
    )


def write_clicks(path: Path, request: protocol.Generate, hits: list[Hit]) -> None:
    """A mono 24-bit WAV of exactly `num_samples`, silent but for a decaying click at each hit."""
    frames = bytearray(3 * request.num_samples)
    head_s = float(protocol.fraction(request.head))
    click_samples = round(CLICK_S * request.sample_rate)
    for hit in hits:
        first = round((hit.time_s + head_s) * request.sample_rate)
        for offset in range(max(0, -first), min(click_samples, request.num_samples - first)):
            level = 0.7 * hit.strength * (1 - offset / click_samples) * (-1 if offset // 24 % 2 else 1)
            at = 3 * (first + offset)
            frames[at : at + 3] = struct.pack("<i", round(level * (2**23 - 1)))[:3]
    if request.original is not None:
        keep_original(frames, request, request.original)
    temporary = path.with_suffix(".part")
    with wave.open(str(temporary), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(3)
        file.setframerate(request.sample_rate)
        file.writeframes(bytes(frames))
    temporary.rename(path)


def keep_original(frames: bytearray, request: protocol.Generate, original: protocol.Original) -> None:
    """Lay the original's samples where it lies and nothing is redone. No fades, unlike the engine."""
    with wave.open(original.wav) as file:
        kept = file.readframes(file.getnframes())

    def sample_of(time: protocol.Rational) -> int:
        return round(protocol.fraction(time) * request.sample_rate)

    start = sample_of(original.start)
    redone = [(sample_of(first), sample_of(last)) for first, last in original.redo]
    edges = {
        0,
        start,
        start + len(kept) // 3,
        request.num_samples,
        *(edge for part in redone for edge in part),
    }
    marks = sorted(edge for edge in edges if 0 <= edge <= request.num_samples)
    for low, high in itertools.pairwise(marks):
        is_covered = start <= low and high <= start + len(kept) // 3
        if is_covered and not any(first <= low < last for first, last in redone):
            frames[3 * low : 3 * high] = kept[3 * (low - start) : 3 * (high - start)]


def main() -> None:
    script = Script()
    if len(sys.argv) > 1:
        script = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Script)
    if script.start_log is not None:
        with open(script.start_log, "ab") as log:
            log.write(msgspec.json.encode(sys.argv[2:]) + b"\n")
    Worker(script).run()


if __name__ == "__main__":
    main()
