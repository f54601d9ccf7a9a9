"""Reading is total: any bytes give a project or a refusal. Writing loses nothing."""

import json
import os
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.codes.file import CODES
from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.graph.edits import field_edits, node_edits
from engine.graph.model import Graph, Node, Project
from engine.graph.serialization import file
from engine.graph.serialization.json_positions import JsonToken, token_text
from engine.graph.serialization.json_reader import _first_error, _token_error
from tests.strategies import projects, texts, values
from tests.tiers import noted

EXAMPLE = """\
{
 "format": "layerloom", "version": 1,
 "graph": {"nodes": [
  {"name": "posts", "kind": "Input", "params": {"shape": [null], "dtype": "int32"}},
  {"name": "words", "kind": "Embedding", "inputs": {"x": "posts"}, \
"params": {"input_dim": 50000, "output_dim": 256}},
  {"name": "mean", "kind": "GlobalAveragePooling1D", "inputs": {"x": "words"}},
  {"name": "years", "kind": "Dense", "inputs": {"x": "mean"}, "params": {"units": 1}},
  {"name": "age", "kind": "Output", "inputs": {"x": "years"}, \
"params": {"loss": "mse", "loss_weight": 0.25, "metrics": ["mae"], "unit": "years"}}
 ]},
 "recipe": {"optimizer": {"kind": "RMSprop"}, "epochs": 10, "batch_size": 64, "seed": 1},
 "data": {"inputs": {"posts": {"column": "post"}}, "targets": {"age": {"column": "age"}}},
 "view": {"nodes": {"posts": {"at": [0, 0]}}, "frames": [], "routes": []}
}
"""


def refused(data: bytes | str) -> Diagnostic:
    with pytest.raises(DiagnosticError) as refusal:
        file.parse(data.encode() if isinstance(data, str) else data)
    (found,) = refusal.value.diagnostics
    assert found.is_error
    assert found.found
    assert found.fixes
    str(found).encode()
    assert all(char.isprintable() or char == "\n" for char in str(found))
    return found


def frame(nodes: str = "[]", **more: Any) -> str:
    rest = "".join(f", {json.dumps(key)}: {json.dumps(value)}" for key, value in more.items())
    return f'{{"format": "layerloom", "version": 1, "graph": {{"nodes": {nodes}}}{rest}}}'


def node(**keys: str) -> str:
    said = {"name": '"a"', "kind": '"Dense"', **keys}
    return "[{" + ", ".join(f'"{key}": {value}' for key, value in said.items()) + "}]"


def test_the_example_is_written_as_the_design_shows_it() -> None:
    loaded = file.parse(EXAMPLE.encode())
    assert not loaded.diagnostics
    assert file.dumps(loaded.project) == EXAMPLE


@settings(deadline=None)
@given(projects())
def test_same_document_same_bytes_and_nothing_lost(project: Project) -> None:
    text = file.dumps(project)
    loaded = file.parse(text.encode())
    assert loaded.project == project
    assert file.dumps(loaded.project) == text
    assert text.endswith("}\n")
    assert "\r" not in text.replace("\\r", "")
    assert all(found.severity == "info" for found in loaded.diagnostics)


def test_numbers_keep_their_kind() -> None:
    said = '{"a": 1, "b": 1.0, "c": true, "d": 1e-07, "e": null, "f": 0.1}'
    assert said in file.dumps(file.parse(frame(node(params=said)).encode()).project)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), texts, values), min_size=1, max_size=4), values)
def test_what_newer_versions_wrote_survives(strange: list[tuple[int, str, Any]], param: Any):
    """Unknown kinds, keys and parameters, anywhere in the frame, are JSON-equal after a save."""
    said = json.loads(EXAMPLE)
    nodes = said["graph"]["nodes"]
    places = [said, said["graph"], said["recipe"], said["data"], said["view"], *nodes]
    for place, key, value in strange:
        places[place][f"new {key}"] = value
    nodes[-1]["params"]["new"] = param
    nodes.append({"name": "future", "kind": "Quantum", "mood": 1})
    loaded = file.parse(json.dumps(said).encode())
    assert json.loads(file.dumps(loaded.project)) == said
    assert {"key-unknown"} == {found.code for found in loaded.diagnostics}


