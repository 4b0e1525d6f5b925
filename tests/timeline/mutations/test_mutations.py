"""Mutants of real timelines are read, or refused in a sentence: no crash, no hang, no silent change."""

from __future__ import annotations

from pathlib import Path

import pytest

from .running import Tally, run_mutants

pytest.importorskip("resource", reason="the reading process limits its memory by POSIX means")
pytestmark = pytest.mark.shared


def check(tally: Tally, least: int) -> None:
    print(tally.told())
    assert not tally.failures, "\n".join([tally.told(), *tally.failures[:5]])
    assert sum(tally.counts.values()) >= least
    for kind in ("otio", "xml", "fcpxml", "edl", "otioz"):
        assert tally.counts[kind, "read"] and tally.counts[kind, "refused"], tally.told()


def test_a_few_hundred_mutants(shared: Path, tmp_path: Path) -> None:
    check(run_mutants(shared / "timelines", 300, tmp_path), 300)


@pytest.mark.minutes
@pytest.mark.timeout(7200)
def test_twenty_thousand_mutants(shared: Path, tmp_path: Path) -> None:
    check(run_mutants(shared / "timelines", 20_000, tmp_path, seed=2), 20_000)
