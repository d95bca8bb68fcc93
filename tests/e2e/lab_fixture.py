"""JupyterLab and Chromium for tests: isolated from the user's settings, news and updates switched off.

`conftest.py` makes the fixtures known to all end-to-end tests, so that they share one browser and one lab.
`page` fails the test when the browser asked for anything beyond 127.0.0.1.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_START_SECONDS = 90
_CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium() -> str | None:
    """The browser named by CHROMIUM, or the first on the path."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)


@pytest.fixture(scope="session")
def chromium():
    """A running Chromium (playwright.sync_api.Browser), or a skip that says what is missing."""
    playwright = pytest.importorskip("playwright.sync_api", reason="the playwright package is not installed")
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium on the path; install one or name it in CHROMIUM")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=path, args=_CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium):
    """A fresh page that may talk to this machine only."""
    context = chromium.new_context(viewport={"width": 1400, "height": 1000})
    left: list[str] = []
    context.on("request", lambda request: _note_foreign(request.url, left))
    yield context.new_page()
    context.close()
    assert left == [], f"the page asked for addresses beyond this machine: {left[:5]}"


def _note_foreign(url: str, left: list[str]) -> None:
    scheme, _, rest = url.partition("://")
    host = rest.split("/")[0].rsplit(":", 1)[0]
    if scheme in ("http", "https", "ws", "wss") and host not in ("127.0.0.1", "localhost"):
        left.append(url)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabServer:
    """A running JupyterLab.

    Attributes:
        url: Without a token; `sign_in` gives a page's browser context its cookie.
        work: The folder it serves.
    """

    url: str
    work: Path
    token: str = field(repr=False)

    def sign_in(self, page) -> None:
        answer = page.context.request.get(
            f"{self.url}/api/me", headers={"Authorization": f"token {self.token}"}
        )
        assert answer.ok, f"JupyterLab refused its own token: {answer.status}"

    def notebook(self, page, name: str, *cells: str) -> LabNotebook:
        """Writes a notebook of code cells and opens it."""
        document = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        document.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(document, self.work / name)
        return self.open(page, name)

    def open(self, page, name: str) -> LabNotebook:
        """Opens a notebook of the served folder in single-document mode and waits for its kernel."""
        self.sign_in(page)
        page.goto(f"{self.url}/doc/tree/{name}?reset")
        page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
        notebook = LabNotebook(page)
        notebook.wait_idle()
        return notebook


@dataclass(frozen=True, slots=True)
class LabNotebook:
    """A notebook open in a page."""

    page: object

    def wait_idle(self, seconds: float = 90) -> None:
        self.page.wait_for_function(f"() => {_CURRENT}?.sessionContext?.session?.kernel?.status === 'idle'",
                                    timeout=seconds * 1000)  # fmt: skip

    def run_all(self, seconds: float = 120) -> None:
        """Runs every cell; returns when the last one has ended, also when one failed."""
        self.page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
        self.page.wait_for_function(
            f"""() => [...{_CURRENT}.content.model.cells].filter(cell => cell.type === 'code')
                .every(cell => cell.executionCount !== null || cell.sharedModel.getSource() === '')
                && {_CURRENT}.sessionContext.session.kernel.status === 'idle'""",
            timeout=seconds * 1000,
        )

    def run_cell(self, index: int, seconds: float = 60) -> None:
        """Runs one cell, counted from 0 over all cells."""
        self.page.evaluate(
            f"""async (index) => {{ const notebook = {_CURRENT}.content; notebook.deselectAll();
                notebook.activeCellIndex = index;
                await window.jupyterapp.commands.execute('notebook:run-cell'); }}""",
            index,
        )
        self.wait_idle(seconds)

    def save(self) -> None:
        self.page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
        self.page.wait_for_function(f"() => !{_CURRENT}.context.model.dirty", timeout=20_000)

    def cell_ids(self) -> list[str]:
        """The ids tell a deleted cell from a changed one; the number of cells does not."""
        return self.page.evaluate(f"[...{_CURRENT}.content.model.cells].map(cell => cell.id)")

    def errors(self) -> list[str]:
        """What failed cells said, in order."""
        return self.page.evaluate(
            f"""[...{_CURRENT}.content.model.cells].filter(cell => cell.type === 'code')
                .flatMap(cell => cell.outputs.toJSON()).filter(output => output.output_type === 'error')
                .map(output => output.ename + ': ' + output.evalue)"""
        )

    def theme(self, name: str) -> None:
        """Changes to 'JupyterLab Light' or 'JupyterLab Dark'."""
        self.page.evaluate(
            "name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})", name
        )
        light = "true" if "Light" in name else "false"
        self.page.wait_for_selector(f'body[data-jp-theme-light="{light}"]', state="attached", timeout=20_000)


_CURRENT = "window.jupyterapp?.shell?.currentWidget"


@pytest.fixture(scope="session")
def lab(tmp_path_factory) -> Iterator[LabServer]:
    """One JupyterLab for the test run."""
    with running_lab(tmp_path_factory.mktemp("lab")) as server:
        yield server


@contextlib.contextmanager
def running_lab(root: Path, **environment: str) -> Iterator[LabServer]:
    """A JupyterLab whose settings, data and runtime files are all below `root`.

    Args:
        root: An empty folder; the lab serves `root/work`.
        environment: Further variables for the server and its kernels.

    Raises:
        RuntimeError: It did not start; with the end of its log, without the token.
    """
    work = root / "work"
    work.mkdir()
    _switch_off_news(root / "settings")
    token, port = secrets.token_hex(16), _free_port()
    command = (
        f"-m jupyterlab --no-browser --allow-root --port={port} --port-retries=0 --expose-app-in-browser "
        "--ServerApp.ip=127.0.0.1 --ServerApp.terminals_enabled=False"
    ).split()
    with (root / "lab.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, *command, f"--ServerApp.root_dir={work}"],
            env={**_isolated(root), "JUPYTER_TOKEN": token, **environment},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            server = LabServer(url=f"http://127.0.0.1:{port}", work=work, token=token)
            _wait_for(server, process, root / "lab.log")
            yield server
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(20)


def _isolated(root: Path) -> dict[str, str]:
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "IPYTHONDIR": "ipython",
    }
    paths = {name: str(root / folder) for name, folder in folders.items()}
    python_path = os.pathsep.join(filter(None, [str(CHECKOUT), os.environ.get("PYTHONPATH")]))
    return {**os.environ, **paths, "PYTHONPATH": python_path}


def _switch_off_news(settings: Path) -> None:
    folder = settings / "@jupyterlab" / "apputils-extension"
    folder.mkdir(parents=True)
    text = json.dumps({"fetchNews": "false", "checkForUpdates": False})
    (folder / "notification.jupyterlab-settings").write_text(text, encoding="utf-8")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(server: LabServer, process: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while True:
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(f"{server.url}/api", timeout=2)
            return
        if process.poll() is not None or time.monotonic() > end:
            said = log.read_text(encoding="utf-8", errors="replace").replace(server.token, "<token>")
            raise RuntimeError(f"JupyterLab did not start:\n{said[-2000:]}")
        time.sleep(0.2)
