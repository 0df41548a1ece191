"""Importing the package, and what it saves a notebook that needs no widgets."""

from __future__ import annotations

from measure import Row, alternate, compare, python


def rows() -> list[Row]:
    """Compare whole processes, start of the interpreter included."""
    codes = ("import workbook", "import ipywidgets", "pass")
    ours, widgets, bare = alternate([lambda c=c: python("-c", c) for c in codes], 15)
    return [
        compare("`import workbook`", ours, "`import ipywidgets`", widgets),
        compare("`import workbook`", ours, "bare interpreter", bare),
    ]
