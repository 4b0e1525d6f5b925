"""`python -m foley_plugin` is `foley`."""

from __future__ import annotations

from foley_plugin.cli import main

if __name__ == "__main__":
    main()
