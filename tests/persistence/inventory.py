"""Everything that files, scripts and shortcuts call the program's parts by, as plain JSON."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, get_args

import typer

import engine
from tests.persistence import current

WORDS = ("description", "title", "examples")

# What later versions removed, by group: keys, or "key/first word of an option".
REMOVED = {"codes": ["output-drowns", "weights-suggested"], "commands": ["train/--suggest-weights"]}


def inventories() -> dict[str, Any]:
    """Return each group by the name of its golden file."""
    return {
        "codes": codes(),
        "commands": commands(),
        "events": {kind: fields(cls) for kind, cls in current.EVENT_PARTS.items()},
        "layers": layers(),
        "families": families(),
        "records": {name: fields(cls) for name, cls in current.RECORDS.items()},
        "python": python(),
    }


def codes() -> dict[str, Any]:
    """Return each diagnostic code with the exit code of a command that ends by it."""
    return {code: int(entry.exit) for code, entry in sorted(current.CODES.items())}


def commands() -> dict[str, Any]:
    """Return each command with its arguments and options, and what they take."""
    app = current.commands
    calls = {str(each.name): each.callback for each in app.registered_commands}
    return {
        name: [
            word(one)
            for one in inspect.signature(call, eval_str=True).parameters.values()
            if one.annotation is not typer.Context
        ]
        for name, call in {"": app.registered_callback.callback, **calls}.items()
    }


def word(one: inspect.Parameter) -> list[Any]:
    """Return what is typed for an argument of a command, its type and its default."""
    taken, told = get_args(one.annotation)[:2]
    first = told.default if isinstance(told.default, str) else None
    typed = [first] if first else [*(told.param_decls or [f"--{one.name}"])]
    named = isinstance(told, typer.models.OptionInfo)
    default = "required" if one.default is one.empty else one.default
    simple = isinstance(default, int | float | str | None)
    words = typed if named else [told.metavar or one.name]
    return [words, plain(taken), default if simple else str(default)]


def without_removed(group: str, old: dict[str, Any]) -> dict[str, Any]:
    """Return the golden names of a group without those in `REMOVED`, which have to be there."""
    for name in REMOVED.get(group, ()):
        key, _, option = name.partition("/")
        if option:
            old[key].remove(next(each for each in old[key] if option in each[0]))
        else:
            del old[key]
    return old


def plain(taken: Any) -> str:
    """Return the name of a type, or the words that it takes."""
    inside = get_args(taken)
    if not inside:
        return getattr(taken, "__name__", repr(taken))
    return " ".join(each if isinstance(each, str) else plain(each) for each in inside)


def layers() -> dict[str, Any]:
    """Return each kind of layer with its ports and fields."""
    return {
        kind: {
            "family": cls.family,
            "ports": [[port.name, port.many, port.optional] for port in cls.ports()],
            "fields": fields(cls),
        }
        for kind, cls in current.layers().items()
    }


def families() -> dict[str, Any]:
    """Return the members of each family, with their fields."""
    return {
        group: {name: fields(family[name]) for name in family}
        for group, family in current.FAMILIES.items()
    }


def fields(cls: type[Any]) -> dict[str, Any]:
    """Return what each field takes, and its default."""
    whole = cls.model_json_schema()
    named = whole.get("$defs", {})
    return {name: without_words(part, named) for name, part in whole.get("properties", {}).items()}


def without_words(part: Any, named: Mapping[str, Any]) -> Any:
    """Return a part of a JSON schema without texts and without names of classes."""
    if isinstance(part, list):
        return [without_words(each, named) for each in part]
    if not isinstance(part, Mapping):
        return part
    if "$ref" in part:
        inner = named[part["$ref"].rpartition("/")[2]]
        rest = {key: value for key, value in part.items() if key != "$ref"}
        return without_words({**inner, **rest}, named)
    if part.get("type") == "object" and isinstance(part.get("properties"), Mapping):
        inside = {name: without_words(each, named) for name, each in part["properties"].items()}
        return {"type": "object", "properties": inside}
    return {key: without_words(each, named) for key, each in part.items() if key not in WORDS}


def python() -> dict[str, Any]:
    """Return what Python code imports, and the arguments of it."""
    found: dict[str, Any] = {"engine": [name for name in dir(engine) if name[0] != "_"]}
    for name in ("optimizers", "schedules", "losses", "metrics", "regularizers", "initializers"):
        found[name] = [each for each in dir(getattr(engine, name)) if each[0] != "_"]
    found["layers"] = sorted(name for name in dir(engine.layers) if name[:1].isupper())
    for cls in (engine.Model, engine.Sequential):
        found[cls.__name__] = {
            name: signature(part)
            for name, part in inspect.getmembers(cls)
            if not name.startswith("_")
        }
    found["Input"], found["load"] = signature(engine.Input), signature(engine.load)
    return found


def signature(part: Any) -> list[str]:
    """Return the arguments of a function with their defaults; none of a property."""
    if not callable(part):
        return []
    return [
        one.name if one.default is one.empty else f"{one.name}={one.default!r}"
        for one in inspect.signature(part).parameters.values()
        if one.name != "self"
    ]
