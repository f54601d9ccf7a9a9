"""The ear of the tests of hostile files hears; else its silence would say nothing."""

from pathlib import Path

from tests.engine.data.hostile import EAR, harm_of_opening


def test_what_must_not_happen_is_heard(tmp_path):
    EAR.heard.clear()
    EAR.open = True
    compile("1", "", "eval")
    EAR.open = False
    assert EAR.heard == ["compile"]
    assert harm_of_opening([tmp_path / "nothing.csv", Path("/dev/null")]) == []
