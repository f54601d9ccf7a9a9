"""What is wrong, where, and how to mend it: one value for terminal, window and event stream."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from engine.core.codes import CODES

Severity = Literal["error", "warning", "info"]
Json = Any  # what json.loads returns; a recursive alias would cost more than it tells


@dataclass(frozen=True, slots=True)
class Fix:
    """One way out, in a person's words, and as an edit where a machine can do it.

    Args:
        text: an imperative sentence with the value to type.
        edit: `{"do": <name of a function in engine.graph.edits.node_edits>, ...arguments}`, or None. The
            argument `node` may be left out in a layer's own fix; the check fills it in.
    """

    text: str
    edit: Mapping[str, Json] | None = None

    def at(self, node: str) -> Fix:
        """Return the same fix, aimed at `node` unless it names one already."""
        if self.edit is None:
            return self
        return Fix(self.text, {"do": self.edit["do"], "node": node, **self.edit})


def set_param(text: str, **params: Json) -> Fix:
    """Return a fix that sets parameters of the node at fault."""
    return Fix(text, {"do": "set_params", "params": params})


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. A user's mistake is always one of these, never a traceback.

    Args:
        code: a key of `engine.core.codes.CODES`; it never changes meaning.
        message: what is wrong, one sentence without the node's name in front.
        node, port, param: where in the graph, as far as known.
        place: where outside the graph: "line 3, column 9", or "column age, row 17".
        found, expected: the actual value and the needed one, as a person would write them.
        why: the chain of causes, where it is not obvious.
        fixes: most likely first.
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

    def __post_init__(self) -> None:
        assert self.code in CODES, f"no entry for code {self.code!r} in engine.core.codes"

    @property
    def is_error(self) -> bool:
        """True if nothing may be trained while this stands."""
        return self.severity == "error"

    def at(self, node: str) -> Diagnostic:
        """Return the same finding pinned to `node`, its fixes aimed there too."""
        return replace(self, node=node, fixes=tuple(fix.at(node) for fix in self.fixes))

    def lines(self) -> list[str]:
        """Return the finding as text: a headline, then indented where, found, expected, fixes."""
        subject = f"{self.node}: " if self.node else ""
        text = [f"{self.severity}[{self.code}] {subject}{self.message}"]
        where = ", ".join(
            part
            for part in (
                f'input "{self.port}"' if self.port else "",
                f'"{self.param}"' if self.param else "",
                self.place or "",
            )
            if part
        )
        for head, body in (
            ("where", where),
            ("found", self.found),
            ("expected", self.expected),
            ("why", self.why),
        ):
            if body:
                text.append(f"  {head + ':':<10}{body}")
        for number, fix in enumerate(self.fixes, 1):
            text.append(f"  {'fix:' if number == 1 else '':<10}{number}. {fix.text}")
        return text

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def to_dict(self) -> dict[str, Json]:
        """Return the finding as plain JSON, empty fields left out."""
        fields = {name: value for name, value in asdict(self).items() if value}
        if self.fixes:
            fields["fixes"] = [
                {"text": fix.text, **({"edit": dict(fix.edit)} if fix.edit else {})}
                for fix in self.fixes
            ]
        return fields


def diagnostic_of(plain: Mapping[str, Any]) -> Diagnostic:
    """Return the diagnostic that `Diagnostic.to_dict` wrote, as events carry it."""
    fields = {key: value for key, value in plain.items() if key != "fixes"}
    fixes = tuple(Fix(fix["text"], fix.get("edit")) for fix in plain.get("fixes", ()))
    return Diagnostic(**fields, fixes=fixes)


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a fault of the program
    """Carries diagnostics across calls that can't go on; the border shows them and stops."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("\n".join(str(found) for found in diagnostics))
        self.diagnostics = diagnostics


class LayerError(Refused):
    """A layer can't take what is wired to it. Raised by `infer`; the check names the node."""


def require(
    fits: bool,
    code: str,
    message: str,
    *fixes: Fix | str,
    param: str | None = None,
    port: str | None = None,
    found: object = "",
    expected: str = "",
) -> None:
    """Raise a LayerError unless `fits`; to be called from a layer's `infer`."""
    if not fits:
        raise LayerError(
            Diagnostic(
                code,
                message,
                param=param,
                port=port,
                found=str(found),
                expected=expected,
                fixes=tuple(Fix(fix) if isinstance(fix, str) else fix for fix in fixes),
            )
        )


def errors(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return only those findings that stop a training."""
    return [found for found in diagnostics if found.is_error]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return "did you mean 'x'?" for the nearest known word, or the empty string."""
    nearest = nearest_word(word, known)
    return f"did you mean {nearest!r}?" if nearest else ""


def nearest_word(word: str, known: Iterable[str]) -> str | None:
    """Return the known word closest to `word`, or None if none is close."""
    by_lower = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[close[0]] if close else None
