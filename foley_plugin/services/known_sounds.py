"""Whether the model knows the sounds that are asked for, said before a job is written down."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.errors import FoleyError
from foley_plugin.services.batch import Stop
from foley_plugin.services.engine_subprocess import SubprocessEngine

MAX_OFFERED = 8


class UnknownSound(FoleyError):
    """Labels that the model cannot make."""

    code = "unknown_sound"


def check_sounds(engine: SubprocessEngine, labels: Iterable[str | None], stop: Stop) -> None:
    """Look whether the model has all of these labels; wait until it is loaded, unless there are none or at the stop.

    Raises:
        UnknownSound: it has not; the sentence names each.
        EngineLost: the engine ended before it was ready.
    """
    asked = dict.fromkeys(label for label in labels if label is not None)
    if not asked:
        return
    engine.start()
    while engine.ready is None:
        if stop.is_set:
            return
        engine.pump()
        engine.start()  # which tells how it ended, where it has
    known = engine.ready.labels
    unknown = [label for label in asked if known and label not in known]
    if unknown:
        named, offered = (
            " or ".join(f"“{each}”" for each in some) for some in (unknown, _near(unknown, known))
        )
        raise UnknownSound(f"The model knows no sound {named}; choose for example {offered}.")


def _near(unknown: Sequence[str], known: Sequence[str]) -> list[str]:
    heads = {label.split("_")[0] for label in unknown}
    near = [label for label in known if label.split("_")[0] in heads]
    return (near or list(known))[:MAX_OFFERED]
