"""Whatever a command answers is understood, or passed over."""

import json

from hypothesis import given
from hypothesis import strategies as st

from app.processes.output_parser import parse_diagnostic, parse_diagnostics, parse_output
from engine.core.diagnostic import Diagnostic, Fix

FOUND = Diagnostic(
    "data-not-found", "there is no data", node="age", found="nothing", expected="rows",
    fixes=(Fix("Look again."), Fix("Name it.", {"do": "rename", "node": "age", "name": "b"})),
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
NEAR = st.fixed_dictionaries(
    {"code": st.sampled_from(["internal", "usage", "none"]) | JSON, "message": st.text() | JSON},
    optional={"fixes": JSON, "node": JSON, "severity": JSON, "found": JSON, "more": JSON},
)


def test_a_finding_survives_the_way_through_json():
    answer = json.dumps({"ok": False, "diagnostics": [FOUND.to_dict()]}).encode()
    assert parse_diagnostics(answer) == [FOUND]


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_answer_raises(answer):
    assert isinstance(parse_output(answer), dict)
    assert isinstance(parse_diagnostics(answer), list)


@given(NEAR | JSON)
def test_nothing_that_looks_like_a_finding_raises(plain):
    found = parse_diagnostic(plain)
    assert found is None or isinstance(found.message, str)
