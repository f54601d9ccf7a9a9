"""The figures of a benchmark, put into the README beside it; what people wrote there stays."""

from __future__ import annotations

from pathlib import Path

README = Path(__file__).with_name("README.md")
_BEGIN, _END = "<!-- figures -->", "<!-- end of figures -->"


def write(tables: list[str], path: Path = README) -> None:
    """Put tables between the two marks, in place of those that stood there."""
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    whole = "\n".join([before + _BEGIN, "", *tables, _END + after])
    path.write_text(whole, encoding="utf-8")
