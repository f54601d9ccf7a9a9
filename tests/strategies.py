"""Hypothesis strategies: projects that may be wrong in any way, edits, and damaged files."""

from __future__ import annotations

import json
import random
from typing import Any

from hypothesis import strategies as st

from engine.graph.model import Graph, Node, Project

KINDS = ("Input", "Dense", "Embedding", "Activation", "Output", "FromTheFuture")
NAMES = ("a", "b", "c", "dense", "dense_2", "lstm", "posts", "age")
PORTS = ("x", "xs", "query")

# What JSON can say and a file may hold; every text is encodable, every number finite.
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(texts, values, max_size=3)
references = st.sampled_from((*NAMES, "lstm.state_h", "nowhere"))
wires = references | st.lists(references, max_size=3).map(tuple)


def strangers(*known: str) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for keys that no version knows."""
    return st.dictionaries(texts.filter(lambda key: key not in known), values, max_size=2)


def nodes(name: str) -> st.SearchStrategy[Node]:
    """Return a strategy for nodes of one name."""
    return st.builds(
        Node,
        st.just(name),
        st.sampled_from(KINDS),
        st.dictionaries(st.sampled_from(PORTS), wires, max_size=2),
        objects,
        st.booleans(),
        st.none() | st.sampled_from(NAMES),
        strangers("name", "kind", "inputs", "params", "off", "shares"),
    )


@st.composite
def projects(draw: st.DrawFn) -> Project:
    """Draw a project: any wiring, any parameters, keys from other versions."""
    chosen = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=6))
    graph = Graph(tuple(draw(nodes(name)) for name in chosen))
    places = {name: {"at": [draw(st.integers(-500, 500)), 0]} for name in chosen}
    beside = draw(strangers("nodes"))
    extra = draw(strangers("format", "version", "graph", "recipe", "data", "view"))
    return Project(
        graph,
        draw(objects),
        {
            "inputs": {name: {"column": name} for name in chosen[:1]},
            **draw(strangers("inputs", "targets")),
        },
        {"nodes": places, **draw(strangers("nodes"))},
        {**extra, **({"graph": beside} if beside else {})},
    )


places = st.none() | st.integers(-1, 3)
_names = st.sampled_from(NAMES)
_ports = st.sampled_from(PORTS)
_params = st.sampled_from(("units", "activation", "new"))


def _edit(do: str, **arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"do": st.just(do), **arguments})


edits = st.one_of(
    _edit("add_node", kind=st.sampled_from(KINDS)),
    _edit("remove_node", node=_names, bridge=st.booleans()),
    _edit("rename_node", node=_names, to=_names),
    _edit("connect", source=references, node=_names, port=_ports, place=places),
    _edit("rewire", source=references, node=_names, port=_ports, place=places),
    _edit("disconnect", node=_names, port=_ports, place=places),
    _edit("move_wires", node=_names, port=_ports, to=_ports),
    _edit("set_params", node=_names, params=objects),
    _edit("remove_param", node=_names, param=_params),
    _edit("rename_param", node=_names, param=_params, to=_params),
    _edit("set_kind", node=_names, kind=st.sampled_from(KINDS)),
    _edit("set_off", node=_names, off=st.booleans()),
    _edit("share", node=_names, owner=_names),
    _edit("unshare", node=_names),
    _edit(
        "move", places=st.dictionaries(_names, st.tuples(st.integers(), st.integers()), max_size=2)
    ),
    _edit("set_recipe", fields=objects),
    _edit("set_mapping", side=st.sampled_from(("inputs", "targets")), node=_names, source=objects),
    _edit("insert_on_wire", node=_names, port=_ports, kind=st.sampled_from(KINDS), place=places),
)

_ODD = (
    None, True, False, 0, -1, 1.5, 10**18, "", "a", "a" * 300, "a\u202eb", "\x00", [], {}, [[]],
    {"x": "a"}, ["a", 1], "../../etc/passwd", "__import__('os')", "a.b.c", "nodes",
)  # fmt: skip


def anything(chance: random.Random, depth: int = 0) -> Any:
    """Return some JSON value, as a newer version may write it."""
    if depth < 3 and chance.random() < 0.5:
        many = range(chance.randrange(4))
        if chance.random() < 0.5:
            return [anything(chance, depth + 1) for _ in many]
        return {f"k{number}": anything(chance, depth + 1) for number in many}
    return chance.choice((None, True, 7, -0.5, 1e300, 10**18, "", "naïve \U0001f600\u2028", "\x00"))


def damaged(chance: random.Random, text: str) -> bytes:
    """Return a file's text with faults: seven times of ten in its structure, else in its bytes."""
    if chance.random() < 0.7:
        value = json.loads(text)
        for _ in range(chance.randint(1, 4)):
            _damage(chance, value)
        return json.dumps(value, ensure_ascii=chance.random() < 0.5).encode(
            "utf-8", "surrogatepass"
        )
    data = bytearray(text.encode())
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        piece = chance.choice((b"", b"{", b"]", b",", b'"', b"\\ud800", b"NaN", b"1e999", b"\xff",
                               b"9" * 30, b"\0", bytes([chance.randrange(256)])))  # fmt: skip
        data[at : at + chance.choice((0, 1, 1, 5, 60))] = piece
    return bytes(data)


def _damage(chance: random.Random, value: Any) -> None:
    """Replace, remove, double or rename one thing somewhere inside `value`."""
    boxes = [value]
    for box in boxes:
        inside = box.values() if isinstance(box, dict) else box
        boxes += [item for item in inside if isinstance(item, (dict, list)) and item]
    box = chance.choice(boxes)
    if not box:
        return
    key = chance.choice(list(box) if isinstance(box, dict) else range(len(box)))
    what = chance.randrange(4)
    if what == 0:
        del box[key]
    elif what == 1 and isinstance(box, list):
        box.append(box[key])
    elif what == 2 and isinstance(box, dict):
        box[str(chance.choice(_ODD))] = box.pop(key)
    else:
        box[key] = chance.choice(_ODD)
