"""Runs mutants through the worker, which is started again when it dies or hangs, and counts what came of it."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any

from tests.timeline.formats.cuts import bundled_cut, fcpxml

from .byte_mutations import mutated_bytes, mutated_lines, mutated_zip
from .json_mutations import mutated_json
from .xml_mutations import mutated_xml

HANG_S = 30
REPOSITORY = Path(__file__).resolve().parents[3]

FCPXML_SPINE = """
  <asset-clip ref="a1" name="one" offset="0s" start="86498412/24000s" duration="48048/24000s">
    <asset-clip ref="a2" name="over" lane="1" offset="86510424/24000s" duration="24024/24000s">
      <conform-rate srcFrameRate="25"/></asset-clip>
    <spine lane="2" offset="86510424/24000s"><asset-clip ref="a2" name="a" offset="0s" duration="1s"/></spine>
  </asset-clip>
  <transition name="Cross Dissolve" offset="36036/24000s" duration="24024/24000s"/>
  <asset-clip ref="a1" name="two" offset="48048/24000s" start="86534448/24000s" duration="48048/24000s">
    <timeMap><timept time="3600s" value="3600s"/><timept time="3640s" value="3620s"/></timeMap></asset-clip>
  <ref-clip ref="m1" name="nest" offset="96096/24000s" duration="24024/24000s"/>
  <mc-clip ref="m2" name="angles" offset="120120/24000s" duration="24024/24000s">
    <mc-source angleID="w" srcEnable="all"/></mc-clip>
  <clip name="old" offset="144144/24000s" duration="24024/24000s">
    <video ref="a2" offset="0s" duration="10s"><audio ref="a3" lane="-1" offset="0s" duration="5s"/></video></clip>
  <title name="t" offset="168168/24000s" duration="24024/24000s"/>"""
FCPXML_NESTS = """
  <media id="m1" name="nest"><sequence format="r1" tcStart="0s"><spine>
    <asset-clip ref="a2" name="in" offset="0s" duration="10s"/></spine></sequence></media>
  <media id="m2" name="angles"><multicam format="r1" tcStart="0s"><mc-angle name="W" angleID="w">
    <asset-clip ref="a2" name="wide" offset="0s" duration="10s"/></mc-angle></multicam></media>"""


@dataclass
class Tally:
    """Counts by format and outcome, and the first of each kind of failure."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def add(self, kind: str, outcome: str, detail: str, what: str) -> None:
        self.counts[kind, outcome] += 1
        if outcome not in ("read", "refused"):
            self.failures.append(f"{what}: {outcome}\n{detail}")

    def told(self) -> str:
        return "\n".join(
            f"{kind:6} {outcome:10} {count}" for (kind, outcome), count in sorted(self.counts.items())
        )


class Worker:
    """One reading process at a time."""

    def __init__(self, cache: Path) -> None:
        self._environment = {**os.environ, "FOLEY_CACHE": str(cache), "PYTHONPATH": str(REPOSITORY)}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._end()

    def outcome(self, path: Path) -> tuple[str, str]:
        """ "crash" or "hang" where the process gave no answer."""
        process = self._running()
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps(str(path)).encode() + b"\n")
        process.stdin.flush()
        ready, _, _ = select.select([process.stdout], [], [], HANG_S)
        if not ready:
            self._end()
            return "hang", f"nothing within {HANG_S} s"
        line = process.stdout.readline()
        if not line:
            status = process.wait()
            self._end()
            return "crash", f"exit status {status}"
        outcome, detail = json.loads(line)
        return outcome, detail

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.timeline.mutations.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=self._environment,
                cwd=REPOSITORY,
            )
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


@dataclass(frozen=True)
class Seedling:
    """A timeline to mutate; `share` is how many mutants of all it gets, of 1000."""

    name: str
    suffix: str
    share: float
    mutant: Callable[[Random], bytes]


def seedlings(timelines: Path) -> list[Seedling]:
    """Real files of every format; where no real one is at hand (FCPXML, OTIOZ), one that the tests wrote."""
    otio = sorted(timelines.glob("*.otio"))
    found = [_of_json(path, 520 / len(otio)) for path in otio]
    premiere = (timelines / "premiere_fcp7_disabled.xml").read_bytes()
    story = fcpxml(FCPXML_SPINE, resources=FCPXML_NESTS).encode()
    found.append(Seedling("premiere", ".xml", 130, lambda random: mutated_xml(premiere, random)))
    found.append(Seedling("story", ".fcpxml", 160, lambda random: mutated_xml(story, random)))
    found += [
        _of_lines(path, share)
        for path, share in ((timelines / "avid_speed_effects.edl", 8), (timelines / "multi_audio.edl", 92))
    ]
    found += [_of_bytes(path, 5) for path in sorted(timelines.glob("*.aaf"))]
    found.append(Seedling("bundle", ".otioz", 80, lambda random: mutated_zip(bundled_cut(), random)))
    return found


def _of_json(path: Path, share: float) -> Seedling:
    root = json.loads(path.read_bytes())
    return Seedling(path.stem, ".otio", share, lambda random: _json_or_bytes(root, random))


def _json_or_bytes(root: Any, random: Random) -> bytes:
    content = mutated_json(root, random)
    return mutated_bytes(content, random) if random.random() < 0.05 else content


def _of_lines(path: Path, share: float) -> Seedling:
    raw = path.read_bytes()
    return Seedling(path.stem, ".edl", share, lambda random: mutated_lines(raw, random))


def _of_bytes(path: Path, share: float) -> Seedling:
    raw = path.read_bytes()
    return Seedling(path.stem, path.suffix, share, lambda random: mutated_bytes(raw, random))


def mutants(timelines: Path, count: int, seed: int) -> Iterator[tuple[Seedling, int, bytes]]:
    """`count` mutants, each a function of the seed, the file and its number."""
    for seedling in seedlings(timelines):
        for number in range(max(1, round(count * seedling.share / 1000))):
            yield seedling, number, seedling.mutant(Random(f"{seed} {seedling.name} {number}"))


def run_mutants(timelines: Path, count: int, folder: Path, *, seed: int = 1) -> Tally:
    """Read every mutant; `folder` keeps those that failed."""
    tally = Tally()
    with Worker(folder / "cache") as worker:
        for seedling, number, content in mutants(timelines, count, seed):
            path = folder / f"{seedling.name}-{number}{seedling.suffix}"
            path.write_bytes(content)
            outcome, detail = worker.outcome(path)
            tally.add(seedling.suffix[1:], outcome, detail, path.name)
            if outcome in ("read", "refused"):
                path.unlink()
    return tally
