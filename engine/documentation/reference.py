"""Pages made from the source: layers, settings and diagnostic codes."""

from __future__ import annotations

from collections.abc import Iterator

from engine.core.codes import CODES
from engine.core.field_text import field_texts
from engine.documentation.docstrings import docstring_sections
from engine.documentation.page import Page, field_table, plain, slug, table
from engine.layers.base import Layer, Port
from engine.layers.catalogue import layer_classes
from engine.recipe.field_reference import Section, sections


def layer_pages() -> Iterator[Page]:
    """Yield a page for each layer type, in palette order."""
    for kind, cls in layer_classes().items():
        yield Page(slug("layer", kind), kind, "Layer", _layer_text(cls))


def _layer_text(cls: type[Layer]) -> str:
    parts = _description(cls)
    ports = [(f"**{plain(port.name)}**", _wires(port)) for port in cls.ports()]
    inputs = f"## Input ports\n\n{table(('Port', 'Wires'), ports)}" if ports else ""
    family = [
        f"[{kind}]({slug('layer', kind)})"
        for kind, other in layer_classes().items()
        if other.family == cls.family and other is not cls
    ]
    related = f"## Same family: {cls.family}\n\n{', '.join(family)}" if family else ""
    return "\n\n".join(filter(None, [*parts, inputs, field_table(field_texts(cls)), related]))


def _description(cls: type) -> list[str]:
    """Return the paragraphs of a docstring, with their headings."""
    return [
        f"**{heading}:** {plain(text)}" if heading else plain(text)
        for heading, text in docstring_sections(cls)
    ]


def _wires(port: Port) -> str:
    number = "any number, in order" if port.many else "one"
    return f"{number}, or none" if port.optional else number


def setting_pages() -> Iterator[Page]:
    """Yield a page for each section of the fields of a file, as `engine fields` lists them."""
    for section in sections():
        yield Page(_section_slug(section), section.title, "Setting", _section_text(section))


def _section_slug(section: Section) -> str:
    return slug(section.noun or "fields", section.kind or section.paths[0])


def _section_text(section: Section) -> str:
    parts = _description(section.schema)
    usage = ""
    if section.kind:
        usage = (
            f'A file chooses it as `"{section.kind}"`, or with fields as '
            f'`{{"kind": "{section.kind}", "params": {{...}}}}`.'
        )
    return "\n\n".join(filter(None, [*parts, usage, field_table(section.fields)]))


def code_pages() -> Iterator[Page]:
    """Yield a page for each diagnostic code, as `engine explain` describes them."""
    for code, entry in sorted(CODES.items()):
        text = (
            f"**{plain(entry.title)}.** {plain(entry.meaning)}\n\n"
            f"## Example\n\n{plain(entry.example)}\n\n## Fix\n\n{plain(entry.fix)}\n\n"
            f"A command that fails with it exits with {entry.exit.value}."
        )
        yield Page(slug("code", code), code, "Diagnostic code", text)
