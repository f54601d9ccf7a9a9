"""The `docs` command: writes the documentation as HTML."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated

from engine.cli.commands.options import JsonOption, path_option
from engine.cli.console.output import print_result


def docs(
    out: Annotated[Path, path_option("DIR", "The folder to write to.")],
    as_json: JsonOption = False,
) -> None:
    """Write the documentation as HTML that needs no network.

    Layers, fields, diagnostic codes, guides, the README, and the keys of the window.
    """
    from engine.documentation.html import write_html
    from engine.documentation.library import all_pages

    # The engine does not import the window, which announces its pages in the package's metadata.
    others = [entry.load()() for entry in entry_points(group="layerloom.documentation")]
    pages = [*all_pages(), *others]
    write_html(pages, out)
    index = out / "index.html"
    print_result(as_json, {"ok": True, "index": str(index), "pages": len(pages)}, f"Wrote {index}")
