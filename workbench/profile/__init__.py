"""A profile: one org, one company file and their mappings, as a folder that is fit for git.

    my-profile/
        profile.yaml      addresses and choices, never a secret
        mappings/         the mapping files, copied from the process template
        .gitignore        keeps data/ out of git
        data/             the operational store, snapshots, runs and secrets.yaml, for its user only

Secrets are looked up in the environment first, then in `data/secrets.yaml` (mode 0600; on Windows the
access list of the user's own folders), then in the system's keyring where the package `keyring` is
installed, and are never part of a `Profile` value, its repr, or an error.  The key that seals what waits
for QuickBooks is in data/queue.key, unless the secret `quickbooks.seal` holds it.
"""

from workbench.profile.newfolder import refuse_folder
from workbench.profile.places import (
    private_folder,
    refuse_readable_by_others,
    refuse_shared_folder,
    write_private,
)
from workbench.profile.reading import PROFILE_FILE, read_profile
from workbench.profile.sealkey import seal_key
from workbench.profile.secretfile import SECRETS_FILE, from_keyring, keep_in_keyring, secret_variable
from workbench.profile.settings import (
    COLUMNS,
    LOG_LEVELS,
    MAILED,
    MOST,
    RESULTS,
    SALESFORCE_LOGINS,
    ApprovalSettings,
    Profile,
    PushSettings,
    QuickBooksSettings,
    SalesforceSettings,
)
from workbench.profile.writing import (
    change_settings,
    changed_settings,
    refuse_wrong_settings,
    write_profile,
    write_secrets,
)

__all__ = [
    "COLUMNS",
    "LOG_LEVELS",
    "MAILED",
    "MOST",
    "PROFILE_FILE",
    "RESULTS",
    "SALESFORCE_LOGINS",
    "SECRETS_FILE",
    "ApprovalSettings",
    "Profile",
    "PushSettings",
    "QuickBooksSettings",
    "SalesforceSettings",
    "change_settings",
    "changed_settings",
    "from_keyring",
    "keep_in_keyring",
    "private_folder",
    "read_profile",
    "refuse_folder",
    "refuse_readable_by_others",
    "refuse_shared_folder",
    "refuse_wrong_settings",
    "seal_key",
    "secret_variable",
    "write_private",
    "write_profile",
    "write_secrets",
]
