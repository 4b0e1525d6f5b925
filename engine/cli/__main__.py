"""`python -m engine.cli`: the engine's commands as a process."""

import sys

from engine.cli import main

if __name__ == "__main__":
    sys.exit(main())
