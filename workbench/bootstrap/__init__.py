"""Set up a checkout: make `.venv` from `requirements.lock`, then start the same command again inside it.

    the running Python has all that pyproject.toml asks for    nothing to do
    `.venv` is ready                                           start again inside it
    otherwise                                                  make or mend `.venv`, then the same

Standard library only, and in the grammar of Python 3.6, so that an old Python gets as far as the
sentence that says which Pythons will do (annotations that it can't evaluate are quoted).  Everything is
told on standard error; standard output belongs to the command.

    environment   what state `.venv` is in, and its stamp
    installer     making and filling it with pip
    turn          one set-up at a time
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from workbench.bootstrap import environment, installer
from workbench.bootstrap.errors import SetupError, say
from workbench.bootstrap.turn import turn

# Set while starting again, so that two environments can't go on calling each other.
_STARTED = "WORKBENCH_STARTED_IN"


def ensure(extra: str = "") -> None:
    """Return when the running Python can run the program; otherwise set up and start again.

    In an installed wheel there is nothing to set up.  Where `.venv` has to be made or entered, the
    process is replaced by the same command in `.venv` (on Windows it waits for that and exits with its
    code).  Trouble ends the process with exit code 1 and its next step, Ctrl-C with 130.

    Args:
        extra: The extra of `pyproject.toml` that is needed too, for example 'test'.
    """
    checkout = Path(__file__).resolve().parents[2]
    if not (checkout / "requirements.lock").is_file():
        return
    try:
        environment.require_python(sys.version_info[:2])
        _enter(checkout, extra)
    except SetupError as error:
        say(f"\nThe set-up stopped: {error.what}.\n{error.fix}")
        sys.exit(1)
    except OSError as error:
        say(f"\nThe set-up stopped in {checkout}: {error}")
        say("Clone into a folder of your own on a local disk, and give the same command again.")
        sys.exit(1)
    except KeyboardInterrupt:
        say("\nThe set-up was interrupted. The same command starts it again.")
        sys.exit(130)


def _enter(checkout: Path, extra: str) -> None:
    """Return if this process can go on; else bring `.venv` up to date and start again inside it."""
    folder = checkout / ".venv"
    state, reason = environment.examine(folder, environment.fingerprint(checkout))
    inside = folder.is_dir() and folder.samefile(sys.prefix)
    if inside:
        os.environ.pop(_STARTED, None)
        if state == "ready" or (state == "foreign" and environment.satisfied(checkout, extra)):
            return
        if state == "rebuild":
            raise SetupError(
                f".venv has to be made again ({reason}), which its own Python can't do",
                "Give the command with the system's Python: python3 -m ... (Windows: py -m ...)",
            )
    elif os.environ.get(_STARTED) == str(folder):
        raise SetupError(
            f"{environment.python_in(folder)} runs in {sys.prefix}, not in {folder}",
            f"Delete {folder} and give the same command again.",
        )
    elif environment.satisfied(checkout, extra):
        return
    if state != "ready":
        with turn(checkout / ".venv.lock") as held:
            _bring_up_to_date(checkout, folder, extra, held)
    os.environ[_STARTED] = str(folder)
    _start_again(environment.python_in(folder))


def _bring_up_to_date(checkout: Path, folder: Path, extra: str, held: "list[int]") -> None:
    """Make or mend the environment, unless another process did so while this one waited."""
    wanted = environment.fingerprint(checkout)
    state, reason = environment.examine(folder, wanted)
    if state == "ready" or (state == "foreign" and environment.satisfied_in(folder, checkout, extra)):
        return
    began = time.monotonic()
    if state != "rebuild":
        say(f"Updating {folder}: {reason}.")
    else:
        python = "{}.{}.{}".format(*sys.version_info[:3])
        say(f"Setting up the workbench in {folder}, once: about 2 minutes and 1 GB (Python {python}).")
        if reason:
            say(f"  making it again: {reason}")
    if state == "rebuild":
        environment.clear(folder)
    ours = state != "foreign"
    if ours:
        environment.stamp(folder, wanted, "unfinished")
    if state == "rebuild":
        installer.create(folder, held)
    installer.fill(folder, checkout, held)
    if ours:
        environment.stamp(folder, wanted, "ready")
    say(f"  ready after {time.monotonic() - began:.0f} s\n")


def _start_again(python: Path) -> None:
    """Become the same command under another Python; does not return."""
    command = [str(python), *sys.orig_argv[1:]]
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name != "nt":
        os.execv(command[0], command)  # noqa: S606 - our own arguments, no shell wanted
    process = subprocess.Popen(command)
    while True:
        try:
            sys.exit(process.wait())
        except KeyboardInterrupt:  # the child got it too, and ends in its own way
            continue
