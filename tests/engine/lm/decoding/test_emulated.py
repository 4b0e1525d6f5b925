"""The kernels' code for processors that this machine need not be, its few instructions spelt out (see `emulated`)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.engine.lm.decoding.test_decoders import DRIFT, KINDS, WEIGHT_TYPES, needs_kernels

pytestmark = [needs_kernels, pytest.mark.minutes]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "names", [("bf16", "fma", "pairs", "vnni", "wide"), ("fma", "pairs", "wide"), ("fma",)]
)
def test_every_processors_code_follows_the_whole_model(names: tuple[str, ...], tmp_path: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(REPOSITORY)}
    told = subprocess.run(
        [sys.executable, "-m", "tests.engine.lm.decoding.emulated", *names],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr[-2000:]
    rows = [line.split() for line in told.stdout.splitlines()]
    assert len(rows) == len(KINDS) * len(WEIGHT_TYPES)
    for _, dtype, error, stands_alone in rows:
        assert float(error) < DRIFT[dtype]
        assert stands_alone == "True"
