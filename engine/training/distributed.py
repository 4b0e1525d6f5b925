"""Several processes that train as one: torchrun starts them, DDP or FSDP2 holds their weights together.

Every process draws its own rows of one and the same global batch, and losses are sums over a global count, so
the curve does not depend on how many processes there are. Checkpoints hold whole tensors and load in any number
of processes. All nodes must see the run's folder; only the first process writes to it.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
import torch.distributed as dist

# DDP imports this when it is first used, and then its functions' defaults hold the group that there is for ever.
import torch.distributed.nn.functional
from torch import Tensor, nn
from torch.distributed.tensor import DTensor, distribute_tensor
from torch.nn.parallel import DistributedDataParallel

from engine.errors import CheckpointCorrupt, RequestError

Parallel = Literal["auto", "ddp", "fsdp"]


@dataclass(frozen=True)
class Ranks:
    """This process's place among those that train together; by default it is alone."""

    rank: int = 0
    size: int = 1
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    kind: Literal["alone", "ddp", "fsdp"] = "alone"

    @property
    def is_first(self) -> bool:
        return self.rank == 0

    def wait(self) -> None:
        """Until all processes are here: what the first one wrote is then there for each."""
        if self.size > 1:
            dist.barrier(device_ids=[self.device.index] if self.device.type == "cuda" else None)

    def any(self, wish: bool) -> bool:
        """Whether one of the processes wishes so: clocks differ, and all must take the same step as their last."""
        return bool(self.total(torch.tensor(float(wish), device=self.device)) > 0)

    def total(self, value: Tensor) -> Tensor:
        """The sum over all processes, in each of them."""
        if self.size > 1:
            value = value.clone()
            dist.all_reduce(value)
        return value

    def gathered(self, rows: Tensor) -> Tensor:
        """[n, …] of each process, equally many -> [size * n, …], in the order of the global batch."""
        if self.size == 1:
            return rows
        parts = [torch.empty_like(rows) for _ in range(self.size)]
        dist.all_gather(parts, rows.contiguous())
        return torch.cat(parts)

    def wrap(self, module: nn.Module, blocks: Iterable[nn.Module] = ()) -> nn.Module:
        """What to call instead of `module` in training. With FSDP2 each of `blocks` is a unit of its own."""
        if self.kind == "ddp":
            return DistributedDataParallel(module, broadcast_buffers=False, gradient_as_bucket_view=True)
        if self.kind == "fsdp":
            from torch.distributed.device_mesh import init_device_mesh
            from torch.distributed.fsdp import fully_shard

            mesh = init_device_mesh(self.device.type, (self.size,))
            for block in blocks:
                fully_shard(block, mesh=mesh)
            fully_shard(module, mesh=mesh)
            # Kept for torch.compile alone, by a mesh that DTensor's caches keep for ever: see `_leave`.
            mesh._pg_registry.clear()
        return module

    @contextmanager
    def exchanging(self, net: nn.Module, *, is_last: bool) -> Iterator[None]:
        """Forward and backward of one part of a step; gradients travel with the last part only."""
        if isinstance(net, DistributedDataParallel) and not is_last:
            with net.no_sync():
                yield
            return
        if self.kind == "fsdp":
            net.set_requires_gradient_sync(is_last)  # type: ignore[operator]
        yield

    def parts(self, rows: int, accumulate: int) -> list[range]:
        """This process's rows of a global batch of `rows`, in `accumulate` parts; a part may be empty."""
        pieces = self.size * accumulate
        edges = [rows * piece // pieces for piece in range(pieces + 1)]
        mine = range(self.rank * accumulate, (self.rank + 1) * accumulate)
        return [range(edges[piece], edges[piece + 1]) for piece in mine]


ALONE = Ranks()


def best_device() -> torch.device:
    """The card where there is one, else the processor."""
    return torch.device("cuda") if torch.cuda.is_available() else torch.device("cpu")


@contextmanager
def joined(parallel: Parallel = "auto") -> Iterator[Ranks]:
    """Join the other processes that torchrun has started, or be alone where it has not.

    Raises:
        RequestError: DDP or FSDP was asked for without torchrun.
    """
    if "WORLD_SIZE" not in os.environ:
        if parallel != "auto":
            raise RequestError(
                f"--parallel {parallel} needs several processes: start with "
                "`torchrun --nproc-per-node N -m engine.cli train …`."
            )
        yield Ranks(device=best_device())
        return
    device = best_device()
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        kind: Literal["ddp", "fsdp"] = "fsdp" if parallel == "fsdp" else "ddp"
        yield Ranks(dist.get_rank(), dist.get_world_size(), device, kind)
    finally:
        _leave()


def _leave() -> None:
    """Leave the other processes, with none of gloo's threads left behind after a training that ended well.

    One that still lets go of a tensor while the interpreter ends takes the process with it: a training that is done and
    kept would count as failed. These threads end when nobody holds the group any more. (After a failure its traceback
    holds the networks, and they the group.)
    """
    # Ours must be the last reference: a network's reducer, if it had the last one, would wait for gloo's threads while
    # it holds the interpreter's lock, which they may need.
    group = dist.group.WORLD
    gc.collect()  # networks and their reducers
    dist.destroy_process_group()
    del group


def whole(value: Any) -> Any:
    """The same dicts and lists with every tensor whole and on the processor; all processes must take part."""
    if isinstance(value, DTensor):
        return value.full_tensor().detach().cpu()
    if isinstance(value, Tensor):
        return value.detach().cpu()
    if isinstance(value, dict):
        return {key: whole(each) for key, each in value.items()}
    if isinstance(value, list):
        return [whole(each) for each in value]
    return value


@torch.no_grad()
def fill(targets: dict[str, Tensor], tensors: dict[str, Tensor], *, what: str) -> None:
    """Copy whole tensors into those of a module, sharded or not.

    Raises:
        CheckpointCorrupt: names or shapes differ.
    """
    unlike = [n for n, t in targets.items() if n not in tensors or tensors[n].shape != t.shape]
    if unlike or len(targets) != len(tensors):
        raise CheckpointCorrupt(
            f"The checkpoint of the {what} holds another network ({', '.join(unlike[:3]) or 'other names'}): "
            "give the settings that it was started with, or another --out."
        )
    for name, target in targets.items():
        target.copy_(_placed_like(target, tensors[name]))


def fill_optimizer(optimizer: torch.optim.Optimizer, state: dict[str, Any]) -> None:
    """Load what `whole(optimizer.state_dict())` was, sharding each tensor as its parameter is."""
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    placed = {
        index: {
            name: _placed_like(parameters[index], value) if value.shape == parameters[index].shape else value
            for name, value in tensors.items()
        }
        for index, tensors in state["state"].items()
    }
    optimizer.load_state_dict({**state, "state": placed})


def _placed_like(target: Tensor, tensor: Tensor) -> Tensor:
    tensor = tensor.to(target.device)
    if isinstance(target, DTensor):
        # Every process has read the same file: each keeps its own shard and nothing is sent.
        return distribute_tensor(tensor, target.device_mesh, target.placements, src_data_rank=None)
    return tensor
