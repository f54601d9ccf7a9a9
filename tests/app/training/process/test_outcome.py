"""Every end of a process has words, whatever the process said."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.training.process.outcome import process_outcome
from engine.core.diagnostic import Diagnostic, Fix
from engine.events import RunFailed, RunFinished, RunStopped

FOUND = Diagnostic(
    "data-not-found", "there is no data", node="age", found="nothing", expected="rows",
    fixes=(Fix("Look again."), Fix("Name it.", {"do": "rename", "node": "age", "name": "b"})),
)  # fmt: skip
REFUSAL = json.dumps({"ok": False, "diagnostics": [FOUND.to_dict()]}).encode()


@pytest.mark.parametrize(
    ("code", "ended", "answer", "asked", "kind", "words"),
    [
        (0, RunFinished(step=9, reason="all epochs are done"), b"", "", "completed", "9 steps"),
        (143, RunStopped(step=9), b"", "stop", "stopped", "Stopped after step 9"),
        (66, None, REFUSAL, "", "not-started", "age: there is no data"),
        (78, RunFailed(step=3, code="x", diagnostic=FOUND.to_dict()), b"", "", "failed", "age: "),
        (-9, None, b"", "", "crashed", "SIGKILL"),
        (-11, None, b"", "", "crashed", "SIGSEGV"),
        (1, None, b"no JSON", "", "crashed", "exit code 1. Last log line: Oh."),
        (-15, None, b"", "stop", "stopped", "before the first step"),
        (-9, None, b"", "kill", "stopped", "at once"),
        (-9, None, b"", "stop", "crashed", "SIGKILL"),
        (-99, None, b"", "", "crashed", "signal 99"),
    ],
)  # fmt: skip
def test_each_end_is_told_apart(code, ended, answer, asked, kind, words):
    outcome = process_outcome(code, ended, answer, "Oh.", asked)
    assert outcome.kind == kind
    assert words in outcome.text


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_answer_raises(answer):
    process_outcome(70, None, answer, "")
