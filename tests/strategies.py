"""Hypothesis strategies: projects that may be wrong in any way, and edits."""

from __future__ import annotations

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
    _edit("set_description", text=texts),
    _edit("set_mapping", side=st.sampled_from(("inputs", "targets")), node=_names, source=objects),
    _edit("insert_on_wire", node=_names, port=_ports, kind=st.sampled_from(KINDS), place=places),
)
