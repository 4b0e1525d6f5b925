"""`foley train foleygen`: the paper's model from a list of clips to a model folder, in one command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from engine.cli.options import ClipsOption, SplitOption, log
from engine.errors import RequestError


def train_foleygen(
    source: Annotated[Path, typer.Argument(help="A CSV as VGGSound's, or a folder of films with sound.")],
    out: Annotated[Path, typer.Option("--out", help="The run's folder; a second start goes on in it.")],
    clips: ClipsOption = None,
    split: SplitOption = "train",
    preset: Annotated[str, typer.Option(help="foleygen (the paper), foleygen-sync.")] = "foleygen",
    encoder: Annotated[
        str, typer.Option(help="As `foley data prepare` takes it; its weights are on this machine.")
    ] = "clip:ViT-B-32-quickgelu:openai",
    gpus: Annotated[int | None, typer.Option(min=1, help="All of this machine's if not given.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes that decode; as many as processors if not given.")
    ] = None,
    device: Annotated[
        Literal["cpu", "cuda"], typer.Option(help="Where clips are turned into tokens and features.")
    ] = "cpu",
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="STAGE:NAME=VALUE, such as lm:steps=20000 or codec:batch=32, over the preset's; may be given "
            "again. Stages: codec, decoder, lm, spotter.",
        ),
    ] = None,
) -> None:
    """The paper's model in one command: codec, its decoder, the set, the language model, the packed model.

    Stages run one after the other, each as its own command; what is done is not done again. To train one further,
    delete OUT/logs/STAGE.done and give it more steps (--set STAGE:steps=…). A codec trained further makes other
    tokens: for that delete OUT/decoder, OUT/set and OUT/lm too, with their marks in OUT/logs.
    """
    import torch

    from engine.training.recipe import Recipe, available_workers, run_recipe

    recipe = Recipe(
        preset=preset,
        source=source,
        clips=clips,
        split=split,
        out=out,
        encoder=encoder,
        gpus=gpus or max(1, torch.cuda.device_count()),
        workers=workers or available_workers(),
        device=device,
        pairs=_by_stage(set_ or []),
    )
    run_recipe(recipe, log)
    log(f"{recipe.model}: give it to `foley generate --model {recipe.model}`")


def _by_stage(pairs: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for pair in pairs:
        stage, colon, rest = pair.partition(":")
        if not colon or "=" in stage:
            raise RequestError(f"--set {pair} names no stage: write it as STAGE:NAME=VALUE.")
        found.setdefault(stage, []).append(rest)
    return found
