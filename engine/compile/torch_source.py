"""Writes a plan as one readable PyTorch file that needs nothing but torch."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterator, Mapping
from textwrap import wrap

from engine.compile.line_wrap import WIDTH, fitted
from engine.compile.nn_extras_source import Import, import_lines, known_names, paste, pieces
from engine.compile.plan import Plan, PlanHead, Step
from engine.compile.recorder import Written, WrittenModules, text
from engine.core.tensor_spec import TensorSpec
from engine.layers.activation import bend

_TORCH = Written("torch")
_LOGITS = '"""Return what the losses see: no softmax or sigmoid where a loss takes logits."""'
# A file called so would be imported in place of what it imports itself.
_MODULES = ("torch", "safetensors", "numpy", "math", "typing", "collections")


def torch_source(plan: Plan, name: str = "Network", title: str = "") -> str:
    """Return the network as Python source.

    Args:
        plan: what to write.
        name: the network's name; its class gets it in Python's spelling.
        title: what stands in the file's docstring, after the class name.

    Returns:
        A module with one class: `forward` answers predictions by output name, `logits` the tensors
        that the losses see, where an activation is folded into its loss.
    """
    nn = WrittenModules(frozenset(pieces()))
    built = list(_builds(plan, nn))
    work = [line for step in plan.steps for line in _step_lines(plan, step)]
    imports, extras = paste(nn.used)
    class_name = class_case(name)
    lines = [
        *_quoted(title or f"{class_name}: a network written by Layerloom."),
        "",
        *import_lines(imports | {Import("torch"), Import("torch", "nn")}),
        "",
        *(line for source in extras for line in ("", *source.splitlines(), "")),
        "",
        f"class {class_name}(nn.Module):",
        *_indent(_docstring(plan)),
        "",
        "    def __init__(self):",
        "        super().__init__()",
        *_fitted(_indent(built, 8)),
        "",
        *_fitted(_indent(_forward(plan, work))),
    ]
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines)) + "\n"


def _fitted(lines: Iterator[str]) -> Iterator[str]:
    return (part for line in lines for part in fitted(line))


def _quoted(title: str) -> Iterator[str]:
    """Write a docstring. Whatever its text holds, such as labels of a table, stays text."""
    plain = "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in title)
    safe = plain.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    first, *rest = safe.split("\n")
    if not rest:
        yield f'"""{first}"""'
        return
    yield f'"""{first}'
    for line in rest:
        yield from wrap(line, WIDTH, subsequent_indent="    ") or [""]
    yield '"""'


def module_name(name: str) -> str:
    """Return a name as that of a file that can be imported: "my net", "my_net"."""
    plain = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")
    fit = plain.isidentifier() and not keyword.iskeyword(plain) and plain not in _MODULES
    return plain if fit else f"network_{plain}".rstrip("_")


def class_case(name: str) -> str:
    """Return a name as a class name: "question-answering", "QuestionAnswering"."""
    parts = [part for part in re.split(r"[^A-Za-z0-9]+|_", name) if part]
    joined = "".join(part[0].upper() + part[1:] for part in parts) or "Network"
    taken = joined in known_names() or hasattr(builtins, joined) or keyword.iskeyword(joined)
    return f"Network{joined}" if taken or joined[0].isdigit() else joined


def _docstring(plan: Plan) -> list[str]:
    takes = [f"    {i.var}: {_shape(i.spec)} {i.spec.dtype}" for i in plan.inputs]
    gives = [f"    {head.head.name}: {_shape(head.head.spec)}" for head in plan.heads]
    return ['"""Takes', *takes, "and answers a dict of", *gives, '"""']


def _shape(spec: TensorSpec) -> str:
    return str(spec)


def _builds(plan: Plan, nn: WrittenModules) -> Iterator[str]:
    for step in plan.steps:
        if step.owns_module:
            assert step.layer.build is not None
            yield f"self.{plan.attributes[step.owner]} = {text(step.layer.build(nn, *step.specs))}"


def _step_lines(plan: Plan, step: Step) -> Iterator[str]:
    """Write one step: its mask, its call, its activation."""
    said: list[str] = []
    answer = _call(plan, step, said)
    yield from said
    if isinstance(answer, Mapping):
        # The main output comes last, since it takes the name of the answer it is cut from.
        for name, value in reversed(list(answer.items())):
            yield f"{step.outs[name]} = {text(value)}"
    elif step.raw and step.raw != step.out:
        yield f"{step.raw} = {text(answer)}"
        yield f"{step.out} = {text(bend(_TORCH, step.curve, Written(step.raw)))}"
    else:
        yield f"{step.out} = {text(bend(_TORCH, step.curve, answer))}"
    if step.mask:
        inputs = [Written(var) for var in step.inputs if var]
        masks = tuple(Written(mask) if mask else None for mask in step.masks)
        yield f"{step.mask} = {text(step.layer.mask_of(_TORCH, *inputs, masks=masks))}"


def _call(plan: Plan, step: Step, said: list[str]) -> Written | Mapping[str, Written]:
    def remember(call: str) -> Written:
        """Give a module's answer a name, so that several outputs can be taken from it."""
        said.append(f"{step.out} = {call}")
        return Written(step.out)

    several = len(step.outs) > 1
    module = Written(f"self.{plan.attributes[step.owner]}", on_call=remember if several else None)
    inputs = [Written(var) if var else None for var in step.inputs]
    known = {}
    if step.layer.mask_rule == "use":
        masks = tuple(Written(mask) if mask else None for mask in step.masks)
        known["mask"] = masks if step.layer.takes_several() else masks[0]
    args = [module, *inputs] if step.layer.build else inputs
    answer: Written | Mapping[str, Written] = step.layer.call(_TORCH, *args, **known)
    return answer


def _forward(plan: Plan, work: list[str]) -> Iterator[str]:
    arguments = ", ".join(["self", *(i.var for i in plan.inputs)])
    folded = any(head.head.fold for head in plan.heads)
    yield f"def {'logits' if folded else 'forward'}({arguments}):"
    if folded:
        yield f"    {_LOGITS}"
    yield from _indent(work)
    yield from _indent(_answer({head.head.name: head.var for head in plan.heads}))
    if folded:
        yield ""
        yield f"def forward({arguments}):"
        yield f"    raw = self.logits({', '.join(i.var for i in plan.inputs)})"
        yield from _indent(_answer({head.head.name: _activated(head) for head in plan.heads}))


def _activated(head: PlanHead) -> str:
    raw = Written(f'raw["{head.head.name}"]')
    return text(bend(_TORCH, head.head.activation, raw) if head.head.fold else raw)


def _answer(values: Mapping[str, str]) -> list[str]:
    short = "return {" + ", ".join(f'"{name}": {value}' for name, value in values.items()) + "}"
    if len(short) <= 84:
        return [short]
    return ["return {", *(f'    "{name}": {value},' for name, value in values.items()), "}"]


def _indent(lines: list[str] | Iterator[str], by: int = 4) -> Iterator[str]:
    for line in lines:
        yield " " * by + line if line else line
