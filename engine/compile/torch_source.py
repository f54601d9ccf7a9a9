"""Export of a plan as a PyTorch module in one file that depends only on torch."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterator, Mapping
from textwrap import wrap

from engine.compile.line_wrap import LINE_WIDTH, wrap_line
from engine.compile.nn_extras_source import (
    ImportedName,
    collect_sources,
    definitions,
    import_lines,
    reserved_names,
)
from engine.compile.plan import Plan, PlanHead, Step
from engine.compile.python_values import docstring_text
from engine.compile.recorder import RecordedExpression, RecordedModules, to_source
from engine.layers.activation import apply_activation

Recorded = RecordedExpression | Mapping[str, RecordedExpression]
_TORCH = RecordedExpression("torch")
_LOGITS = '"""Return the inputs of the losses: logits where a loss applies softmax or sigmoid."""'
# A file with such a name would shadow a module that it imports.
_MODULES = ("torch", "safetensors", "numpy", "math", "typing", "collections")


def torch_source(plan: Plan, name: str = "Network", title: str = "") -> str:
    """Return the network as PyTorch source.

    Args:
        name: name of the network, which is converted to a class name.
        title: docstring of the file.

    Returns:
        A module with one class. The method `forward` returns predictions by output name. If a loss
        includes an activation, the method `logits` returns the inputs of the losses.
    """
    nn = RecordedModules(frozenset(definitions()))
    built = list(_builds(plan, nn))
    body = [line for step in plan.steps for line in _step_lines(plan, step)]
    imports, extras = collect_sources(nn.used)
    class_name = to_class_name(name)
    lines = [
        *_module_docstring(title or f"{class_name}: a network exported by Layerloom."),
        "",
        *import_lines(imports | {ImportedName("torch"), ImportedName("torch", "nn")}),
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
        *_fitted(_indent(_forward(plan, body))),
    ]
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines)) + "\n"


def _fitted(lines: Iterator[str]) -> Iterator[str]:
    return (part for line in lines for part in wrap_line(line))


def _module_docstring(title: str) -> Iterator[str]:
    """Yield the lines of a module docstring with the text `title`."""
    first, *rest = docstring_text(title).split("\n")
    if not rest:
        yield f'"""{first}"""'
        return
    yield f'"""{first}'
    for line in rest:
        yield from wrap(line, LINE_WIDTH, subsequent_indent="    ") or [""]
    yield '"""'


def module_name(name: str) -> str:
    """Return a name as a valid module name: "my net" becomes "my_net"."""
    cleaned = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")
    is_valid = cleaned.isidentifier() and not keyword.iskeyword(cleaned) and cleaned not in _MODULES
    return cleaned if is_valid else f"network_{cleaned}".rstrip("_")


def to_class_name(name: str) -> str:
    """Return a name as a class name: "question-answering" becomes "QuestionAnswering"."""
    parts = [part for part in re.split(r"[^A-Za-z0-9]+|_", name) if part]
    joined = "".join(part[0].upper() + part[1:] for part in parts) or "Network"
    is_taken = joined in reserved_names() or hasattr(builtins, joined) or keyword.iskeyword(joined)
    return f"Network{joined}" if is_taken or joined[0].isdigit() else joined


def _docstring(plan: Plan) -> list[str]:
    inputs = [f"    {i.variable}: {i.spec} {i.spec.dtype}" for i in plan.inputs]
    outputs = [f"    {head.head.name}: {head.head.spec}" for head in plan.heads]
    return ['"""Takes', *inputs, "and returns a dict of", *outputs, '"""']


def _builds(plan: Plan, nn: RecordedModules) -> Iterator[str]:
    for step in plan.steps:
        if step.owns_module:
            assert step.layer.build is not None
            module = to_source(step.layer.build(nn, *step.specs))
            yield f"self.{plan.attributes[step.owner]} = {module}"


def _step_lines(plan: Plan, step: Step) -> Iterator[str]:
    """Yield the lines of one step: its call, activation and mask."""
    lines: list[str] = []
    output = _call(plan, step, lines)
    yield from lines
    if isinstance(output, Mapping):
        # The main output comes last, because its variable holds the tuple of all outputs.
        for name, value in reversed(list(output.items())):
            yield f"{step.outputs[name]} = {to_source(value)}"
    elif step.pre_activation and step.pre_activation != step.output:
        yield f"{step.pre_activation} = {to_source(output)}"
        logits = RecordedExpression(step.pre_activation)
        activation = apply_activation(_TORCH, step.activation, logits)
        yield f"{step.output} = {to_source(activation)}"
    else:
        yield f"{step.output} = {to_source(apply_activation(_TORCH, step.activation, output))}"
    if step.mask:
        inputs = [RecordedExpression(var) for var in step.inputs if var]
        masks = tuple(RecordedExpression(mask) if mask else None for mask in step.masks)
        yield f"{step.mask} = {to_source(step.layer.compute_mask(_TORCH, *inputs, masks=masks))}"


def _call(plan: Plan, step: Step, lines: list[str]) -> Recorded:
    def assign(call: str) -> RecordedExpression:
        """Add a source line that assigns the result of `call` to a variable; return the variable.

        `call` is the call of a module with several outputs, so the variable holds a tuple.
        """
        lines.append(f"{step.output} = {call}")
        return RecordedExpression(step.output)

    on_call = assign if len(step.outputs) > 1 else None
    module = RecordedExpression(f"self.{plan.attributes[step.owner]}", on_call=on_call)
    inputs = [RecordedExpression(var) if var else None for var in step.inputs]
    keywords = {}
    if step.layer.mask_rule == "use":
        masks = tuple(RecordedExpression(mask) if mask else None for mask in step.masks)
        keywords["mask"] = masks if step.layer.has_multiple_inputs() else masks[0]
    args = [module, *inputs] if step.layer.build else inputs
    output: Recorded = step.layer.call(_TORCH, *args, **keywords)
    return output


def _forward(plan: Plan, body: list[str]) -> Iterator[str]:
    arguments = ", ".join(["self", *(i.variable for i in plan.inputs)])
    folded = any(head.head.fold for head in plan.heads)
    yield f"def {'logits' if folded else 'forward'}({arguments}):"
    if folded:
        yield f"    {_LOGITS}"
    yield from _indent(body)
    yield from _indent(_return({head.head.name: head.variable for head in plan.heads}))
    if folded:
        yield ""
        yield f"def forward({arguments}):"
        yield f"    raw = self.logits({', '.join(i.variable for i in plan.inputs)})"
        yield from _indent(_return({head.head.name: _activated(head) for head in plan.heads}))


def _activated(head: PlanHead) -> str:
    raw = RecordedExpression(f'raw["{head.head.name}"]')
    return to_source(apply_activation(_TORCH, head.head.activation, raw) if head.head.fold else raw)


def _return(values: Mapping[str, str]) -> list[str]:
    line = "return {" + ", ".join(f'"{name}": {value}' for name, value in values.items()) + "}"
    if len(line) <= 84:
        return [line]
    return ["return {", *(f'    "{name}": {value},' for name, value in values.items()), "}"]


def _indent(lines: list[str] | Iterator[str], by: int = 4) -> Iterator[str]:
    for line in lines:
        yield " " * by + line if line else line
