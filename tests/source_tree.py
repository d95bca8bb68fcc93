"""Python source as a tree, read without the garbage collector.

On Python 3.11 a collection in the middle of `ast.parse` that runs Python code, as Hypothesis has it do, ends
in "SystemError: AST constructor recursion depth mismatch".
"""

from __future__ import annotations

import ast
import gc


def tree(source: str) -> ast.Module:
    """The tree of a module's source."""
    running = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(source)
    finally:
        if running:
            gc.enable()
