"""report.html: an executed notebook without its code, in one file that loads nothing from anywhere.

nbconvert prefers live widgets where it finds their state, and live widgets load scripts from a content
network.  So the views go, the HTML that every widget of the workbench publishes stays, and the addresses
of all scripts are emptied.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import Any

from nbconvert import HTMLExporter
from nbformat.v4 import new_markdown_cell

_exporter: Callable[..., Any] = HTMLExporter  # nbconvert gives it no types
_new_markdown: Callable[..., Any] = new_markdown_cell
_VERDICTS = {
    0: ("Nothing is left to do", "#2e7d32"),
    1: ("The run failed", "#c62828"),
    2: ("Differences were found", "#1565c0"),
    3: ("Not finished: a person or an answer is needed", "#b35c00"),
    64: ("The run was told something wrong", "#c62828"),
}
_VIEW = "application/vnd.jupyter.widget-view+json"
# nbconvert's page has scripts even when their addresses are empty; without them nothing can be fetched.
_SCRIPT = re.compile(r"<script\b.*?</script\s*>", re.DOTALL | re.IGNORECASE)
_LOADED_LINK = re.compile(r"<link\b[^>]*>", re.IGNORECASE)


def write_report(notebook: Any, path: Path, *, title: str, result: Mapping[str, Any]) -> None:
    """Writes the report of an executed notebook (nbformat node), headed by what the run says of itself."""
    exporter = _exporter(
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        embed_images=True,
        require_js_url="",
        mathjax_url="",
        jquery_url="",
        mermaid_js_url="",
    )
    shown = _without_views(notebook)
    shown.cells = [_new_markdown(headline(result)), *shown.cells]
    html, _ = exporter.from_notebook_node(shown, {"metadata": {"name": title}})
    path.write_text(_LOADED_LINK.sub("", _SCRIPT.sub("", html)), encoding="utf-8")


def write_refusal(path: Path, *, title: str, message: str, page: str | None) -> None:
    """Writes the report of a run that was not begun: the page of Validate Process, or the message alone."""
    if page is None:
        write_bare_report(path, title=title, text=message)
    else:
        path.write_text(page, encoding="utf-8")


def write_bare_report(path: Path, *, title: str, text: str) -> None:
    """Writes a page with one paragraph, for a run that left no notebook to show."""
    path.write_text(
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
        f"<body><h1>{escape(title)}</h1><pre>{escape(text)}</pre></body></html>\n",
        encoding="utf-8",
    )


def headline(result: Mapping[str, Any]) -> str:
    """The result in a box at the top, as escaped HTML: the counts come before the rows."""
    code = int(result["exit_code"])
    words, colour = _VERDICTS.get(code, _VERDICTS[1])
    lines = [str(reason) for reason in result.get("reasons", ())]
    if error := result.get("error"):
        place = f" (cell {error['cell']})" if "cell" in error else ""
        lines.insert(0, f"{error['kind']}{place}: {error['message']}")
    about = f"exit code {code} · {result.get('started_at', '')} · {result.get('seconds', 0)} seconds"
    listed = "".join(f"<li style='white-space:pre-line'>{escape(line)}</li>" for line in lines)
    return (
        f"<div style='border-left:6px solid {colour};padding:4px 16px'>"
        f"<p><b style='font-size:1.3em'>{words}</b><br>{escape(about)}</p><ul>{listed}</ul></div>"
    ).replace("\n\n", "\n")  # an empty line would end the HTML in Markdown


def _without_views(notebook: Any) -> Any:
    copy = type(notebook)(notebook)
    copy.metadata = {name: value for name, value in notebook.metadata.items() if name != "widgets"}
    copy.cells = [_cell_without_views(cell) for cell in notebook.cells]
    return copy


def _cell_without_views(cell: Any) -> Any:
    if cell.cell_type != "code":
        return cell
    copy = type(cell)(cell)
    copy.outputs = [shown for output in cell.outputs if (shown := _shown(output)) is not None]
    return copy


def _shown(output: Any) -> Any:
    """An output without a live view; None when nothing else is in it, or when it is progress for the log."""
    if output.output_type == "stream" and output.name == "stderr":
        return None
    if _VIEW not in output.get("data", {}):
        return output
    copy = type(output)(output)
    copy.data = {kind: data for kind, data in output.data.items() if kind != _VIEW}
    return copy if "text/html" in copy.data else None
