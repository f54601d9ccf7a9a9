"""Diagnostics: what is wrong, where, and how to fix it, for terminal, window and event stream."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from engine.core.affected_rows import AffectedRows
from engine.core.codes import CODES

Severity = Literal["error", "warning", "info"]
Json = Any  # what json.loads returns; a recursive alias would force casts everywhere
Edit = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Fix:
    """A suggested fix: a sentence, and an edit if it can be applied automatically.

    Args:
        text: an imperative sentence with the value to type.
        edit: `{"do": <name of a function in engine.graph.edits>, ...arguments}`, or None. A layer's
            own fix may omit the argument `node`; the check adds this argument.
    """

    text: str
    edit: Edit | None = None

    def at_node(self, node: str) -> Fix:
        """Return this fix with the argument `node` added to its edit, unless the edit has one."""
        if self.edit is None:
            return self
        return Fix(self.text, {"do": self.edit["do"], "node": node, **self.edit})


def set_params_fix(text: str, **params: Json) -> Fix:
    """Return a fix: the sentence `text`, and an edit that sets the fields `params` of a node."""
    return Fix(text, {"do": "set_params", "params": params})


def set_recipe_fix(text: str, **fields: Json) -> Fix:
    """Return a fix: the sentence `text`, and an edit that sets these fields of the recipe."""
    return Fix(text, {"do": "set_recipe", "fields": fields})


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """An error, a warning or an info. A user's mistake gives a diagnostic, never a traceback.

    Args:
        code: a key of `engine.core.codes.CODES`; it never changes its meaning.
        message: what is wrong, one sentence that does not begin with the node's name.
        severity: "error", "warning" or "info"; only an error prevents training.
        node, port, param: the location in the graph, as far as known.
        place: a location outside the graph: "line 3, column 9", or "column age, row 17".
        found, expected: the actual and the required value, as a user would write them.
        why: the chain of causes if it is not obvious, else "".
        fixes: suggested fixes, the most likely one first.
        rows: the affected rows of a table. `message` ends with their number; `place` and `found`
            name them, too.
    """

    code: str
    message: str
    severity: Severity = "error"
    node: str | None = None
    port: str | None = None
    param: str | None = None
    place: str | None = None
    found: str = ""
    expected: str = ""
    why: str = ""
    fixes: tuple[Fix, ...] = ()
    rows: AffectedRows | None = None

    def __post_init__(self) -> None:
        assert self.code in CODES, f"no entry for code {self.code!r} in engine.core.codes"

    @classmethod
    def error(cls, code: str, message: str, *fixes: Fix | str, **fields: Any) -> Diagnostic:
        """Return an error. A fix may be given as text; `fields` are those of the class.

        The place ends with the affected rows, which `fields` gives apart from it.
        """
        if rows := fields.get("rows"):
            fields["place"] = ", ".join(filter(None, (fields.get("place"), str(rows))))
        all_fixes = tuple(Fix(fix) if isinstance(fix, str) else fix for fix in fixes)
        return cls(code, message, fixes=all_fixes, **fields)

    @classmethod
    def warning(cls, code: str, message: str, *fixes: Fix | str, **fields: Any) -> Diagnostic:
        """Return a warning, with the arguments of `error`."""
        return cls.error(code, message, *fixes, severity="warning", **fields)

    @classmethod
    def info(cls, code: str, message: str, *fixes: Fix | str, **fields: Any) -> Diagnostic:
        """Return an info, with the arguments of `error`."""
        return cls.error(code, message, *fixes, severity="info", **fields)

    @property
    def is_error(self) -> bool:
        """True if the severity is "error", which prevents training."""
        return self.severity == "error"

    def at_node(self, node: str) -> Diagnostic:
        """Return a copy located at `node`. In its fixes, edits that name no node get `node`."""
        return replace(self, node=node, fixes=tuple(fix.at_node(node) for fix in self.fixes))

    def at_place(
        self, place: str, convert: Callable[[Edit], Edit | None] = lambda edit: None
    ) -> Diagnostic:
        """Return a copy located at `place`; `convert` maps the edit of each fix, or drops it."""
        fixes = (Fix(fix.text, fix.edit and convert(fix.edit)) for fix in self.fixes)
        return replace(self, place=place, fixes=tuple(fixes))

    def with_rows(self, rows: AffectedRows) -> Diagnostic:
        """Return a copy about other rows, with their number and numbers in its texts."""
        if self.rows is None:
            return self
        message = _replace_last(self.message, self.rows.count_text, rows.count_text)
        place = _replace_last(self.place or "", str(self.rows), str(rows))
        found = _replace_last(self.found, self.rows.first_text, rows.first_text)
        found = _replace_last(found, self.rows.length_text, rows.length_text)
        return replace(self, message=message, place=place or None, found=found, rows=rows)

    def without_rows(self) -> Diagnostic:
        """Return a copy that tells neither which nor how many rows are affected."""
        if self.rows is None:
            return self
        count = self.rows.count_text
        message = self.message.removesuffix(f": {count}").removesuffix(f" in {count}")
        place = (self.place or "").removesuffix(str(self.rows)).removesuffix(", ")
        found = _replace_last(self.found, f" {self.rows.first_text}", "")
        return replace(self, message=message, place=place or None, found=found, rows=None)

    def lines(self) -> list[str]:
        """Return lines of text: a headline, then indented lines "where", "found", "expected" …"""
        subject = f"{self.node}: " if self.node else ""
        text = [f"{self.severity}[{self.code}] {subject}{self.message}"]
        port = f'input "{self.port}"' if self.port else ""
        param = f'"{self.param}"' if self.param else ""
        where = ", ".join(filter(None, (port, param, self.place)))
        parts = {"where": where, "found": self.found, "expected": self.expected, "why": self.why}
        text += [f"  {head + ':':<10}{body}" for head, body in parts.items() if body]
        for number, fix in enumerate(self.fixes, 1):
            text.append(f"  {'fix:' if number == 1 else '':<10}{number}. {fix.text}")
        return text

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def to_dict(self) -> dict[str, Json]:
        """Return the diagnostic as plain JSON without empty fields and without `rows`."""
        fields = {name: value for name, value in asdict(replace(self, rows=None)).items() if value}
        if self.fixes:
            fields["fixes"] = [
                {"text": fix.text, **({"edit": dict(fix.edit)} if fix.edit else {})}
                for fix in self.fixes
            ]
        return fields


def _replace_last(text: str, old: str, new: str) -> str:
    return new.join(text.rsplit(old, 1))


def diagnostic_from_dict(plain: Mapping[str, Any]) -> Diagnostic:
    """Return the diagnostic that `Diagnostic.to_dict` turned into plain JSON."""
    fields = {key: value for key, value in plain.items() if key != "fixes"}
    fixes = tuple(Fix(fix["text"], fix.get("edit")) for fix in plain.get("fixes", ()))
    return Diagnostic(**fields, fixes=fixes)


class DiagnosticError(Exception):
    """An error with one or more diagnostics; the command line and the window show them."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("\n".join(str(diagnostic) for diagnostic in diagnostics))
        self.diagnostics = diagnostics


