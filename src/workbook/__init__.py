"""The Python Architecture Workbook: questions, exercises and real servers for a notebook.

A chapter needs a handful of names, all of which live here and load on first use, so that
``import workbook`` costs next to nothing::

    %load_ext workbook
    from workbook import load, measured, quiz, systems
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .quiz import quiz as quiz  # now: `quiz` is also a module, whose place the function takes

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

#: Where each public name lives; ``None`` marks a module that is public as a whole.
_HOMES: dict[str, str | None] = {
    "load": None,
    "systems": None,
    "progress": None,
    "scratch": None,
    "measured": "load",
    "reset": "exercises",
    "restore": "exercises",
    "choose": "chooser",
    "record_nothing": "progress",
}

__all__ = sorted([*_HOMES, "load_ipython_extension", "quiz"])


def __getattr__(name: str) -> Any:
    """Import a public name on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'workbook' has no attribute {name!r}")
    home = _HOMES[name]
    if home is None:
        return import_module(f".{name}", __name__)
    value = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, including those that are not loaded yet."""
    return __all__


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register ``%%exercise``, ``%%module``, ``%%project``: ``%load_ext workbook`` calls this.

    The name ``workbook`` is there from then on, so that ``workbook.reset("NAME")`` works in a cell.
    What a cell starts prints without colours: ipykernel asks for them, and from 3.13 on Python's
    tracebacks obey.

    Parameters
    ----------
    shell
        The IPython shell of this kernel.
    """
    from .exercises import ExerciseMagics
    from .scratch import ScratchMagics
    from .systems import SystemsMagics

    os.environ.setdefault("NO_COLOR", "1")
    shell.register_magics(ExerciseMagics, ScratchMagics, SystemsMagics)
    shell.user_ns["workbook"] = import_module(__name__)
