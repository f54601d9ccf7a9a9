"""Templates: sound projects in the file's own spelling, laid out from left to right."""

import pytest

from engine.check.report import check
from engine.core.diagnostic import DiagnosticError
from engine.graph import templates
from engine.graph.serialization.encoder import dumps
from engine.graph.serialization.file import parse
from engine.graph.view import routes

NAMES = templates.template_names()


def project(name):
    return parse(templates.read_template(name)).project


def test_a_template_has_no_findings():
    for name in NAMES:
        assert check(project(name)).diagnostics == (), name


def test_a_template_is_written_as_the_program_writes_files():
    for name in NAMES:
        assert dumps(project(name)).encode() == templates.read_template(name)


def test_a_template_reads_from_left_to_right_in_rows_and_no_node_lies_on_another():
    """A wire back to the start of the next row is led there by bends."""
    for drawn in map(project, NAMES):
        at = {node: tuple(view["at"]) for node, view in drawn.view["nodes"].items()}
        assert set(at) == {node.name for node in drawn.graph}
        assert len(set(at.values())) == len(at)
        led_back = {(source, node) for source, node, _ in routes(drawn)}
        for node in drawn.graph:
            for source in node.sources():
                (left, top), (x, y) = at[source], at[node.name]
                assert left < x or (y > top and (source, node.name) in led_back)


def test_each_template_says_what_it_is():
    assert all(templates.template_summary(name) for name in NAMES)


def test_an_unknown_template_is_refused_with_the_nearest():
    with pytest.raises(DiagnosticError) as refused:
        templates.read_template("post")
    (found,) = refused.value.diagnostics
    assert (found.code, found.fixes[0].text) == ("template-unknown", "Use posts.")
