"""The .qwc file of a profile, and what a person does with it on the computer with QuickBooks."""

from __future__ import annotations

from pathlib import Path

from workbench.connections.quickbooks import connector_file
from workbench.profile import Profile
from workbench.workspace import Workspace

STEPS = """\
1. Start the server and leave it running:
     workbench up --profile {profile}
2. On the computer with QuickBooks, open the company file as Admin in
   single-user mode (for the first time only).
3. In the Web Connector choose "Add an Application" and open
     {file}
   It says what the application is; answer OK.
4. QuickBooks asks whether the application may read and modify this company
   file. Choose
     "Yes, always; allow access even if QuickBooks is not running".
   Leave "Allow this application to access personal data" without a tick:
   nothing here needs it. Continue, then Done.
5. Back in the Web Connector, type the password into the Password box of the
   new row
     ({password})
   and answer Yes to "Do you want to save this password".
6. Tick the row and press Update Selected. The first company file that calls
   within 24 hours is paired with this profile; any other one is refused.
7. Then, here:
     workbench pull --profile {profile}
   and press Update Selected once more, or tick Auto-Run."""

TRUST = """\
The Web Connector takes this certificate once Windows trusts it. On the computer with QuickBooks:
  copy {file} there (only this file; the key stays here), then in a command prompt "as administrator":
  certutil -addstore Root server.crt
  or double-click it: Install Certificate > Local Machine > Trusted Root Certification Authorities."""


def file_of(profile: Profile) -> Path:
    """Where the .qwc file of a profile stands if nobody says otherwise."""
    return profile.folder / f"{profile.name}.qwc"


def write_file(workspace: Workspace, output: Path | None = None) -> Path:
    """Write the .qwc file, make the login known to the server and open the pairing; answer the file.

    Raises:
        WorkbenchError: The Web Connector would refuse the file; no pairing is opened.
    """
    profile = workspace.profile
    settings = profile.quickbooks
    # The text first: what the Web Connector would refuse opens no pairing.
    text = connector_file(
        url=settings.url,
        user=settings.user,
        owner_id=settings.owner_id,
        file_id=settings.file_id,
        name=profile.name,
        run_every_minutes=settings.run_every_minutes,
        unattended=settings.unattended,
    )
    workspace.open_pairing()
    path = output or file_of(profile)
    path.write_text(text, encoding="utf-8")
    return path


def steps(profile: Profile, file: Path, folder: str) -> str:
    """What to do with the file, in the words of the dialogs.

    Args:
        folder: The profile as commands name it.
    """
    settings = profile.quickbooks
    password = f"quickbooks.password in {profile.data / 'secrets.yaml'}"
    told = STEPS.format(profile=folder, file=file, password=password)
    if settings.url.startswith("https:"):
        told += "\n\n" + TRUST.format(file=settings.certificate or "data/tls/server.crt")
    return told
