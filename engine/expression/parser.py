"""The parser of expressions. Source: Pratt 1973, Top down operator precedence.

The grammar is the part of Python's that computes with tensors: numbers, names, operators, calls
with keywords, lists and tuples, slices between brackets. Each construct becomes one node.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice

from engine.expression.errors import expression_error
from engine.expression.syntax import Call, Ellipsis, Index, Items, Literal, Name, Node, Slice, Span
from engine.expression.tokens import Token, tokenize

MAX_TOKENS = 400  # of a text: numbers, names, operators and brackets
MAX_DEPTH = 60  # of brackets and operators inside each other
CONSTANTS = {"True": True, "False": False, "None": None, "pi": math.pi, "newaxis": None}

# The function of each infix operator and how tightly it binds, as in Python.
_INFIX = {
    "<": ("less", 10), "<=": ("less_equal", 10), ">": ("greater", 10),
    ">=": ("greater_equal", 10), "==": ("equal", 10), "!=": ("not_equal", 10),
    "|": ("logical_or", 20), "&": ("logical_and", 30),
    "+": ("add", 40), "-": ("subtract", 40),
    "*": ("multiply", 50), "/": ("divide", 50), "//": ("floor_divide", 50), "%": ("mod", 50),
    "@": ("matmul", 50), "**": ("power", 70),
}  # fmt: skip
_COMPARISON = _INFIX["<"][1]
_PREFIX = {"-": ("negative", 60), "~": ("logical_not", 60), "+": (None, 60)}
_OPERAND = "a number, a name, a function or an opening bracket"


@lru_cache(1024)
def parse(text: str) -> Node:
    """Return the syntax tree of an expression.

    Raises:
        LayerError: the text is empty, too long or not an expression.
    """
    tokens = tuple(islice(tokenize(text), MAX_TOKENS + 1))
    if len(tokens) > MAX_TOKENS:
        raise expression_error(
            "param-invalid",
            f"the expression has more than {MAX_TOKENS} numbers, names and operators",
            tokens[-1].span,
            "Split it into several Expression nodes.",
            found=text[tokens[-1].span.start :][:20],
            expected="the end",
        )
    return _Parser(text, tokens).parse()


class _Parser:
    """Reads the tokens of one text from left to right."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self._text, self._tokens = text, tokens
        self._at, self._depth = 0, 0

    @property
    def _token(self) -> Token:
        return self._tokens[self._at]

    def parse(self) -> Node:
        node = self._expression()
        if self._token.kind != "end":
            raise self._unexpected("an operator or the end")
        return node

    def _expression(self, strength: int = 0) -> Node:
        """Parse an operand, and all operators after it that bind more tightly than `strength`."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._error("the expression is nested too deeply", f"at most {MAX_DEPTH} levels")
        left = self._prefix()
        while (operator := self._token).kind == "operator":
            if operator.text == "[":
                left = self._index(left)
                continue
            function, binding = _INFIX.get(operator.text, ("", -1))
            if binding <= strength:
                break
            self._next()
            right = self._expression(binding - 1 if operator.text == "**" else binding)
            span = Span(left.span.start, right.span.end)
            left = Call(function, (left, right), (), span, operator.span)
            if binding == _COMPARISON and _INFIX.get(self._token.text, ("", 0))[1] == _COMPARISON:
                raise self._error("comparisons can't be chained", "& between two comparisons")
        self._depth -= 1
        return left

    def _prefix(self) -> Node:
        """Parse an operand: a literal, a name, a call, brackets or a signed operand."""
        token = self._next()
        if token.kind == "number":
            return self._number(token)
        if token.kind == "text":
            return Literal(token.text, token.span)
        if token.kind == "name":
            if self._token.text == "(":
                return self._call(token)
            if token.text in CONSTANTS:
                return Literal(CONSTANTS[token.text], token.span)
            return Name(token.text, token.span)
        if token.text in _PREFIX:
            return self._signed(token)
        if token.text in ("(", "["):
            return self._brackets(token)
        raise self._unexpected(_OPERAND, token)

    def _number(self, token: Token) -> Literal:
        is_integer = token.text.isdecimal()
        value = int(token.text) if is_integer and len(token.text) < 16 else float(token.text)
        if math.isinf(value):
            raise expression_error(
                "param-invalid", "the number is too large", token.span,
                "Write a smaller number.", found=token.text, expected="less than 1e308",
            )  # fmt: skip
        return Literal(value, token.span)

    def _signed(self, sign: Token) -> Node:
        function, binding = _PREFIX[sign.text]
        operand = self._expression(binding)
        span = Span(sign.span.start, operand.span.end)
        if function is None:
            return operand
        is_number = isinstance(operand, Literal) and type(operand.value) in (int, float)
        if function == "negative" and is_number:
            assert isinstance(operand, Literal)
            return Literal(-operand.value, span)  # type: ignore[operator]  # it is a number
        return Call(function, (operand,), (), span, sign.span)

    def _brackets(self, opening: Token) -> Node:
        """Parse a tuple, a list, or an expression between parentheses."""
        closing = ")" if opening.text == "(" else "]"
        items, has_comma = self._items(closing)
        span = Span(opening.span.start, self._tokens[self._at - 1].span.end)
        if opening.text == "(" and len(items) == 1 and not has_comma:
            return items[0]
        return Items(tuple(items), span)

    def _items(self, closing: str) -> tuple[list[Node], bool]:
        """Parse items up to the closing bracket; return whether there is a comma, too."""
        items: list[Node] = []
        has_comma = False
        while not self._skip(closing):
            items.append(self._expression())
            if not self._skip(","):
                self._expect(closing, f"a comma or {closing!r}")
                break
            has_comma = True
        return items, has_comma

    def _call(self, name: Token) -> Call:
        self._expect("(", "'('")
        arguments: list[Node] = []
        keywords: list[tuple[str, Node]] = []
        while not self._skip(")"):
            if self._token.kind == "name" and self._tokens[self._at + 1].text == "=":
                keyword = self._next().text
                self._next()
                keywords.append((keyword, self._expression()))
            elif keywords:
                raise self._unexpected("keyword=value, since a keyword comes before")
            else:
                arguments.append(self._expression())
            if not self._skip(","):
                self._expect(")", "a comma or ')'")
                break
        span = Span(name.span.start, self._tokens[self._at - 1].span.end)
        return Call(name.text, tuple(arguments), tuple(keywords), span, name.span)

    def _index(self, operand: Node) -> Index:
        self._expect("[", "'['")
        entries = [self._entry()]
        while self._skip(","):
            entries.append(self._entry())
        self._expect("]", "a comma or ']'")
        end = self._tokens[self._at - 1].span.end
        return Index(operand, tuple(entries), Span(operand.span.start, end))

    def _entry(self) -> Slice | Ellipsis | Literal:
        """Parse one entry between the brackets of an index."""
        first = self._token.span
        if self._skip("..."):
            return Ellipsis(first)
        if self._token.text in ("None", "newaxis"):
            self._next()
            return Literal(None, first)
        parts: list[int | None] = [self._integer()]
        while len(parts) < 3 and self._skip(":"):
            parts.append(self._integer())
        span = Span(first.start, max(first.end, self._tokens[self._at - 1].span.end))
        if len(parts) > 1:
            start, stop, step = (*parts, None)[:3]
            return Slice(start, stop, step, span)
        if parts[0] is None:
            raise self._unexpected("an integer, a slice such as 1:3, ... or None")
        return Literal(parts[0], span)

    def _integer(self) -> int | None:
        sign = -1 if self._skip("-") else 1
        if self._token.kind == "number" and self._token.text.isdecimal():
            return sign * int(self._next().text)
        if sign < 0:
            raise self._unexpected("an integer")
        return None

    def _next(self) -> Token:
        token = self._token
        if token.kind != "end":
            self._at += 1
        return token

    def _skip(self, operator: str) -> bool:
        is_found = self._token.kind == "operator" and self._token.text == operator
        self._at += is_found
        return is_found

    def _expect(self, operator: str, expected: str) -> None:
        if not self._skip(operator):
            raise self._unexpected(expected)

    def _unexpected(self, expected: str, token: Token | None = None) -> Exception:
        """Return the error for a token, by default the next one."""
        token = token or self._token
        if not self._text.strip():
            return self._error("the expression is empty", expected, token)
        return self._error(f"{self._source(token)} can't stand here", expected, token)

    def _error(self, message: str, expected: str, token: Token | None = None) -> Exception:
        token = token or self._token
        return expression_error(
            "param-invalid", message, token.span, f"Write {expected} here.",
            found=self._source(token), expected=expected,
        )  # fmt: skip

    def _source(self, token: Token) -> str:
        text = self._text[token.span.start : token.span.end]
        return "the end" if token.kind == "end" else repr(text)
