"""Defers the import of one module of a package until the module is first used."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


@dataclass(frozen=True)
class DeferredModule:
    """A module that a package imports for its side effects, which most programs don't need.

    Args:
        name: the full name of the module.
        imports: full names of modules that only this module imports.
        substitute: a function that is called on import, instead of executing the module.
        independent: full names of modules that don't need this module. Importing one of them, after
            the import was deferred, does not load this module.
    """

    name: str
    imports: Sequence[str] = ()
    substitute: Callable[[], object] = lambda: None
    independent: Sequence[str] = ()

    @property
    def package(self) -> str:
        """The top-level package that contains the module."""
        return self.name.partition(".")[0]


@contextmanager
def defer_import(deferred: DeferredModule) -> Iterator[None]:
    """Defer the import of one module while its package is imported for the first time.

    1. Inside the context, an import of the deferred module gives a placeholder. If a module in
       `deferred.imports` is imported there, the context loads the deferred module at its end.
    2. Otherwise, the deferred module and those in `deferred.imports` are not loaded yet. Their
       packages have placeholders as attributes, and `sys.modules` has no entries for them.
    3. The deferred module is loaded on the first attribute access to a placeholder, or before
       another submodule of its package is imported for the first time.

    Before the deferred module is loaded, code that needs its side effects has to import it by name,
    and only one thread may import modules of its package.
    """
    finder = _Finder(deferred)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        finder.close()


class _Finder(MetaPathFinder):
    """The import hook of the context manager `defer_import`.

    Inside the context, an import of the deferred module gives a placeholder. After the context, the
    first import of another submodule of the same package loads the deferred module first.
    """

    def __init__(self, deferred: DeferredModule) -> None:
        self.deferred = deferred
        self.open = True
        self._was_imported = deferred.package in sys.modules
        self._is_loading = False

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the module spec for an import, None if other finders should handle the import.

        Inside the `defer_import` context, return the spec of a placeholder for the deferred module.
        After the context, if a new submodule of the deferred module's package is imported, return a
        spec whose loader loads the deferred module before the submodule.
        """
        if self.open:
            is_deferred = fullname == self.deferred.name and not self._was_imported
            return ModuleSpec(fullname, _PlaceholderLoader(self)) if is_deferred else None
        is_new = fullname.startswith(f"{self.deferred.package}.") and fullname not in sys.modules
        if self._is_loading or not is_new or fullname in self.deferred.independent:
            return None
        for finder in [finder for finder in sys.meta_path if finder is not self]:
            spec = finder.find_spec(fullname, path, target)
            if spec is not None and spec.loader is not None:
                spec.loader = _LoadAfter(self, spec.loader)
                return spec
        return None

    def load(self) -> None:
        """Import the deferred module. If the import fails, the next call tries it again."""
        if self._is_loading:
            return
        self._is_loading = True
        try:
            self._remove_placeholder()
            import_module(self.deferred.name)
        finally:
            self._is_loading = False
        self._uninstall()

    def close(self) -> None:
        """End the `defer_import` context. Load the module, or set placeholders to load it later."""
        self.open = False
        if not self._remove_placeholder() or self.deferred.package not in sys.modules:
            self._uninstall()  # the package failed to import, or never imported the module
        elif any(name in sys.modules for name in self.deferred.imports):
            self.load()
        else:
            for name in (self.deferred.name, *self.deferred.imports):
                package, _, attribute = name.rpartition(".")
                if package in sys.modules:
                    setattr(sys.modules[package], attribute, _Placeholder(name, self))

    def _remove_placeholder(self) -> bool:
        """Remove the placeholder of the deferred module; return whether `sys.modules` had one."""
        is_placeholder = isinstance(sys.modules.get(self.deferred.name), _Placeholder)
        if is_placeholder:
            del sys.modules[self.deferred.name]
        return is_placeholder

    def _uninstall(self) -> None:
        if self in sys.meta_path:
            sys.meta_path.remove(self)


class _Placeholder(ModuleType):
    """A stand-in for a module; the first attribute access loads the real module."""

    def __init__(self, name: str, finder: _Finder) -> None:
        super().__init__(name)
        self._finder = finder

    def __getattr__(self, attribute: str) -> Any:
        # torch calls `inspect`, which reads `__file__` of every module in `sys.modules`.
        if self._finder.open and attribute.startswith("__"):
            raise AttributeError(attribute, name=attribute, obj=self)
        self._finder.load()
        return getattr(import_module(self.__name__), attribute)


class _PlaceholderLoader(Loader):
    """An import loader for a deferred module, which creates a placeholder for the module.

    Instead of executing the module's code, the loader calls `DeferredModule.substitute`.
    """

    def __init__(self, finder: _Finder) -> None:
        self._finder = finder

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Placeholder(spec.name, self._finder)

    def exec_module(self, module: ModuleType) -> None:
        self._finder.deferred.substitute()


class _LoadAfter(Loader):
    """An import loader for a requested module that first loads a `DeferredModule` of its package.

    If the `DeferredModule` imports the requested module as well, this loader returns that module.
    Otherwise the original loader loads the requested module.
    """

    def __init__(self, finder: _Finder, loader: Loader) -> None:
        self._finder = finder
        self._loader = loader
        self._original_spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        self._finder.load()
        module = sys.modules.get(spec.name)
        if module is None:
            spec.loader = self._loader
            return self._loader.create_module(spec)
        self._original_spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Restore the `__spec__` of a module loaded earlier, since the import has replaced it."""
        module.__spec__ = self._original_spec
