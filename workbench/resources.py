"""Where the files lie that come with the program: notebooks, mappings and templates, demo data.

In a checkout they are folders beside the package; an installed wheel carries the same folders as
`workbench/_resources/` (see `[tool.hatch.build.targets.wheel.force-include]` in `pyproject.toml`).
They are read only: a profile gets copies.
"""

from __future__ import annotations

from pathlib import Path

from workbench.errors import WorkbenchError

_PACKAGE = Path(__file__).resolve().parent


def root() -> Path:
    """The folder that holds `notebooks/`, `mappings/` and `data/demo/`."""
    packed = _PACKAGE / "_resources"
    return packed if packed.is_dir() else _PACKAGE.parent


def notebooks() -> Path:
    """The folder of the notebooks."""
    return _folder("notebooks")


def mappings() -> Path:
    """The folder of the mappings and process templates."""
    return _folder("mappings")


def demo_data() -> Path:
    """The folder of the invented records of the demo."""
    return _folder("data/demo")


def _folder(name: str) -> Path:
    """One of the folders, or a `WorkbenchError` that says the installation is incomplete."""
    folder = root() / name
    if not folder.is_dir():
        raise WorkbenchError(
            f"the folder {name} is missing from this installation of the workbench",
            where=str(folder),
            fix="Install the package again, or clone the repository again.",
        )
    return folder
