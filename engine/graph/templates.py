"""The built-in templates: complete projects, each with a sample data set of the same name."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from engine.core.diagnostic import diagnostic_error, nearest_word

GRAPH_SUFFIX = ".loom.json"

# Simple ones first.
_SUMMARIES = {
    "sequential": "one input, one output: classification of points into ten classes",
    "question-answering": "two inputs: a story and a question; the output is one word",
    "posts": "three outputs: age, income and gender of the author of a post",
    "posts-longer": "the same with a second block of convolutions, for posts of 269 words or more",
    "penguins": "a table: measurements and island as inputs; species, sex, mass as outputs",
    "residual": "ResNet-style image classifier with skip connections",
    "inception": "Inception-style parallel convolutions: two classifications of a signal",
    "siamese": "Siamese network with shared weights: do two sentences mean the same?",
    "two-cameras": "one small network used twice: distance of an object seen by two cameras",
}


def template_names() -> list[str]:
    """Return the names of all templates, simple ones first."""
    return list(_SUMMARIES)


def template_summary(name: str) -> str:
    """Return a one-line description of a template, or raise a DiagnosticError if it is unknown."""
    return _SUMMARIES[_require_known(name)]


@cache
def read_template(name: str) -> bytes:
    """Return the content of a template's file, or raise a DiagnosticError if it is unknown."""
    path = files("resources") / "templates" / f"{_require_known(name)}{GRAPH_SUFFIX}"
    return path.read_bytes()


def _require_known(name: str) -> str:
    if name in _SUMMARIES:
        return name
    nearest = nearest_word(name, _SUMMARIES)
    names = ", ".join(_SUMMARIES)
    raise diagnostic_error(
        "template-unknown",
        f'there is no template called "{name}"',
        f"Use {nearest}." if nearest else f"Use one of {names}.",
        "For your own table: engine new FILE.loom.json --from TABLE --target COLUMN.",
        found=name,
        expected=names,
    )
