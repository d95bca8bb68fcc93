"""`workbench demo`: headless to the proof, or to the first diff and then JupyterLab."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

from workbench import resources
from workbench.console import Output
from workbench.demo.world import World, free_port
from workbench.lab import lab_command


def run_demo(output: Output, *, headless: bool, folder: Path | None, port: int) -> int:
    """Run the demo; answers 0 when nothing undecided is left, 2 otherwise."""
    output.say(
        "Starting an org, a company file, the Web Connector server and a Web Connector on this machine"
    )
    began = time.monotonic()
    with World.make(folder) as world:
        # While the processes start, this one brings in what it needs.
        from workbench.bench import open as open_bench
        from workbench.demo.story import Story, to_the_proof, until_first_diff
        from workbench.demo.summary import first_page, last_page

        story = Story(began=began)
        bench = open_bench(world.profile.folder, output.say)
        until_first_diff(world, bench, story, output.say)
        where = {"profile": str(world.profile.folder)}
        if not headless:
            output.answer(story.data | where, first_page(story))
            output.say(_next(world))
            return _lab(world, port or free_port())
        to_the_proof(bench, story, output.say)
        output.answer(story.data | where, last_page(story))
    return 0 if story.data["remaining_differences"] == 0 else 2


def _next(world: World) -> str:
    return (
        "JupyterLab opens on 00_start.ipynb: look, decide, approve and push there. "
        f"The profile is in {world.profile.folder}; Ctrl-C here ends the demo."
    )


def _lab(world: World, port: int) -> int:
    """Open JupyterLab on the first notebook and wait until it is closed."""
    work = world.profile.folder / "notebooks"
    work.mkdir(exist_ok=True)
    for path in resources.notebooks().glob("*.ipynb"):
        shutil.copyfile(path, work / path.name)
    settings = _settings(world.profile.data / "lab")
    command = lab_command(work, notebook=work / "00_start.ipynb", port=port)
    variables = {
        "WORKBENCH_DEMO_PROFILE": str(world.profile.folder),
        "JUPYTERLAB_SETTINGS_DIR": str(settings),
    }
    with subprocess.Popen(command, env=dict(os.environ) | variables) as lab:
        try:
            return lab.wait()
        except KeyboardInterrupt:  # the person has ended the demo; JupyterLab itself would ask back
            lab.terminate()
            lab.wait()
            return 0


def _settings(folder: Path) -> Path:
    """Settings of the demo's own JupyterLab: it neither asks about news nor looks for updates."""
    target = folder / "@jupyterlab" / "apputils-extension"
    target.mkdir(parents=True, exist_ok=True)
    (target / "notification.jupyterlab-settings").write_text(
        '{"fetchNews": "false", "checkForUpdates": false}'
    )
    return folder
