"""Where and how widely the engine works: this machine, or a Ray cluster."""

from __future__ import annotations

from msgspec import Struct

from foley_plugin.services.engine_subprocess import END_LIMIT_S, engine_command

CLUSTER_END_LIMIT_S = 30.0
"""Ray ends its own processes one after the other."""


class EnginePlace(Struct, frozen=True):
    """What a person wishes of the engine; it says itself what cannot be."""

    on: str | None = None
    """None is this machine; else `ray`, `ray:auto` or `ray:HOST:PORT`."""
    actors: int | None = None
    batch: int | None = None
    """Takes drawn at once, at most; None leaves it to the memory that is free."""

    @property
    def is_elsewhere(self) -> bool:
        return self.on is not None

    @property
    def end_limit_s(self) -> float:
        return CLUSTER_END_LIMIT_S if self.is_elsewhere else END_LIMIT_S

    def command(self) -> list[str]:
        """The words that start the engine's worker there."""
        wishes = {"--on": self.on, "--actors": self.actors, "--batch": self.batch}
        given = ((name, str(value)) for name, value in wishes.items() if value is not None)
        return [*engine_command(), *(word for pair in given for word in pair)]
