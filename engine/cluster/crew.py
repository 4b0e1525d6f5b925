"""Finding a Ray cluster, and how many actors of what size it can hold. Ray is imported here, when asked for."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import ClusterError

MAX_THREADS = 8
"""More help no small model; a machine of more cores holds several actors."""

REACH_LIMIT_S = 5.0
FORMS = "ray, ray:auto or ray:HOST:PORT"


@dataclass(frozen=True)
class Machine:
    """What one node of a cluster has."""

    cpus: int
    gpus: float = 0.0


@dataclass(frozen=True)
class Crew:
    """How many actors, and what each of them gets."""

    actors: int
    threads: int
    gpus_each: float = 0.0
    device: str = "cpu"
    """Where all of them compute, whatever their machines' own settings say."""


def plan_crew(
    machines: Sequence[Machine],
    actors: int | None = None,
    threads: int | None = None,
    device: str | None = None,
) -> Crew:
    """Share a cluster out. Without a wish: one actor a GPU or, where there is none, one a machine or 8 CPUs.

    Args:
        device: where to compute; None is the GPUs where there are any.

    Raises:
        ClusterError: there is no room for so many, or no such device.
    """
    gpus = 0.0 if device == "cpu" else sum(machine.gpus for machine in machines)
    if device not in (None, "cpu") and not gpus:
        raise ClusterError(
            f"The Ray cluster has no GPU to compute on {device} with: choose the device cpu, or join a machine that "
            "has one."
        )
    if gpus:
        machines = [machine for machine in machines if machine.gpus]
        count = actors or max(1, int(gpus))
        each = min(1.0, int(gpus / count * 100) / 100)
        if each == 0.0:
            raise ClusterError(f"{count} actors cannot share {gpus:.0f} GPUs: give fewer --actors.")
        widest = min(int(machine.cpus * each / machine.gpus) for machine in machines)
        return Crew(count, threads or max(1, min(MAX_THREADS, widest)), each, device or "cuda")
    widest = min(MAX_THREADS, min((machine.cpus for machine in machines), default=0))
    for width in (threads,) if threads else range(max(1, widest), 0, -1):
        room = sum(machine.cpus // width for machine in machines)
        if room >= (actors or 1):
            return Crew(actors or room, width)
    room = sum(machine.cpus // (threads or 1) for machine in machines)
    raise ClusterError(
        f"The Ray cluster has room for {room} actors of {threads or 1} CPUs, not for {actors or 1}: "
        "give fewer --actors or --threads."
    )


def address_of(place: str) -> str:
    """Ray's address in `ray`, `ray:auto` or `ray:HOST:PORT`.

    Raises:
        ClusterError: it is none of these.
    """
    kind, _, address = place.partition(":")
    host, _, port = address.rpartition(":")
    if kind == "ray" and (address == "auto" or (host and port.isdigit())):
        return address
    if place == "ray":
        return "local"
    raise ClusterError(f"Foley can be made on {FORMS}, not on {place!r}.")


def connect(address: str, *, num_cpus: int) -> Any:
    """The `ray` module, connected; `local` starts a cluster of this machine alone, with `num_cpus` at least.

    Raises:
        ClusterError: Ray is not installed, or no cluster answers.
    """
    # Ray reports its use over the network, and hands on `uv run`, unless told not to.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
    if address != "local" and _has_token():
        os.environ.setdefault("RAY_AUTH_MODE", "token")  # or Ray shows none to a cluster that asks for it
    try:
        import ray
    except ImportError as error:
        raise ClusterError(
            "Ray is not installed: run `uv run --extra ray foley generate ...`, or `pip install 'foley[ray]'`."
        ) from error
    try:
        if address == "local":
            cpus = max(os.cpu_count() or 1, num_cpus)
            ray.init(
                address="local",
                num_cpus=cpus,
                include_dashboard=False,
                logging_level=logging.WARNING,
                _node_ip_address="127.0.0.1",
            )
        else:
            if address != "auto":
                _knock(address)
            ray.init(address=address, logging_level=logging.WARNING)
    except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        (reason, *_) = str(error).strip().splitlines() or [type(error).__name__]
        where = "on this machine" if address in ("local", "auto") else f"at {address}"
        raise ClusterError(
            f"No Ray cluster can be used {where} ({reason.rstrip('.')}): start one with `ray start --head`, "
            "and join this machine to it with `ray start --address HOST:PORT`."
        ) from error
    return ray


def _has_token() -> bool:
    """Whether there is a key to a cluster, at one of the places where Ray looks for it."""
    given = {"RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"} & os.environ.keys()
    return bool(given) or (Path.home() / ".ray" / "auth_token").is_file()


def machines_of(ray: Any) -> list[Machine]:
    """The nodes that are alive."""
    alive = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    return [Machine(int(each.get("CPU", 0)), float(each.get("GPU", 0))) for each in alive]


def _knock(address: str) -> None:
    host, _, port = address.rpartition(":")
    with socket.create_connection((host.strip("[]"), int(port)), timeout=REACH_LIMIT_S):
        pass
