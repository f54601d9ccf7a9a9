"""A module that is imported only once somebody asks for what it holds."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


@contextmanager
def put_off(
    name: str, along: Sequence[str] = (), *, but: Sequence[str] = (), free: Sequence[str] = ()
) -> Iterator[None]:
    """Import a package without one of its modules, which it imports for its effects alone.

    Args:
        name: the module, by its full name. Who imports it meanwhile gets a placeholder.
        along: what nothing else brings along, by full names.
        but: what it brings along, too, if there is such a module; it is imported in its stead.
        free: other modules of the package, which do without all that is put off.

    It is imported after this, ahead of whatever else is then imported of its package for the first
    time, or once anybody finds it, or one of `along`, in the package and asks that for something.
    So nobody can tell that it has not been there all the time, but by its effects. Where it, or
    one of `along`, is wanted for itself, nothing is put off.
    """
    later = _Later(name, along, free)
    sys.meta_path.insert(0, later)
    try:
        yield
        if later.stands:
            for one in but:
                with suppress(ModuleNotFoundError):
                    import_module(one)
    finally:
        later.close()


class _Later(MetaPathFinder):
    """Hands out a placeholder while it is open, and then sees to it that the module comes first."""

    def __init__(self, name: str, along: Sequence[str], free: Sequence[str]) -> None:
        self._name = name
        self._package = name.partition(".")[0]
        self._along = along
        self._free = free
        self._open = True

    @property
    def stands(self) -> bool:
        """Whether a placeholder was handed out, and stays one."""
        return isinstance(sys.modules.get(self._name), _Placeholder)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Answer where a module is, if that is for this finder to say."""
        if self._open:
            return ModuleSpec(fullname, _Stand(self)) if fullname == self._name else None
        if not fullname.startswith(f"{self._package}.") or fullname in self._free:
            return None
        self.bring()
        found = sys.modules.get(fullname)
        return None if found is None else ModuleSpec(fullname, _There(found))

    def bring(self) -> None:
        """Import the module itself."""
        self._step_aside()
        import_module(self._name)

    def close(self) -> None:
        """Leave placeholders in packages alone, where an import does not see them."""
        self._open = False
        if not self.stands or self._package not in sys.modules:  # its import may have failed
            self._step_aside()
        elif any(one in sys.modules for one in self._along):
            self.bring()
        else:
            del sys.modules[self._name]
            for one in (self._name, *self._along):
                package, _, last = one.rpartition(".")
                setattr(sys.modules[package], last, _Placeholder(one, self))

    def _step_aside(self) -> None:
        with suppress(ValueError):
            sys.meta_path.remove(self)
        if self.stands:
            del sys.modules[self._name]


class _Placeholder(ModuleType):
    """Stands for a module until it is asked for something."""

    def __init__(self, name: str, later: _Later) -> None:
        super().__init__(name)
        self._later = later

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):  # `inspect` asks every module there is for its file
            raise AttributeError(attribute, name=attribute, obj=self)
        self._later.bring()
        return getattr(import_module(self.__name__), attribute)


class _Stand(Loader):
    """Makes a placeholder."""

    def __init__(self, later: _Later) -> None:
        self._later = later

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Placeholder(spec.name, self._later)

    def exec_module(self, module: ModuleType) -> None:
        """Leave it empty."""


class _There(Loader):
    """Answers a module that came with another meanwhile, so that it is not executed again."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module
        self._spec = module.__spec__
        module.__spec__ = None  # else the import system would go by it, and not by this loader

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        """Give it its own specification back."""
        module.__spec__ = self._spec