def test_a_line_holds_a_node_and_moving_one_touches_one_line() -> None:
    project = Project()
    for _ in range(9):
        project = node_edits.add_node(project, "Dense", at=(10, 20))
    before = file.dumps(project).splitlines()
    after = file.dumps(field_edits.move(project, {"dense_4": (11, 20)})).splitlines()
    assert sum(line.startswith('  {"name"') for line in before) == 9
    assert [a for a, b in zip(before, after, strict=True) if a != b] == [
        '   "dense_4": {"at": [10, 20]},'
    ]


DEEP = "[" * 40 + "]" * 40
HOSTILE = {
    "empty": (b"", "file-empty", "line 1, column 1"),
    "only spaces": (b" \n ", "file-empty", "line 1, column 1"),
    "zeros after a crash": (b"\0" * 512, "file-empty", "line 1, column 1"),
    "list": (b"[]", "other-format", "line 1, column 1"),
    "null": (b"null", "other-format", "line 1, column 1"),
    "another program": (b'{"nbformat": 4}', "other-format", "line 1, column 1"),
    "another format": (b'{"format": "onnx"}', "other-format", "line 1, column 12, at format"),
    "no version": (b'{"format": "layerloom"}', "other-format", "at version"),
    "true as version": (b'{"format": "layerloom", "version": true}', "other-format", "at version"),
    "newer": (b'{"format": "layerloom",\n "version": 7}', "file-newer", "line 2, column 13"),
    "utf-16": (EXAMPLE.encode("utf-16"), "not-utf8", "line 1, column 1"),
    "bad utf-8": (EXAMPLE.encode().replace(b"mean", b"me\xffn", 1), "not-utf8",
                  "line 6, column 15"),
    "bad utf-8 after a mark": (b"\xef\xbb\xbf{\n\xff", "not-utf8", "line 2, column 1"),
    "cut off": (EXAMPLE[:-5].encode(), "not-json", "line 12"),
    "comma too much": (b'{"a": 1,}', "not-json", "line 1, column"),
    "text behind": (frame() + "x", "not-json", "line 1"),
    "raw control": (frame(node(name='"a\x01"')), "not-json", "line 1"),
    "duplicate key": (frame(node(params='{"units": 8, "units": 9}')), "duplicate-key",
                      "graph.nodes[0].params.units"),
    "duplicate key, escaped": ('{"a": 1, "\\u0061": 2}', "duplicate-key", "line 1, column 10"),
    "duplicate key of the frame": ('{"format": "layerloom",\n"format": "layerloom"}',
                                   "duplicate-key", "line 2, column 1"),
    "duplicate name": (frame(node()[:-1] + ", " + node()[1:]), "duplicate-name",
                       "graph.nodes[1].name"),
    "nan": (frame(node(params='{"units": NaN}')), "number-unfit", "graph.nodes[0].params.units"),
    "infinity": (frame(node(params='{"rate": -Infinity}')), "number-unfit", "params.rate"),
    "overflow": (frame(node(params='{"rate": [0, 1e999]}')), "number-unfit", "params.rate[1]"),
    "5000 digits": (frame(node(params='{"units": ' + "9" * 5000 + "}")), "number-unfit",
                    "params.units"),
    "20 digits": (frame(node(params='{"units": -' + "1" * 20 + "}")), "number-unfit", "units"),
    "half a character": (frame(node(params='{"unit": "\\ud800"}')), "text-unfit", "params.unit"),
    "half a character as key": (frame(node(params='{"\\udfff": 1}')), "text-unfit", "line 1"),
    "deep": (frame(node(params=f'{{"a": {DEEP}}}')), "limit-passed", "params.a[0]"),
    "100000 levels": ("[" * 100_000, "limit-passed", "line 1, column 33"),
    "1000000 levels": ("[" * 1_000_000, "limit-passed", "line 1, column 1"),
    "too many values": ("[" + "0," * 600_000 + "0]", "limit-passed", "line 1, column 1"),
    "too large": (b" " * (32 * 1024 * 1024 + 1), "limit-passed", "line 1, column 1"),
    "6000 nodes": (frame(json.dumps([{"name": f"n{i}", "kind": "Dense"} for i in range(6000)])),
                   "limit-passed", "graph.nodes"),
    "20001 wires": (frame(node(inputs=json.dumps({"xs": ["a"] * 20_001}))), "limit-passed",
                    "graph.nodes[0]"),
    "long name": (frame(node(name=json.dumps("a" * 201))), "limit-passed", "graph.nodes[0].name"),
    "huge name": (frame(node(name=json.dumps("a" * 1_000_000))), "limit-passed", "nodes[0].name"),
    "long port": (frame(node(inputs=json.dumps({"x" * 300: "b"}))), "limit-passed", "inputs"),
    "empty name": (frame(node(name='""')), "name-unfit", "graph.nodes[0].name"),
    "nul in a name": (frame(node(name='"a\\u0000"')), "name-unfit", "graph.nodes[0].name"),
    "bidi in a name": (frame(node(name='"a\u202eb"')), "name-unfit", "graph.nodes[0].name"),
    "unseen in a kind": (frame(node(kind='"De\u200bnse"')), "name-unfit", "graph.nodes[0].kind"),
    "bidi in a wire": (frame(node(inputs='{"x": "\u2066a"}')), "name-unfit", "inputs.x"),
    "no name": (frame('[{"kind": "Dense"}]'), "key-missing", "graph.nodes[0]"),
    "no kind": (frame('[{"name": "a"}]'), "key-missing", "graph.nodes[0]"),
    "description is a list": ('{"format": "layerloom", "version": 1, "description": []}',
                              "wrong-type", "at description"),
    "huge description": (
        json.dumps({"format": "layerloom", "version": 1, "description": "a" * 10_001}),
        "limit-passed", "at description"),
    "graph is a list": ('{"format": "layerloom", "version": 1, "graph": []}', "wrong-type",
                        "at graph"),
    "nodes are an object": (frame("{}"), "wrong-type", "graph.nodes"),
    "node is a text": (frame('["Dense"]'), "wrong-type", "graph.nodes[0]"),
    "name is a number": (frame(node(name="1")), "wrong-type", "graph.nodes[0].name"),
    "kind is null": (frame(node(kind="null")), "wrong-type", "graph.nodes[0].kind"),
    "inputs are a list": (frame(node(inputs='["a"]')), "wrong-type", "graph.nodes[0].inputs"),
    "wire is a number": (frame(node(inputs='{"x": 1}')), "wrong-type", "graph.nodes[0].inputs.x"),
    "wires hold a list": (frame(node(inputs='{"xs": ["a", ["b"]]}')), "wrong-type", "inputs.xs[1]"),
    "params are null": (frame(node(params="null")), "wrong-type", "graph.nodes[0].params"),
    "off is a number": (frame(node(off="1")), "wrong-type", "graph.nodes[0].off"),
    "shares is true": (frame(node(shares="true")), "wrong-type", "graph.nodes[0].shares"),
    "recipe is a text": (frame(recipe="adam"), "wrong-type", "at recipe"),
    "targets are a list": (frame(data={"targets": []}), "wrong-type", "at data.targets"),
    "places are a list": (frame(view={"nodes": [1]}), "wrong-type", "at view.nodes"),
}  # fmt: skip


