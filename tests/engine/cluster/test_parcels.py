"""A take that is made from a take on another machine, which does not see the project's folder; no Ray is needed."""

from __future__ import annotations

from pathlib import Path

import msgspec

from engine.cluster.actor import Kind, Maker
from engine.cluster.parcels import files_for, unpacked
from engine.protocol import Failed, Generate, Ready, Take
from tests.engine.test_redoing import Desk, made_from


def test_the_original_goes_with_the_request_and_its_file_is_gone_afterwards(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    (first,) = desk.make(desk.request())
    request = desk.request(original=made_from(first, (0.75, 1.25)), seed=7)
    (local,) = desk.make(request)
    away = msgspec.structs.replace(request, wav_paths=[str(tmp_path / "away.wav")])
    files = files_for([away, desk.request()])
    assert list(files) == [first.wav]
    Path(first.wav).unlink()
    assert files_for([away]) == {}
    maker = Maker(str(tmp_path / "model"), 1, None)
    _, ready = maker.hello()
    assert isinstance(ready, Ready)
    said = list(maker.carry_out(Kind.of(ready), [away], files))
    ((take, content),) = [(event, content) for event, content in said if isinstance(event, Take)]
    assert content == Path(local.wav).read_bytes()
    assert {**take.recipe, "original": None} == {**local.recipe, "original": None}
    assert take.recipe["original"] == local.recipe["original"]
    with unpacked([away], files) as (here,):
        assert isinstance(here, Generate) and here.original is not None
        wav = Path(here.original.wav)
        assert wav.read_bytes() == files[first.wav]
    assert not wav.exists()
    (failed,) = [
        event for event, _ in maker.carry_out(Kind.of(ready), [away], {}) if isinstance(event, Failed)
    ]
    assert first.wav in failed.sentence and "is not there" in failed.sentence