class LayerError(DiagnosticError):
    """The error of a layer's `infer` for invalid inputs; the check adds the node's name to it."""


def diagnostic_error(code: str, message: str, *fixes: Fix | str, **fields: Any) -> DiagnosticError:
    """Return the error with a single diagnostic; for the arguments see `Diagnostic.error`."""
    return DiagnosticError(Diagnostic.error(code, message, *fixes, **fields))


def require(
    condition: bool,
    code: str,
    message: str,
    *fixes: Fix | str,
    param: str | None = None,
    port: str | None = None,
    found: object = "",
    expected: str = "",
) -> None:
    """Raise a LayerError unless `condition` is true; for use in a layer's `infer`.

    The other arguments are fields of its `Diagnostic`; a fix may be given as text.
    """
    if not condition:
        raise layer_error(
            code, message, *fixes, param=param, port=port, found=found, expected=expected
        )


def layer_error(
    code: str, message: str, *fixes: Fix | str, found: object = "", **fields: Any
) -> LayerError:
    """Return the LayerError that `require` raises, for texts that take long to make."""
    return LayerError(Diagnostic.error(code, message, *fixes, found=str(found), **fields))


def only_errors(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the diagnostics that are errors."""
    return [diagnostic for diagnostic in diagnostics if diagnostic.is_error]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return "did you mean 'x'?" for the closest known word, or an empty string."""
    nearest = nearest_word(word, known)
    return f"did you mean {nearest!r}?" if nearest else ""


def nearest_word(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the known word closest to `word`, or None if none is close."""
    by_lower = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=cutoff)
    return by_lower[close[0]] if close else None


def nearest_kind(word: str, known: Iterable[str]) -> str | None:
    """Return the known type of which `word` is a misspelling, or None.

    Why: similar names of types may be different things, such as Conv3D and Conv2D.
    """
    digits = _digits(word)
    return nearest_word(word, [name for name in known if _digits(name) == digits], cutoff=0.8)


def _digits(word: str) -> list[str]:
    return [char for char in word if char.isdecimal()]