def test_a_hostile_file_has_its_code_and_place() -> None:
    for case in HOSTILE:
        with noted(case):
            data, code, place = HOSTILE[case]
            found = refused(data)
            assert found.code == code
            assert place in (found.place or "")


def test_every_code_that_refuses_a_text_has_its_case() -> None:
    """Those of the disk are in test_atomic, of templates in theirs; the notes refuse nothing."""
    disk = {
        "file-missing", "file-denied", "file-is-folder", "file-exists", "file-in-the-way",
        "disk-full", "disk-failed",
    }  # fmt: skip
    others = {"file-migrated", "key-unknown", "template-unknown"}
    assert {code for _, code, _ in HOSTILE.values()} == set(CODES) - disk - others


OPENS = {
    "byte order mark": b"\xef\xbb\xbf" + EXAMPLE.encode(),
    "windows line ends": EXAMPLE.replace("\n", "\r\n").encode(),
    "no graph": '{"format": "layerloom", "version": 1}',
    "loop": frame(node(inputs='{"x": "a"}')),
    "unknown kind": frame(node(kind='"Quantum"')),
    "wire from nowhere": frame(node(inputs='{"x": "nowhere"}')),
    "illegal name": frame(node(name='"my conv"')),
    "19 digits": frame(node(params='{"units": 9999999999999999999}')),
    "a whole character in escapes": frame(node(params='{"unit": "\\ud83d\\ude00"}')),
    "escaped backslash": frame(node(params='{"unit": "\\\\ud800"}')),
    "32 levels": frame(node(params='{"a": ' + "[" * 27 + "]" * 27 + "}")),
}  # fmt: skip


