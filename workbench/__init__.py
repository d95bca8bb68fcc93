"""A workbench that reconciles a Salesforce org with a QuickBooks Desktop company file.

    import workbench as wb

    bench = wb.open("my-profile")     # a profile folder
    bench = wb.demo()                 # invented data, no login

Importing the package loads nothing else: the two calls bring in what they need when they are first
used, so that `python3 -m workbench` can set itself up under a Python that has nothing installed.
The grammar of this file is that of Python 3.6, for the same reason (see `workbench.bootstrap`).
"""

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.bench import open as open
    from workbench.demo import demo as demo

__version__ = "0.1.0"
__all__ = ["__version__", "demo", "open"]

# Public call -> the module it lives in, under the same name.
_HOMES = {"open": "workbench.bench", "demo": "workbench.demo"}


class _Package(ModuleType):
    """Keeps `workbench.demo` the call after the module of that name was imported.

    Python stores each imported submodule as an attribute of its package, which would put the module in
    the place of the call.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    """Load a public call on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'workbench' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)
