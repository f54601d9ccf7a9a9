"""The syntax tree of an expression. A node keeps its place in the text for error messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the text: the positions of its first character and of the one after its last."""

    start: int
    end: int

    @property
    def column(self) -> int:
        """The number of the first character, counted from 1."""
        return self.start + 1


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a quoted text, True, False or None."""

    value: float | int | bool | str | None
    span: Span


@dataclass(frozen=True, slots=True)
class Name:
    """A variable, such as the name of a port."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Items:
    """A list or tuple, such as the axes (1, 2) or the tensors of stack([a, b])."""

    items: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function. An operator is a call too: a + b is add(a, b).

    Args:
        function: the name of the function.
        function_span: the place of the name, or of the operator.
    """

    function: str
    arguments: tuple[Node, ...]
    keywords: tuple[tuple[str, Node], ...]
    span: Span
    function_span: Span


@dataclass(frozen=True, slots=True)
class Slice:
    """A slice `start:stop:step` between brackets; None stands for a missing part."""

    start: int | None
    stop: int | None
    step: int | None
    span: Span


@dataclass(frozen=True, slots=True)
class Ellipsis:
    """Three dots between brackets, which stand for all axes that the other entries leave."""

    span: Span


@dataclass(frozen=True, slots=True)
class Index:
    """A tensor with brackets, x[...]. An entry is a slice, three dots, an int or None."""

    operand: Node
    entries: tuple[Slice | Ellipsis | Literal, ...]
    span: Span


Node = Literal | Name | Items | Call | Index


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all nodes below it, in the order of the text."""
    yield node
    if isinstance(node, Items):
        children: tuple[Node, ...] = node.items
    elif isinstance(node, Call):
        children = (*node.arguments, *(value for _, value in node.keywords))
    else:
        children = (node.operand,) if isinstance(node, Index) else ()
    for child in children:
        yield from walk(child)


def variable_names(node: Node) -> tuple[str, ...]:
    """Return the names of the variables, in the order of their first use."""
    return tuple(dict.fromkeys(found.name for found in walk(node) if isinstance(found, Name)))
