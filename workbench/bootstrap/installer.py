"""Make an environment and fill it with pip, on whatever Python the user has.

pip keeps the settings of its user (indexes, proxies, certificates): no address is named here.  Its
output is shown only when it fails, with the cause in a sentence and what to do.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

from workbench.bootstrap.environment import NEEDED_MB, python_in
from workbench.bootstrap.errors import SetupError, say

# What pip prints -> (what happened, what to do about it).  The first that fits is told.
_CAUSES = (
    (
        r"No space left on device|not enough space on the disk|Disk quota exceeded",
        "the disk is full",
        f"Free about {NEEDED_MB} MB, also where temporary files go, and give the same command again.",
    ),
    (
        r"DO NOT MATCH THE HASHES",
        "a package that was fetched is not the one that requirements.lock names",
        "Give the same command again; if it stays so, the package index serves other files: ask who runs it.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLCertVerificationError",
        "the certificate of the package index is not trusted here",
        "Behind a company proxy, tell pip its certificate: pip config set global.cert FILE",
    ),
    (
        r"NewConnectionError|NameResolutionError|name resolution|getaddrinfo failed|Connection refused"
        r"|ConnectTimeout|ReadTimeout|Network is unreachable|ProxyError|RemoteDisconnected|ProtocolError",
        "the package index can't be reached",
        "Check the network, or the proxy that pip uses (HTTPS_PROXY, or: pip config set global.proxy URL), "
        "and give the same command again.",
    ),
    (
        r"No module named pip\b",
        f"{sys.executable} has neither pip nor ensurepip",
        "Install pip for it (Debian, Ubuntu: apt install python3-pip) and give the same command again.",
    ),
    (
        r"No matching distribution found",
        "the package index has no file that fits this Python and system",
        "pip's lines above name the package; an index of your own has to hold what requirements.lock names.",
    ),
)


def diagnose(output: str) -> "tuple[str, str]":
    """What happened and what to do, from what pip printed before it failed."""
    for pattern, what, fix in _CAUSES:
        if re.search(pattern, output):
            return what, fix
    return "pip failed", "See its lines above; the same command starts the set-up again."


def create(folder: Path, held: "list[int]") -> None:
    """Make an environment in a folder, the first way that gives one pip can fill.

    Args:
        folder: An empty folder.
        held: File descriptors that children keep open (see `turn`).
    """
    ways = (
        ["-m", "venv"],
        ["-m", "venv", "--without-pip"],  # Debian without python3-venv: no ensurepip
        ["-m", "venv", "--without-pip", "--copies"],  # a disk without symbolic links
    )
    for way in ways:
        made, output = _run([sys.executable, *way, str(folder)], held)
        if made and pip_for(folder):
            return
    # No usable venv module, or a pip too old to fill another environment: virtualenv brings both.
    with tempfile.TemporaryDirectory() as tools:
        fetched, output = _run(
            [sys.executable, "-m", "pip", "install", "--target", tools, "virtualenv"], held
        )
        if fetched:
            make = [sys.executable, "-m", "virtualenv", "--quiet", str(folder)]
            made, output = _run(make, held, PYTHONPATH=tools)
            if made and pip_for(folder):
                return
    _give_up(output)


def fill(folder: Path, checkout: Path, held: "list[int]") -> None:
    """Install what the lock names, by hash, then the checkout itself so that its edits count at once."""
    pip = pip_for(folder)
    if not pip:
        _give_up(f"No module named pip, nor one that can fill {folder}")
    lock = checkout / "requirements.lock"
    total = len(re.findall(r"^\w", lock.read_text(encoding="utf-8"), re.MULTILINE))
    for arguments in (
        ["--require-hashes", "--requirement", str(lock)],
        ["--no-deps", "--no-build-isolation", "--editable", str(checkout)],
    ):
        done, output = _run([*pip, "install", "--no-input", *arguments], held, total)
        if not done:
            _give_up(output)


def pip_for(folder: Path) -> "list[str]":
    """The command that installs into an environment, its own pip or ours pointed at it; empty if none."""
    python = str(python_in(folder))
    for way in ([python, "-m", "pip"], [sys.executable, "-m", "pip", "--python", python]):
        if subprocess.run([*way, "--version"], capture_output=True, env=_surroundings()).returncode == 0:
            return way
    return []


def _run(command: "list[str]", held: "list[int]", total: int = 0, **more: str) -> "tuple[bool, str]":
    """Run a child to its end; whether it succeeded, and what it printed."""
    output = []
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=_surroundings(**more),
        pass_fds=held,
    ) as process:
        try:
            progress = _Progress(total)
            for line in process.stdout or ():
                output.append(line)
                progress.see(line)
        except KeyboardInterrupt:
            process.terminate()
            raise
    return process.returncode == 0, "".join(output)


def _surroundings(**more: str) -> "dict[str, str]":
    """The environment variables for Python and pip: the user's, less what would install elsewhere."""
    elsewhere = ("PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT")
    kept = {name: value for name, value in os.environ.items() if name not in elsewhere}
    ours = {"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PIP_REQUIRE_HASHES": "0", "PYTHONUTF8": "1"}
    return {**kept, **ours, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_PROGRESS_BAR": "off", **more}


def _give_up(output: str) -> NoReturn:
    """Show the end of what pip printed, less its progress and repetitions, and raise its cause."""
    progress = ("Ignoring ", "Collecting ", "Downloading ", "Using cached ", "Installing collected ")
    lines = [line for line in output.splitlines() if line.strip() and not line.lstrip().startswith(progress)]
    repeated = [line for line in lines if line.startswith("WARNING: Retrying ")][:-1]
    for line in [line for line in lines if line not in repeated][-8:]:
        say("  pip: " + line)
    raise SetupError(*diagnose(output))


class _Progress:
    """Counts the packages that pip finds: one line that is rewritten, or in a log every quarter."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.seen = 0
        self.live = sys.stderr.isatty()

    def see(self, line: str) -> None:
        """Take note of one line of pip's output."""
        if not self.total:
            return
        if line.startswith("Collecting "):
            self.seen += 1
            if self.live:
                say(f"\r  packages found: {self.seen} of about {self.total}", end="")
            elif self.seen % max(1, self.total // 4) == 0:
                say(f"  packages found: {self.seen} of about {self.total}")
        elif line.startswith("Installing collected") and self.seen:
            say("\n  installing them" if self.live else "  installing them")
