"""Names of nodes: validation, uniqueness and defaults."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Container

from engine.core.symbolic.tensor import default_layer_name

MAX_NAME_LENGTH = 200
HEAD_SUFFIX = "_head"  # appended to the name of a layer if its Output takes the layer's name


def is_valid_name(name: str) -> bool:
    """Return whether `name` can be an identifier in exported source, and a key in weight files.

    Why: Python normalizes identifiers (NFKC): it reads "ﬁt" as "fit". A valid name is its own
        normal form.
    """
    return (
        name.isidentifier()
        and not name.startswith("_")
        and not keyword.iskeyword(name)
        and len(name) <= MAX_NAME_LENGTH
        and unicodedata.normalize("NFKC", name) == name
    )


def unique_name(name: str, used_names: Container[str]) -> str:
    """Return `name`, with the first unused number appended if it is taken: "conv1d_2"."""
    if name not in used_names:
        return name
    base = re.sub(r"_\d+$", "", name)[: MAX_NAME_LENGTH - 8]
    number = 2
    while f"{base}_{number}" in used_names:
        number += 1
    return f"{base}_{number}"


def keras_unique_name(name: str, used_names: Container[str]) -> str:
    """Return `name`, with a number appended as in Keras if it is taken: "dense_1"."""
    candidate, number = name, 0
    while candidate in used_names:
        number += 1
        candidate = f"{name}_{number}"
    return candidate


def name_for_kind(kind: str, used_names: Container[str]) -> str:
    """Return a unique default name for a new node, as in Keras: "global_average_pooling1d"."""
    return unique_name(suggest_name(default_layer_name(kind)), used_names)


def suggest_name(text: str) -> str:
    """Return a valid name that is similar to a text: "my_conv" for "my conv"."""
    if is_valid_name(text):
        return text
    plain = unicodedata.normalize("NFKC", text)
    name = re.sub(r"\W+", "_", plain).strip("_")[: MAX_NAME_LENGTH - 8]
    if keyword.iskeyword(name):
        name += "_1"
    if not is_valid_name(name):
        name = f"node_{name}".rstrip("_")
    return name if is_valid_name(name) else "node"
