"""Many machines through Ray: one task a shard, tried again when its worker dies.

Every machine must see the clips, the codec, the encoder's weights and the set's folder under the same paths.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from engine.errors import FoleyError
from engine.training.prepare.executor import TICK_S
from engine.training.prepare.manifest import DataError
from engine.training.prepare.work import MAX_DEATHS_AT_A_SHARD, Job, ShardDone, ShardWork, make_shard


@dataclass(frozen=True)
class Cluster:
    """A Ray cluster at `address`, or one of `workers` processors started on this machine where it is None."""

    address: str | None
    workers: int

    def run(self, job: Job, work: Sequence[ShardWork]) -> Generator[ShardDone | None, None, None]:
        """See `Executor.run`."""
        ray = _ray()
        self._connect(ray)
        gpus = 0 if job.plan.device == "cpu" else 1
        task = ray.remote(num_cpus=1, num_gpus=gpus, max_retries=MAX_DEATHS_AT_A_SHARD)(make_shard)
        shared = ray.put(job)
        pending = {task.remote(shared, shard): shard for shard in work}
        try:
            while pending:
                done, _ = ray.wait(list(pending), num_returns=1, timeout=TICK_S)
                for reference in done:
                    yield _result(ray, reference, pending.pop(reference))
                if not done:
                    yield None
        finally:
            for reference in pending:
                ray.cancel(reference, force=True)
            ray.shutdown()

    def _connect(self, ray: ModuleType) -> None:
        quiet: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
        try:
            if self.address is None:
                # Only this machine: no dashboard, nothing that listens for others.
                here = {"address": "local", "num_cpus": self.workers, "_node_ip_address": "127.0.0.1"}
                ray.init(include_dashboard=False, **here, **quiet)
            else:
                _knock(self.address)
                ray.init(address=self.address, **quiet)
        except (OSError, ValueError, RuntimeError, ray.exceptions.RayError) as error:
            where = "on this machine" if self.address is None else f"at {self.address}"
            raise DataError(
                f"There is no Ray cluster {where} ({error}): start one with `ray start --head` and give its HOST:PORT."
            ) from error


def _knock(address: str) -> None:
    """Ray ends the whole process, minutes later, where nobody answers: look first whether somebody does."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if port.isdecimal():
        socket.create_connection((host, int(port)), timeout=10).close()


def _ray() -> ModuleType:
    # Ray reports its use over the network, and hands on `uv run`, unless told not to.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
    try:
        import ray
    except ImportError as error:
        raise DataError(
            "Ray is not installed: add it with `pip install 'foley[ray]'`, or leave --on out."
        ) from error
    return ray


def _result(ray: ModuleType, reference: object, shard: ShardWork) -> ShardDone:
    try:
        made: ShardDone = ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, FoleyError):
            raise error.cause from error
        raise
    except ray.exceptions.RayError as error:
        raise DataError(
            f"The workers that make shard {shard.number} die again and again ({type(error).__name__}): look whether "
            "memory is short on their machines."
        ) from error
    return made
