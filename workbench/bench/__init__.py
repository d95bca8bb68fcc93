"""What an analyst types: about ten methods and thin handles that show, decide and store.

No rule lives here; each call is a plain call of the modules below, so that a notebook replays headless.
"""

from workbench.bench.bench import Bench
from workbench.bench.bench import open_bench as open

__all__ = ["Bench", "open"]
