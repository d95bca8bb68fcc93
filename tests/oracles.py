"""Reference data that this project did not write, beside the checkout; a test that needs it skips without it.

<checkout>/../shared/oracles/qbxml, salesforce, wsdl
"""

from __future__ import annotations

from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "oracles"


def oracle(relative: str) -> Path:
    """The path of a file or folder among the oracles.

    Args:
        relative: For example 'qbxml/requests/qbxmlops130.xsd'.

    Raises:
        pytest.skip.Exception: It is not there; the reason names it.
    """
    path = FOLDER / relative
    if not path.exists():
        pytest.skip(f"oracles not present: {relative}")
    return path
