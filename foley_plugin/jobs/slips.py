"""Slipping a take: its sound comes earlier or later, and nothing is generated.

A slip is data. Whole frames of it are a matter of where the file is entered; what lies between two frames
goes into a copy that leaves the first samples out. The stored take is never touched.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import msgspec

from engine.protocol import Hit
from foley_plugin.jobs.errors import CannotSlip
from foley_plugin.takes.errors import TakeMissing
from foley_plugin.takes.records import StoredTake
from foley_plugin.takes.store import Store
from foley_plugin.timeline.atomic import write_new_file
from foley_plugin.timeline.laying import slip_limits
from foley_plugin.timeline.placement import SAMPLE_RATE, CuePlan


def heard_hits(take: StoredTake, slip_samples: int) -> Sequence[Hit]:
    """Where the hits are heard, seconds from the clip's start."""
    if not slip_samples:
        return take.hits
    return [msgspec.structs.replace(hit, time_s=hit.time_s + slip_samples / SAMPLE_RATE) for hit in take.hits]


def check_slip(slip_samples: int, take: StoredTake, plan: CuePlan, rate: Fraction) -> None:
    """See that the take still fills its clip.

    Raises:
        CannotSlip: the slip goes beyond the handles.
    """
    earliest, latest = slip_limits(plan, rate)
    if earliest <= slip_samples <= latest:
        return
    raise CannotSlip(
        f"{Path(take.wav).name} cannot be slipped by {_told(slip_samples, rate)}: its handles reach from "
        f"{_told(earliest, rate)} to {_told(latest, rate)}; slip it less, or generate it anew."
    )


def wav_from(store: Store, take: StoredTake, cut_samples: int) -> Path:
    """The take's WAV without its first samples: itself, or a copy that is made once.

    Raises:
        TakeMissing: the copy cannot be made.
        ProjectReadOnly: a copy is needed.
    """
    whole = store.wav_path(take)
    if not cut_samples:
        return whole
    known = store.take_slips.copy_of(take.id, cut_samples)
    if known is not None and (store.folder / known).exists():
        return store.folder / known
    (copy,) = store.reserve_wavs(Path(take.wav).stem.split("_")[0], take.label, 1)
    try:
        write_new_file(copy, _without_first(whole, cut_samples))
    except (OSError, RuntimeError) as error:
        raise TakeMissing(f"The take {whole.name} could not be copied ({error}).") from error
    store.take_slips.add_copy(take.id, cut_samples, copy.relative_to(store.folder).as_posix())
    return copy


def _without_first(wav: Path, cut_samples: int) -> bytes:
    """The same samples, bit for bit, from `cut_samples` on."""
    import soundfile  # here, not above: it loads numpy, which the command line starts without

    with soundfile.SoundFile(wav) as file:
        file.seek(cut_samples)
        samples = file.read(dtype="float64" if file.subtype in ("FLOAT", "DOUBLE") else "int32")
        kind = {"samplerate": file.samplerate, "format": file.format, "subtype": file.subtype}
    content = io.BytesIO()
    soundfile.write(content, samples, **kind)
    return content.getvalue()


def _told(samples: int, rate: Fraction) -> str:
    return f"{1000 * samples / SAMPLE_RATE:+.1f} ms ({samples * float(rate) / SAMPLE_RATE:+.2f} frames)"
