"""Two projects differ in what is trained, not in how it is drawn."""

import json
from dataclasses import replace

import pytest

from engine.graph.diff import diff_projects
from engine.graph.edits.registry import apply_edit
from engine.graph.serialization.file import dumps, parse
from engine.graph.templates import read_template

POSTS = parse(read_template("posts")).project
LAST = POSTS.graph.nodes[-1].name


def changed(**edit):
    return diff_projects(POSTS, apply_edit(POSTS, edit))


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        ({"do": "set_params", "node": LAST, "params": {"loss_weight": 3.0}}, "params.loss_weight"),
        ({"do": "set_off", "node": LAST, "off": True}, "off: true, was nothing"),
        ({"do": "rename_node", "node": LAST, "to": "other"}, "other: new"),
        ({"do": "remove_node", "node": LAST}, f"{LAST}: removed"),
        ({"do": "set_recipe", "fields": {"epochs": 77}}, "recipe.epochs: 77"),
        ({"do": "disconnect", "node": LAST, "port": "x"}, f"{LAST}.inputs"),
    ],
)
def test_an_edit_of_what_is_trained_is_told(edit, told):
    assert any(told in line for line in changed(**edit)), changed(**edit)


def test_moving_and_the_order_of_keys_make_no_difference():
    assert changed(do="move", places={LAST: [5, 5]}) == []
    turned = json.loads(dumps(POSTS), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    turned["graph"]["nodes"] = [*turned["graph"]["nodes"]]
    assert diff_projects(POSTS, parse(json.dumps(turned).encode()).project) == []


def test_the_order_of_nodes_and_the_kind_of_a_number_count():
    nodes = POSTS.graph.nodes
    swapped = POSTS.with_graph(replace(POSTS.graph, nodes=(nodes[1], nodes[0], *nodes[2:])))
    assert diff_projects(POSTS, swapped) == ["the nodes are in another order"]
    whole, real = (replace(POSTS, recipe={"seed": seed}) for seed in (1, 1.0))
    assert diff_projects(whole, real) == ["recipe.seed: 1.0, was 1"]
