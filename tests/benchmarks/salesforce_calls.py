"""stub"""

from pathlib import Path


def count(folder: Path, writes: int) -> dict:
    return {}
