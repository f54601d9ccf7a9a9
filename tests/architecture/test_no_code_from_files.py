"""Nothing in the program can bring code out of a file, or anything in from elsewhere.

Each rule names what it forbids, and the few places that may do so all the same, with their reason.
"""

import ast
from collections.abc import Iterable, Iterator
from functools import cache

from tests.architecture.modules import ROOT, module_paths, syntax_nodes
from tests.tiers import noted

CALLS = {"eval", "exec", "compile", "__import__", "execfile"}
MODULES = {
    "pickle", "_pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve", "yaml",
    "runpy", "code", "codeop", "ctypes", "cffi", "urllib", "http", "ftplib", "requests", "httpx",
    "smtplib", "telnetlib", "webbrowser", "xmlrpc", "multiprocessing", "imp", "pty", "tarfile",
    "subprocess", "socket",
}  # fmt: skip
ATTRIBUTES = {
    "torch": {"load", "save", "hub", "jit", "package", "compile", "classes"},
    "os": {"system", "popen", "fork", "execv", "execve", "execl", "execvp", "spawnv", "spawnl",
           "posix_spawn", "startfile"},
    "importlib": {"import_module"}, "sys": {"addaudithook", "settrace"},
    "shutil": {"unpack_archive"}, "pandas": {"read_pickle"}, "asyncio": {"create_subprocess_exec"},
    "pa": {"enable_autoload"}, "pyarrow": {"PyExtensionType"},
}  # fmt: skip
MEMBERS = {"extractall", "load_library", "loads_pickle", "unsafe_load"}

# Where one of these is meant, and why.
ALLOWED = {
    (
        "app/processes/engine_process.py",
        "subprocess",
    ): "the window starts the engine, and nothing else",
    (
        "engine/data/readers/binary/probe.py",
        "subprocess",
    ): "this module as a program, which reads a table",
    (
        "engine/data/readers/sources/download.py",
        "urllib.request",
    ): "downloads the table at the URL that the user named, and nothing else",
    (
        "engine/data/readers/sources/download.py",
        "urllib.error",
    ): "what a download raises",
    ("engine/data/readers/sources/download.py", "urllib.parse"): "the name of the file in a URL",
    ("engine/data/readers/sources/download.py", "http.client"): "what a download raises",
    ("engine/data/readers/shards.py", "urllib.parse"): "percent signs in the names of folders",
    ("engine/launch/ssh.py", "subprocess"): "the programs ssh and rsync",
    ("engine/runs/log/lock.py", "socket"): "the name of this machine",
    (
        "engine/runtime/distributed/launcher.py",
        "socket",
    ): "whether anything listens at the address where launchers meet",
    ("app/training/process/external_trainer.py", "socket"): "the name of this machine",
    (
        "engine/runtime/acceleration/allocator.py",
        "ctypes",
    ): "mallopt, of the C library that is loaded",
    (
        "engine/runtime/model/torch_compile.py",
        "compile",
    ): "torch's compiler, on a network of a plan",
    (
        "engine/runtime/acceleration/operators.py",
        "ctypes",
    ): "the native part, from the user's own cache",
    (
        "engine/runtime/acceleration/kernel_build.py",
        "subprocess",
    ): "the C compiler, on the one file beside it",
    ("engine/__init__.py", "import_module"): "its own modules, from a table in that file",
    ("engine/layers/catalogue.py", "import_module"): "its own modules, found in its own folder",
}


def forbidden(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, int]]:
    """Yield what a file uses that it must not, and the line."""
    for node in nodes:
        for name in (*_imported(node), *_used(node)):
            yield name, getattr(node, "lineno", 0)


def _imported(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (each.name for each in names if each.name.split(".")[0] in MODULES)
        case ast.ImportFrom(module=str(module), names=names):
            top = module.split(".")[0]
            if top in MODULES:
                yield module
            yield from (each.name for each in names if each.name in ATTRIBUTES.get(top, ()))


def _used(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Name(id=name)) if name in CALLS:
            yield name
        case ast.Attribute(value=ast.Name(id=owner), attr=name) if name in ATTRIBUTES.get(
            owner, ()
        ):
            yield name
        case ast.Attribute(attr=name) if name in MEMBERS:
            yield name
        case ast.keyword(arg="allow_pickle", value=value) if not _is_false(value):
            yield "allow_pickle"
        case ast.Call(func=ast.Attribute(value=ast.Name(id="np" | "numpy"), attr="load")):
            if not any(each.arg == "allow_pickle" for each in node.keywords):
                yield "numpy.load without allow_pickle=False"


def _is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False


@cache
def all_forbidden() -> dict[tuple[str, str], int]:
    """Return the last line of each forbidden use, by file and name."""
    return {
        (path.relative_to(ROOT).as_posix(), name): line
        for path in module_paths().values()
        for name, line in forbidden(syntax_nodes(path))
    }


def test_no_file_can_bring_code_to_run():
    found = {use: line for use, line in all_forbidden().items() if use not in ALLOWED}
    assert not found, "\n".join(f"{place}:{line}: {name}" for (place, name), line in found.items())


def test_every_exception_is_still_needed():
    assert not ALLOWED.keys() - all_forbidden().keys()


FORBIDDEN_TEXTS = [
        "eval('1')", "import pickle", "from torch import load", "import torch\ntorch.load('x')",
        "np.load('x')", "np.load('x', allow_pickle=True)", "import urllib.request",
        "os.system('x')",
        "from importlib import import_module", "archive.extractall()", "torch.jit.load('x')",
    ]  # fmt: skip


def test_the_rules_find_what_they_forbid():
    for text in FORBIDDEN_TEXTS:
        with noted(text):
            assert list(forbidden(ast.walk(ast.parse(text))))
