"""The real engine's worker, in a process that knows one more architecture of open_clip.

python tests/fakes/reading_worker.py ARCHITECTURE.json [WORDS OF THE WORKER...]
"""

from __future__ import annotations

import os
import sys

import open_clip

from engine import worker

if __name__ == "__main__":
    open_clip.add_model_config(sys.argv[1])
    status = worker.main(sys.argv[2:])
    sys.stderr.flush()
    os._exit(status)
