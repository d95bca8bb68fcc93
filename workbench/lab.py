"""How JupyterLab is started: on this machine only, without looking anything up in the network."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def lab_command(folder: Path, *, notebook: Path | None = None, port: int | None = None) -> list[str]:
    """Answer the command that serves a folder, opened on a notebook if one is named."""
    command = [sys.executable, "-m", "jupyterlab", *([str(notebook)] if notebook else [])]
    command += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.root_dir={folder}"]
    command += ["--LabApp.extension_manager=readonly", *([f"--port={port}"] if port else [])]
    # In a container the only user is often root; the server listens on loopback and asks for its token.
    return [*command, "--allow-root"] if getattr(os, "geteuid", lambda: 1)() == 0 else command
