"""One Chromium and one JupyterLab for all end-to-end tests of a run."""

from tests.e2e.lab_fixture import chromium, lab, page

__all__ = ["chromium", "lab", "page"]