def test_what_is_merely_wrong_opens_and_saves() -> None:
    for case in OPENS:
        with noted(case):
            data = OPENS[case]
            project = file.parse(data.encode() if isinstance(data, str) else data).project
            assert file.parse(file.dumps(project).encode()).project == project


def test_a_graph_of_5000_nodes_opens_and_saves() -> None:
    chain = Graph(tuple(Node(f"n{i}", "Dense", {"x": f"n{i - 1}"}) for i in range(5000)))
    text = file.dumps(Project(chain))
    assert file.parse(text.encode()).project.graph == chain


def test_read_and_write(tmp_path: Path) -> None:
    path = tmp_path / "a.loom.json"
    project = file.parse(EXAMPLE.encode()).project
    file.write(path, project)
    assert path.read_bytes() == EXAMPLE.encode()
    assert file.read(path).project == project
    assert [*tmp_path.iterdir()] == [path]


def test_saving_through_a_link_keeps_the_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"")
    link.symlink_to(target)
    file.write(link, Project())
    assert link.is_symlink()
    assert file.read(target).project == Project()


def test_what_could_not_be_opened_again_is_not_saved(tmp_path: Path) -> None:
    path = tmp_path / "a.loom.json"
    file.write(path, Project())
    before = path.read_bytes()
    with pytest.raises(DiagnosticError, match="number-unfit"):
        file.write(path, Project(recipe={"seed": 10**30}))
    assert path.read_bytes() == before


def test_what_can_t_be_read_is_said(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    large = tmp_path / "large"
    with large.open("wb") as sparse:
        sparse.truncate(10**10)
    cases = [
        (tmp_path / "none", "file-missing"),
        (tmp_path, "file-is-folder"),
        (tmp_path / "pipe", "file-is-folder"),
        (tmp_path / "a\0b", "file-missing"),
        (large, "limit-passed"),
    ]
    for path, code in cases:
        with pytest.raises(DiagnosticError) as refusal:
            file.read(path)
        assert refusal.value.diagnostics[0].code == code


def test_a_path_that_no_system_has_is_refused_before_anything_is_written():
    with pytest.raises(DiagnosticError) as refused:
        file.write("a\0b.loom.json", Project())
    assert refused.value.diagnostics[0].code in ("file-missing", "disk-failed", "file-denied")


def test_only_plain_json_is_written():
    node = Node("d", "Dense", params={"a": MappingProxyType({"b": 1})})
    assert '"b": 1' in file.dumps(Project(Graph((node,))))
    with pytest.raises(TypeError, match="not plain JSON"):
        file.dumps(Project(Graph((Node("d", "Dense", params={"a": object()}),))))


def test_a_token_that_writes_no_text_stands_for_itself():
    assert token_text('"a\\u0062"') == "ab"
    assert token_text("nonsense") == "nonsense"


def test_a_reader_that_balks_at_nothing_is_a_defect():
    with pytest.raises(AssertionError, match="every token is valid"):
        _first_error("{}")
    assert _token_error(JsonToken(("a",), 0, "nonsense"), set()) is None
    assert _first_error('{"a": 1e999}').diagnostics[0].code == "number-unfit"


def test_a_description_is_saved_before_the_graph_and_removed_when_empty() -> None:
    start = file.parse(EXAMPLE.encode()).project
    now = field_edits.set_description(start, "Ages of <b>authors</b>\nSecond line")
    lines = file.dumps(now).splitlines()
    assert lines[2] == r' "description": "Ages of <b>authors</b>\nSecond line",'
    assert file.parse(file.dumps(now).encode()).project == now
    assert field_edits.set_description(now, "") == start
    with pytest.raises(ValueError, match="at most 10,000"):
        field_edits.set_description(start, "x" * 10_001)
