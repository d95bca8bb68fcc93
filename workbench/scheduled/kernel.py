"""The kernel of a headless run: this very interpreter, without a kernel installed anywhere.

A kernelspec named `python3` in the user's home may start another Python; and startup files and history
of the user's IPython are no part of a run that somebody else should be able to repeat.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

import workbench

# What `ipykernel install` would write for this interpreter, encryption of the messages included.
_kernel_dict: Callable[..., dict[str, Any]] = get_kernel_dict
_PACKAGES = Path(workbench.__file__ or "").resolve().parents[1]


@contextlib.contextmanager
def this_interpreter(log: TextIO) -> Iterator[type[AsyncKernelManager]]:
    """The class of a kernel manager that starts `sys.executable` with this workbench on its path.

    Args:
        log: An open file for what the kernel says of itself; the terminal is for the run.
    """
    with tempfile.TemporaryDirectory(prefix="workbench-ipython-", ignore_cleanup_errors=True) as folder:
        form = _kernel_dict(extra_arguments=["--HistoryManager.enabled=False"])
        spec = KernelSpec(**form, env={"IPYTHONDIR": folder, **_python_path()})

        class ThisInterpreter(AsyncKernelManager):
            @property
            def kernel_spec(self) -> KernelSpec:
                return spec

            async def _async_launch_kernel(self, kernel_cmd: list[str], **kw: Any) -> None:
                await super()._async_launch_kernel(kernel_cmd, **{**kw, "stderr": log})

        yield ThisInterpreter


def _python_path() -> dict[str, str]:
    """A checkout that is run without being installed is found by its kernel too."""
    if _PACKAGES.name in ("site-packages", "dist-packages"):
        return {}
    parts = [str(_PACKAGES), os.environ.get("PYTHONPATH", "")]
    return {"PYTHONPATH": os.pathsep.join(filter(None, parts))}
