"""Compiled kernels are kept on disk, and loaded from there without the compiler.

numba makes the folder of each kernel as its module is imported, and registers all that it can
compile, and looks for its extensions in all installed packages, before it loads what is compiled
already: a fifth of a second of a process that compiles nothing. What a loaded kernel calls is
numba's runtime alone, and kernels take arrays and numbers, which no extension has to explain. The
compiler makes itself ready when it is needed, and reads then what it links of a loaded kernel: of
what is written for one, only the machine code is looked at before. A numba that is built otherwise
does as it always did.
"""

from __future__ import annotations

from functools import cache, cached_property
from typing import Any

import numba as nb
from llvmlite.binding import add_symbol, parse_assembly, parse_bitcode

try:
    from numba.core.caching import CompileResultCacheImpl, FunctionCache
    from numba.core.runtime._nrt_python import c_helpers
except ImportError:  # another numba than those from 0.60 on that we know
    CompileResultCacheImpl = FunctionCache = object
    c_helpers = None

__all__ = ["inner", "jit"]

#: What of numba is used here beside its documented interface.
_OF_CACHES = ("_guard_against_spurious_io_errors", "_load_overload", "save_overload", "flush")
_OF_KERNELS = ("_cache", "_compilation_chain_init_hook")


class _Saved(CompileResultCacheImpl):  # type: ignore[misc]
    """What is kept of a kernel: the machine code, and of what it calls only what that reads."""

    def reduce(self, compiled: Any) -> tuple[Any, ...]:
        """Return what is written; constants that functions inside do not have are left out.

        Where they would come from is imported as the kernel is loaded: half of numba.
        """
        *parts, environments = super().reduce(compiled)
        return (*parts, tuple(each for each in environments if each.consts))

    def rebuild(self, context: Any, kept: tuple[Any, ...]) -> Any:
        """Return a kernel; what others are compiled with of it is read when the first one is."""
        (name, kind, content), described, *parts = kept
        engine: Any = getattr(context.codegen(), "_engine", None)
        if kind != "object" or not hasattr(engine, "_defined_symbols"):
            return super().rebuild(context, kept)
        code, bitcode = content
        engine._defined_symbols.add(described.llvm_cpython_wrapper_name)
        bare = (name, kind, (code, _nothing_of_it()))
        compiled = super().rebuild(context, (bare, described, *parts))

        @cache
        def module() -> Any:
            whole = parse_bitcode(bitcode)
            engine._load_defined_symbols(whole)
            return whole

        compiled.library._get_module_for_linking = module
        return compiled


@cache
def _nothing_of_it() -> bytes:
    """Return a module of no function."""
    return bytes(parse_assembly("").as_bitcode())


@cache
def _find_memory() -> None:
    """Make known where numba's runtime takes memory and gives it back; the compiler asks anew."""
    for name, address in c_helpers.items():
        add_symbol(name if name.startswith("_") else f"NRT_{name}", address)


class _Files(FunctionCache):  # type: ignore[misc]
    """The files of a kernel."""

    _impl_class = _Saved


class _Cache:
    """Where a kernel lies when it is compiled, looked up when the kernel is called."""

    def __init__(self, function: Any) -> None:
        self._function = function

    @cached_property
    def _files(self) -> Any:
        return _Files(self._function)

    @property
    def cache_path(self) -> Any:
        return self._files.cache_path

    def load_overload(self, signature: Any, context: Any) -> Any:
        _find_memory()
        with self._files._guard_against_spurious_io_errors():
            return self._files._load_overload(signature, context)

    def save_overload(self, signature: Any, compiled: Any) -> None:
        self._files.save_overload(signature, compiled)

    def flush(self) -> None:
        self._files.flush()


def _kept(**how: Any) -> Any:
    """Return the decorator of numba whose kernels are kept on disk."""
    compiled = nb.njit(nogil=True, error_model="numpy", no_cfunc_wrapper=True, **how)

    def decorate(function: Any) -> Any:
        kernel = compiled(function)
        if kernel is function:  # numba is switched off
            return kernel
        if _is_known(kernel):
            kernel._cache = _Cache(function)
            kernel._compilation_chain_init_hook = _no_extensions
        else:
            kernel.enable_caching()
        return kernel

    return decorate


def _is_known(kernel: Any) -> bool:
    """Say whether numba has the parts that are used here."""
    return (
        isinstance(c_helpers, dict)
        and all(hasattr(FunctionCache, name) for name in _OF_CACHES)
        and all(hasattr(kernel, name) for name in _OF_KERNELS)
    )


def _no_extensions() -> None:
    """Look for no extensions of numba."""


#: The decorator of a kernel.
jit = _kept()
#: The decorator of what only kernels call: without the doors for Python it compiles faster.
inner = _kept(no_cpython_wrapper=True)
