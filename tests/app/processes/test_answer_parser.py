"""Whatever a command answers is understood, or passed over."""

import json

from hypothesis import given
from hypothesis import strategies as st

from app.processes.answer_parser import answer_in, diagnostic_from, diagnostics_in
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
    assert diagnostics_in(answer) == [FOUND]


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_answer_raises(answer):
    assert isinstance(answer_in(answer), dict)
    assert isinstance(diagnostics_in(answer), list)


@given(NEAR | JSON)
def test_nothing_that_looks_like_a_finding_raises(plain):
    found = diagnostic_from(plain)
    assert found is None or isinstance(found.message, str)
