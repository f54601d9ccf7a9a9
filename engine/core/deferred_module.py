"""A module that is imported only once somebody asks for what it holds."""

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
class Late:
    """A module that its package imports for its effects alone, and most programs do without.

    Args:
        name: its full name.
        brings: modules, by full names, that nobody but it brings along.
        instead: what is done in its stead.
        harmless: modules of the package that others import later on, and that do without it.
    """

    name: str
    brings: Sequence[str] = ()
    instead: Callable[[], object] = lambda: None
    harmless: Sequence[str] = ()

    @property
    def package(self) -> str:
        """The outermost package that it is in."""
        return self.name.partition(".")[0]


@contextmanager
def put_off(late: Late) -> Iterator[None]:
    """Import a package, for the first time, without one of its modules.

    Who imports that module meanwhile gets a placeholder. It is imported after this, ahead of
    whatever else is then imported of its package for the first time, or once somebody finds it, or
    one that it brings along, in the package and asks for what is in there. Only its effects are
    missed until then: who needs those imports it by name. Where somebody imports what it brings
    along by himself, meanwhile, it is not put off.

    Until it has come, only one thread may import anything of the package.
    """
    finder = _Finder(late)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        finder.close()


class _Finder(MetaPathFinder):
    """Hands out a placeholder while it is open, and then sees to it that the module comes first."""

    def __init__(self, late: Late) -> None:
        self.late = late
        self.open = True
        self._was_there = late.package in sys.modules
        self._bringing = False

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a module is, if that is for this finder to say; imports nothing."""
        if self.open:
            wanted = fullname == self.late.name and not self._was_there
            return ModuleSpec(fullname, _Standing(self)) if wanted else None
        first = fullname.startswith(f"{self.late.package}.") and fullname not in sys.modules
        if self._bringing or not first or fullname in self.late.harmless:
            return None
        for finder in [finder for finder in sys.meta_path if finder is not self]:
            spec = finder.find_spec(fullname, path, target)
            if spec is not None and spec.loader is not None:
                spec.loader = _Following(self, spec.loader)
                return spec
        return None

    def bring(self) -> None:
        """Import the module itself; as long as that fails, whoever needs it is told so."""
        if self._bringing:
            return
        self._bringing = True
        try:
            self._take_down()
            import_module(self.late.name)
        finally:
            self._bringing = False
        self._step_aside()

    def close(self) -> None:
        """Leave placeholders in packages alone, where an import does not see them."""
        self.open = False
        if not self._take_down() or self.late.package not in sys.modules:  # the import failed
            self._step_aside()
        elif any(one in sys.modules for one in self.late.brings):
            self.bring()
        else:
            for one in (self.late.name, *self.late.brings):
                package, _, last = one.rpartition(".")
                if package in sys.modules:
                    setattr(sys.modules[package], last, _Placeholder(one, self))

    def _take_down(self) -> bool:
        """Remove the placeholder from among the modules, and answer whether there was one."""
        stands = isinstance(sys.modules.get(self.late.name), _Placeholder)
        if stands:
            del sys.modules[self.late.name]
        return stands

    def _step_aside(self) -> None:
        if self in sys.meta_path:
            sys.meta_path.remove(self)


class _Placeholder(ModuleType):
    """Stands for a module until it is asked for something."""

    def __init__(self, name: str, finder: _Finder) -> None:
        super().__init__(name)
        self._finder = finder

    def __getattr__(self, attribute: str) -> Any:
        # `inspect`, which torch asks about its callers, asks each known module for its file.
        if self._finder.open and attribute.startswith("__"):
            raise AttributeError(attribute, name=attribute, obj=self)
        self._finder.bring()
        return getattr(import_module(self.__name__), attribute)


class _Standing(Loader):
    """Makes a placeholder, and does what is to be done instead of its module."""

    def __init__(self, finder: _Finder) -> None:
        self._finder = finder

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Placeholder(spec.name, self._finder)

    def exec_module(self, module: ModuleType) -> None:
        """Execute no module, but what stands in for its effects."""
        self._finder.late.instead()


class _Following(Loader):
    """Loads a module once that which was put off has come, unless it came with it."""

    def __init__(self, finder: _Finder, loader: Loader) -> None:
        self._finder = finder
        self._loader = loader
        self._own: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        self._finder.bring()
        found = sys.modules.get(spec.name)
        if found is None:
            spec.loader = self._loader
            return self._loader.create_module(spec)
        self._own = found.__spec__
        return found

    def exec_module(self, module: ModuleType) -> None:
        """Give a module that came along its own specification back; it has been executed."""
        module.__spec__ = self._own
