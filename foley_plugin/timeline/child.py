"""The short-lived process that reads and writes timelines: `python -m foley_plugin.timeline.child`.

A hostile or broken timeline, or the media it names, may take OpenTimelineIO or the decoder down, eat all
memory or never end. So they are used here only, one request on stdin, one reply on stdout, and whoever
started this process may kill it.
"""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from pathlib import Path
from typing import BinaryIO

import msgspec

from foley_plugin.timeline.errors import (
    ReaderFailed,
    SeveralTimelines,
    TimelineError,
    TimelineTooLarge,
    TimelineUnreadable,
)
from foley_plugin.timeline.exchange import (
    CutExported,
    CutRead,
    CutWritten,
    ExportCut,
    ReadCut,
    Refused,
    Reply,
    Request,
    WriteCut,
)

MEMORY_LIMIT_BYTES = 6 * 2**30
"""Of address space, which is more than is ever touched: 100,000 clips take 640 MB."""

FOREIGN_CODE_VARIABLES = ("OTIO_PLUGIN_MANIFEST_PATH", "OTIO_DEFAULT_MEDIA_LINKER")
"""OpenTimelineIO would load code that these name."""


def main() -> int:
    replies = _claim_stdout()
    for variable in FOREIGN_CODE_VARIABLES:
        os.environ.pop(variable, None)
    _limit_memory()
    reply = _answer(sys.stdin.buffer.read())
    with replies:
        replies.write(_encoded(reply))
    return 0


def _claim_stdout() -> BinaryIO:
    """Keep stdout for the reply; what libraries print goes to stderr."""
    claimed = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return claimed


def _encoded(reply: Reply) -> bytes:
    """JSON holds integers of 64 bits; thousands of absurd durations in a row come to more."""
    try:
        return msgspec.json.encode(reply)
    except (OverflowError, UnicodeEncodeError) as error:
        sentence = "The timeline holds times or names that are none; correct them and export the cut again."
        return msgspec.json.encode(Refused(TimelineUnreadable.code, sentence, repr(error)))


def _limit_memory() -> None:
    """Where the system has a way; elsewhere the starter's clock has to do."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))


def _answer(line: bytes) -> Reply:
    try:
        return _carry_out(msgspec.json.decode(line, type=Request))
    except SeveralTimelines as error:
        return Refused(error.code, error.sentence, choices=error.choices)
    except TimelineError as error:
        return Refused(error.code, error.sentence)
    except MemoryError:
        return Refused(TimelineTooLarge.code, "The timeline needs too much memory; export a part of it.")
    except Exception as error:
        sentence = f"The timeline could not be handled ({type(error).__name__}); report it with the file."
        return Refused(ReaderFailed.code, sentence, traceback.format_exc())


def _carry_out(request: Request) -> Reply:
    """Heavy imports come after the limits, and only those that the request needs."""
    if isinstance(request, ReadCut):
        from foley_plugin.timeline.media_shelf import MediaShelf
        from foley_plugin.timeline.read import cut_record

        shelf = MediaShelf(places=request.places, checks=request.checks)
        return CutRead(cut_record(Path(request.path), shelf, reading=request.reading))
    if isinstance(request, ExportCut):
        from foley_plugin.timeline.out.export import export_cut

        exported = export_cut(
            Path(request.source),
            Path(request.target),
            request.placements,
            target_name=request.target_name,
            options=request.options,
            source_sha256=request.source_sha256,
            reading=request.reading,
        )
        return CutExported(exported)
    assert isinstance(request, WriteCut)
    from foley_plugin.timeline.write import write_cut

    written = write_cut(
        Path(request.source),
        Path(request.target),
        request.placements,
        target_nle=request.target_nle,
        source_sha256=request.source_sha256,
        reading=request.reading,
    )
    return CutWritten(str(written))


if __name__ == "__main__":
    sys.exit(main())
