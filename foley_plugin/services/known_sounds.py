"""Whether the engine's model is the one for what is asked, said before a job is written down."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from engine.errors import FoleyError
from engine.protocol import Ready
from foley_plugin.services.batch import Stop
from foley_plugin.services.engine_subprocess import SubprocessEngine
from foley_plugin.takes.records import StoredTake

MAX_OFFERED = 8


class UnknownSound(FoleyError):
    """Labels that the model cannot make."""

    code = "unknown_sound"


class OtherModel(FoleyError):
    """A take of another model than the engine's."""

    code = "other_model"


def check_sounds(engine: SubprocessEngine, labels: Iterable[str | None], stop: Stop) -> None:
    """Look whether the model has all of these labels; wait until it is loaded, unless there are none or at the stop.

    Raises:
        UnknownSound: it has not; the sentence names each.
        EngineLost: the engine ended before it was ready.
    """
    asked = dict.fromkeys(label for label in labels if label is not None)
    if not asked:
        return
    ready = ready_unless_stopped(engine, stop)
    if ready is None:
        return
    known = ready.labels
    unknown = [label for label in asked if known and label not in known]
    if unknown:
        named, offered = (
            " or ".join(f"“{each}”" for each in some) for some in (unknown, _near(unknown, known))
        )
        raise UnknownSound(f"The model knows no sound {named}; choose for example {offered}.")


def check_model(engine: SubprocessEngine, take: StoredTake, stop: Stop) -> None:
    """Look whether the engine holds the model that made a take, by its name; wait as `check_sounds` does.

    A model that was trained further, or another training of the same preset, has the same name: whether the tokens mean
    anything to it the engine says.

    Raises:
        OtherModel: it holds another one.
        EngineLost: the engine ended before it was ready.
    """
    ready, made_by = ready_unless_stopped(engine, stop), take.recipe.get("model")
    if ready is not None and made_by is not None and made_by != ready.model:
        raise OtherModel(
            f"{Path(take.wav).name} was made by the model {made_by}, and the engine holds {ready.model}: give the "
            f"folder of {made_by} with --model."
        )


def ready_unless_stopped(engine: SubprocessEngine, stop: Stop) -> Ready | None:
    """The engine's hello, waited for; None at the stop.

    Raises:
        EngineLost: the engine ended before it was ready.
    """
    engine.start()
    while engine.ready is None:
        if stop.is_set:
            return None
        engine.pump()
        engine.start()  # which tells how it ended, where it has
    return engine.ready


def _near(unknown: Sequence[str], known: Sequence[str]) -> list[str]:
    heads = {label.split("_")[0] for label in unknown}
    near = [label for label in known if label.split("_")[0] in heads]
    return (near or list(known))[:MAX_OFFERED]
