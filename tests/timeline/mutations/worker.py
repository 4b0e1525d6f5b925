"""Reads timelines named on stdin, one a line, and says what came of each; may crash, hang or eat memory.

The same code runs as in the timeline child, in one process for many files, since starting one for each of
twenty thousand would take hours.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import resource
import sys
import tempfile
import traceback
from pathlib import Path

import msgspec

from foley_plugin.timeline.document import read_document
from foley_plugin.timeline.errors import TimelineError, WriteRefused
from foley_plugin.timeline.read import cut_record
from foley_plugin.timeline.write import write_cut

MEMORY_LIMIT_BYTES = 6 * 2**30


def outcome(path: Path, target: Path) -> tuple[str, str]:
    """ "read", "refused", or what must not be: "exception", "changed", "wordless"."""
    try:
        cut = cut_record(path)
        msgspec.json.encode(cut)
    except TimelineError as error:
        return _refusal(error)
    except MemoryError:
        return "refused", "MemoryError"  # the child says so in a sentence
    except Exception:
        return "exception", traceback.format_exc()
    try:
        with contextlib.suppress(FileNotFoundError):
            target.unlink()
        written = write_cut(path, target, [], source_sha256=cut.source_sha256)
    except WriteRefused as error:
        return ("read", "") if "no track can be added" in error.sentence else ("exception", error.sentence)
    except Exception:
        return "exception", traceback.format_exc()
    if json.dumps(_parsed(written.read_bytes())) != json.dumps(read_document(path).root):
        return "changed", ""
    return "read", ""


def _parsed(raw: bytes) -> object:
    return json.loads(raw.decode("utf-8", "surrogateescape"))


def _refusal(error: TimelineError) -> tuple[str, str]:
    sentence = error.sentence
    is_one = sentence.endswith(".") and "\n" not in sentence and len(sentence) < 1200
    return ("refused", type(error).__name__) if is_one else ("wordless", sentence)


def main() -> None:
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    logging.disable(logging.CRITICAL)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
    with tempfile.TemporaryDirectory() as folder:
        for line in sys.stdin:
            try:
                found = outcome(Path(json.loads(line)), Path(folder) / "written.otio")
            except MemoryError:
                found = "refused", "MemoryError"
            print(json.dumps(found), file=replies, flush=True)


if __name__ == "__main__":
    main()
