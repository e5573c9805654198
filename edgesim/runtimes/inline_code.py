"""The module of an inline function: run anew for each deployment, so that an edit takes effect."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec
from pathlib import Path
from types import CodeType, ModuleType

from ..cloudfront.function import Function
from ..errors import FunctionError, suggestion
from ..functions import trigger_of
from . import failures
from .code import located, shown_path


def load_inline(function: Function) -> Function:
    """`function` with its `call` set, from the module that its code and handler name.

    Raises `FunctionError`, with file and line, if that cannot be had.
    """
    if function.call is not None:
        return function
    where = f"function {function.name}"
    code = located(function)
    path, _, attribute = code.handler.rpartition(".")
    file = code.folder / f"{path.replace('.', '/')}.py"
    if not file.is_file():
        hint = "handler is module.function, the module a file in the code folder"
        raise FunctionError(f"there is no {shown_path(str(file))}", where=where, hint=hint)
    try:
        module = _run_anew(file, code.folder, f"edgesim-inline:{function.name}")
    except (Exception, SystemExit) as error:
        raise failures.raised(error, str(code.folder), where) from error
    call = getattr(module, attribute, None)
    if not callable(call):
        decorated = [name for name, value in vars(module).items() if trigger_of(value) is not None]
        what = f"{shown_path(str(file))} has no function {attribute!r}"
        raise FunctionError(what, where=where, hint=suggestion(attribute, decorated))
    return replace(function, call=call)


class _Uncompiled(SourceFileLoader):
    """Compiled files are dated to the second, and people save twice in one."""

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self.get_data(self.path), self.path)


def _run_anew(file: Path, folder: Path, name: str) -> ModuleType:
    """The module in `file`, under a `name` that no import statement can mean."""
    loader = _Uncompiled(name, str(file))
    module = module_from_spec(ModuleSpec(name, loader, origin=str(file)))
    module.__file__ = str(file)
    with neighbours(folder):
        sys.modules[name] = module  # dataclasses look themselves up there
        try:
            loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
    return module


@contextmanager
def neighbours(folder: Path) -> Iterator[None]:
    """Lets a module import what lies beside it, and forgets that again.

    Another function may have neighbours of the same names, and all of them may be edited.
    """
    before = set(sys.modules)
    sys.path.insert(0, str(folder))
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        sys.dont_write_bytecode = written
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None) or ""
            if not name.startswith("edgesim-inline:") and Path(file).is_relative_to(folder):
                del sys.modules[name]
