"""Which model the engine holds, and where and how widely it works: this machine, or a Ray cluster."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from foley_plugin.services.engine_subprocess import END_LIMIT_S, SubprocessEngine, engine_command

CLUSTER_END_LIMIT_S = 30.0
"""Ray ends its own processes one after the other."""


class EnginePlace(Struct, frozen=True):
    """What a person wishes of the engine; it says itself what cannot be."""

    on: str | None = None
    """None is this machine; else `ray`, `ray:auto` or `ray:HOST:PORT`."""
    actors: int | None = None
    batch: int | None = None
    """Takes drawn at once, at most; None leaves it to the memory that is free."""
    model: Path | None = None
    """A model's folder; None is the default model's."""
    device: str | None = None
    """"cpu" or "cuda", where the networks compute; None is as FOLEY_DEVICE says, or the processor."""
    dtype: str | None = None
    """Of the language model's weights: "float32", "bfloat16" or "int8"; None is as FOLEY_DTYPE says, or the default."""

    @property
    def is_elsewhere(self) -> bool:
        return self.on is not None

    @property
    def end_limit_s(self) -> float:
        return CLUSTER_END_LIMIT_S if self.is_elsewhere else END_LIMIT_S

    def command(self, worker: Sequence[str] | None = None) -> list[str]:
        """The words that start the engine's worker there.

        Args:
            worker: the words that start it anywhere; by default this installation's.
        """
        return [*(worker or engine_command()), *self.options()]

    def options(self) -> list[str]:
        """What was wished, in the words of the command line."""
        wishes = {
            "--on": self.on,
            "--actors": self.actors,
            "--batch": self.batch,
            "--model": self.model,
            "--device": self.device,
            "--dtype": self.dtype,
        }
        given = ((name, str(value)) for name, value in wishes.items() if value is not None)
        return [word for pair in given for word in pair]

    def engine(self) -> SubprocessEngine:
        """An engine there, which is started when it is first needed."""
        return SubprocessEngine(self.command(), end_limit_s=self.end_limit_s)
