"""Asking an engine for a clip's hits, as the panel does: nothing waits, two calls tell the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from engine.protocol import Cancelled, Event, Failed, Progress, Spot, Spotted
from foley_plugin.takes.records import Spotting


class SpottingEngine(Protocol):
    def submit(self, request: Spot, on_event: Callable[[Event], None]) -> int: ...


def ask_for_hits(
    engine: SpottingEngine,
    request: Spot,
    *,
    on_progress: Callable[[float], None],
    on_spotted: Callable[[Spotting], None],
    on_ended: Callable[[str | None], None],
) -> int:
    """Send the request; its id, to cancel it.

    Args:
        on_progress: told the part that is done, 0 to 1.
        on_ended: told instead of `on_spotted` where there are no hits: the reason, None if it was cancelled.

    Raises:
        EngineLost: there is no engine to be had.
    """

    def hear(event: Event) -> None:
        match event:
            case Progress():
                on_progress(event.fraction)
            case Spotted():
                found = Spotting(event.hits, event.curve, event.labels, sound_hits=event.sound_hits)
                on_spotted(found)
            case Failed():
                on_ended(event.sentence)
            case Cancelled():
                on_ended(None)
            case _:
                pass

    return engine.submit(request, hear)
