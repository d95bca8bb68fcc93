"""The demo's two systems: an embedded org and a pretend company file, each in a process of its own.

Nothing of the product knows that this is a demo: the profile just has addresses on loopback.
"""

from __future__ import annotations

import atexit
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

from workbench import resources
from workbench.errors import ConnectionProblem
from workbench.profile import Profile, SalesforceSettings, read_profile, write_secrets
from workbench.templates import make_profile

if TYPE_CHECKING:
    from workbench.bench import Bench

USER = "maria@example.com"
CREDENTIALS = ("password", "security_token", "client_id", "client_secret")
START_SECONDS = 30
STOP_SECONDS = 10
CALL_EVERY_SECONDS = "0.3"
"""How often the pretend Web Connector looks; a real one is set to minutes."""


@dataclass
class World:
    """The running demo.

    Attributes:
        profile: Its profile.
        company: The pretend company file.
        processes: What was started, by name, in order.
    """

    profile: Profile
    company: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @classmethod
    def make(cls, folder: Path | None = None) -> World:
        """Make a demo profile in a new folder; start nothing yet.

        Raises:
            ProfileError: The folder holds a profile already.
        """
        root = folder or Path(tempfile.mkdtemp(prefix="workbench-demo-"))
        address = f"http://127.0.0.1:{free_port()}"
        profile = make_profile(
            root, name="demo", salesforce=SalesforceSettings(url=address, username=USER), port=free_port()
        )
        write_secrets(
            profile,
            {f"salesforce.{name}": secrets.token_urlsafe(18) for name in CREDENTIALS},
        )
        return cls(profile, profile.data / "company.qbsim")

    def start(self) -> None:
        """Start the org, the server with its worker, and the Web Connector; `ready` waits for them."""
        self._start_org()
        self._start("up", ["-m", "workbench", "up", "--profile", str(self.profile.folder)])
        self._start_connector()

    def ready(self) -> None:
        """Pair with the company file, as `workbench qwc` does, and wait until the org and the server answer.

        Raises:
            ConnectionProblem: One of them has ended, or takes too long.
        """
        # What this brings in takes a moment, in which the processes start.
        from workbench.workspace import workspace

        with workspace(self.profile.folder) as opened:
            opened.open_pairing()
        self._await("Salesforce", f"{self.profile.salesforce.url}/services/data")
        settings = self.profile.quickbooks
        self._await("up", f"http://{settings.host}:{settings.port}/health")

    def stop(self) -> None:
        """End what was started, the last first."""
        for process in reversed(list(self.processes.values())):
            if process.poll() is None:
                process.terminate()
        for process in self.processes.values():
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def __enter__(self) -> World:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start_org(self) -> None:
        port = self.profile.salesforce.url.rsplit(":", 1)[1]
        command = ["-m", "workbench.testorg", "--data", str(self.profile.data / "org.sqlite")]
        command += ["--seed", str(resources.demo_data() / "salesforce"), "--port", port]
        variables = {
            f"TESTORG_{name.upper()}": self.profile.secret(f"salesforce.{name}") for name in CREDENTIALS
        }
        variables["TESTORG_USERNAME"] = USER
        self._start("Salesforce", command, variables=variables)

    def _start_connector(self) -> None:
        settings = self.profile.quickbooks
        command = ["-m", "qbwc", "simulate", "--company", str(self.company)]
        command += ["--seed", str(resources.demo_data() / "quickbooks")]
        command += ["--url", settings.url, "--user", settings.user, "--password-stdin"]
        command += ["--owner-id", settings.owner_id, "--file-id", settings.file_id]
        command += ["--every", CALL_EVERY_SECONDS]
        process = self._start("Web Connector", command)
        pipe: IO[bytes] | None = process.stdin
        if pipe is not None:
            pipe.write(self.profile.secret("quickbooks.password").encode() + b"\n")
            pipe.flush()

    def _start(
        self,
        name: str,
        arguments: Sequence[str],
        *,
        variables: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[bytes]:
        log = self._log(name)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as stream:
            self.processes[name] = subprocess.Popen(
                [sys.executable, *arguments, "--until-stdin-closes"],
                stdin=subprocess.PIPE,  # held open: when this process is gone, however it went, so are they
                stdout=stream,
                stderr=subprocess.STDOUT,
                env=dict(os.environ) | dict(variables or {}),
            )
        return self.processes[name]

    def _await(self, name: str, address: str) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if self.processes[name].poll() is not None:
                break
            try:
                with urllib.request.urlopen(address, timeout=2):
                    return
            except urllib.error.HTTPError:
                return  # it answers, and that is what counts here
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise ConnectionProblem(
            f"the demo's {name} process did not start",
            where=address,
            fix=f"Its messages: {self._log(name)}",
        )

    def _log(self, name: str) -> Path:
        return self.profile.data / "logs" / f"{name.lower().replace(' ', '-')}.log"


def free_port() -> int:
    """Answer a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def demo(folder: str | Path | None = None) -> Bench:
    """Open a workbench on invented data: no login, nothing leaves this machine.

    The systems run until this Python ends.  In a notebook that the demo itself has opened, the profile
    of that demo is used.
    """
    # Brings in pandas; the processes above start without.
    from workbench.bench import open as open_bench

    running = os.environ.get("WORKBENCH_DEMO_PROFILE")
    if running and folder is None:
        return open_bench(read_profile(running).folder)
    world = World.make(None if folder is None else Path(folder))
    atexit.register(world.stop)
    world.start()
    world.ready()
    return open_bench(world.profile.folder)
