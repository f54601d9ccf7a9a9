"""The templates that come with the program: whole projects, each with a sample of its name."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from engine.core.diagnostic import Diagnostic, Fix, Refused, nearest_word

ENDING = ".loom.json"

# In the order in which a person should meet them.
_ABOUT = {
    "sequential": "one input, one output: points told apart into ten classes",
    "question-answering": "two inputs: a story and a question, answered in one word",
    "posts": "three outputs: age, income and gender, read from words",
    "posts-longer": "the same with a second block of convolutions, for posts of 269 words or more",
    "penguins": "a table: measures and island in, species, sex and mass out",
    "residual": "skips that carry a picture's features round convolutions: which figure it shows",
    "inception": "narrow and wide windows side by side: a signal's wave, and whether it clicks",
    "siamese": "two sentences read with the same weights: do they mean the same?",
    "two-cameras": "one small network used as a layer twice: how far away what both eyes see is",
}


def template_names() -> list[str]:
    """Return the names of all templates, simplest first."""
    return list(_ABOUT)


def about(name: str) -> str:
    """Return what a template is, in one line.

    Raises:
        Refused: if there is no such template.
    """
    return _ABOUT[_known(name)]


@cache
def read_template(name: str) -> bytes:
    """Return a template's file.

    Raises:
        Refused: if there is no such template.
    """
    return _place(_known(name)).read_bytes()


def _place(name: str) -> Traversable:
    return files("resources") / "templates" / f"{name}{ENDING}"


def _known(name: str) -> str:
    if name in _ABOUT:
        return name
    nearest = nearest_word(name, _ABOUT)
    names = ", ".join(_ABOUT)
    raise Refused(
        Diagnostic(
            "template-unknown",
            f'there is no template called "{name}"',
            found=name,
            expected=names,
            fixes=(Fix(f"Use {nearest}." if nearest else f"Use one of {names}."),),
        )
    )
