"""Reads a YAML list of entries, and says of everything in it that is wrong where it stands.

PyYAML gives the events, so that each field's line is known, nothing is executed, nothing expands,
and a list can be as deep or as odd as it likes without harm. Pydantic gives the types.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import takewhile
from pathlib import Path
from reprlib import repr as short
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)
Loc = tuple[str | int, ...]

_JSON = re.compile(r"true|false|-?(0|[1-9]\d{0,17})(\.\d+)?([eE][-+]\d+)?")
#: Control characters, the line ends that are not everybody's, and what turns writing around.
_UNSEEN = re.compile(r"[^\n\t -~\xa0-\u2027\u202f-\u2065\u206a-\U0010ffff]")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_RESOLVE: Callable[..., str] = yaml.resolver.Resolver().resolve


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong in a file: line from 1, path to the field, what to do about it."""

    file: Path
    line: int
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.path}{': ' * bool(self.path)}{self.message}"


class BankError(ValueError):
    """Files that cannot be used; ``faults`` holds everything that is wrong with them."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__(
            "\n".join([f"faults in the question bank: {len(faults)}", *map(str, faults)])
        )


def unknown(noun: str, name: object, known: Iterable[str]) -> str:
    """Return the message for a name that is not among those known: the nearest, and all of them."""
    names = sorted(known)
    close = "".join(f"did you mean {near!r}? " for near in get_close_matches(str(name), names, 1))
    return f"unknown {noun} {name!r}: {close}it must be one of: {', '.join(names) or '(none yet)'}"


def not_utf8(error: UnicodeDecodeError) -> tuple[int, str, str]:
    """Return the end of a fault: on which line a file is not UTF-8, and what to do."""
    line, byte = error.object.count(b"\n", 0, error.start) + 1, error.object[error.start]
    return line, "", f"not UTF-8 (byte 0x{byte:02x}): save it as UTF-8"


class Reader:
    """Reads one file as plain data, remembers the line of each field, and gathers faults."""

    def __init__(self, file: Path) -> None:
        self.file, self.faults = file, dict[Loc, Fault]()
        self.lines: dict[Loc, int] = {(): 1}
        self.events: Iterator[Any] = iter(())

    def report(self, loc: Loc, message: str, line: int = 0) -> None:
        """Add a fault, unless its place has one already."""
        places = (loc[:n] for n in range(len(loc), -1, -1))
        line = line or next(self.lines[place] for place in places if place in self.lines)
        path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
        self.faults.setdefault(loc, Fault(self.file, line, path, message))

    def entries(self) -> Iterator[tuple[int, dict[Any, Any]]]:
        """Yield each entry of the list with its index, up to where the file stops being YAML."""
        data = self.file.read_bytes()
        try:
            self.events = iter(yaml.parse(data.decode("utf-8-sig"), _LOADER))
            root = next((event for event in self.events if isinstance(event, yaml.NodeEvent)), None)
            if not isinstance(root, yaml.SequenceStartEvent):
                return self.report((), "expected a list of entries, each beginning with `- `")
            for index, event in enumerate(self._inside()):
                if isinstance(entry := self._value(event, (index,)), dict):
                    yield index, entry
                else:
                    self.report((index,), f"must be a mapping of fields, not {short(entry)}")
            if any(isinstance(event, yaml.NodeEvent) for event in self.events):
                self.report((), "a second YAML document follows: remove the line `---`")
        except UnicodeDecodeError as error:
            line, _, message = not_utf8(error)
            self.report((), message, line)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            message = getattr(error, "problem", None) or str(error).partition("\n")[0]
            line = data.count(b"\n", 0, getattr(error, "position", 0)) + 1
            self.report((), f"bad YAML: {message}", mark.line + 1 if mark else line)

    def validated(
        self, index: int, entry: Any, model: type[M], mended: Mapping[str, Any]
    ) -> M | None:
        """Return the entry as a model, or report what its types forbid.

        After a failure the entry is mended once, with ``mended`` or any text for a field, so that a
        caller can still find the faults that lie beyond the types.
        """
        for _ in range(2):
            try:
                return model.model_validate(entry)
            except ValidationError as failure:
                for error in failure.errors():
                    *path, last = (part for part in error["loc"] if part != "[key]")
                    place, inner = entry, model
                    for part in path:
                        place, inner = place[part], _inner(inner, part)
                    message = error["msg"].replace("Input should", "must")
                    message += "" if ", not " in message else f", not {short(error['input'])}"
                    if error["type"] == "missing":
                        message = "missing"
                    elif error["type"] == "extra_forbidden":
                        message = unknown("field", last, inner.model_fields)
                    elif not str(error["input"]).strip():
                        message = "empty: write some text"
                    self.report((index, *path, last), message)
                    place[last] = mended.get(str(last), f"mended_{last}_{index}")
                    if error["type"] == "extra_forbidden":
                        del place[last]
        return None

    def _inside(self) -> Iterator[Any]:
        """Yield what begins each item of the list or mapping that has just begun."""
        return takewhile(lambda event: not isinstance(event, yaml.CollectionEndEvent), self.events)

    def _value(self, event: Any, loc: Loc) -> Any:
        """Return the plain value that begins with this event."""
        line = event.start_mark.line + 1
        self.lines.setdefault(loc, line)
        if len(loc) > 20:
            raise yaml.MarkedYAMLError(problem="nested too deeply", problem_mark=event.start_mark)
        if event.anchor or getattr(event, "tag", None):  # an alias has an anchor too
            self.report(loc, "anchors, aliases and tags are not used here: write the value", line)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, loc)
        if isinstance(event, yaml.SequenceStartEvent):
            return [self._value(item, (*loc, i)) for i, item in enumerate(self._inside())]
        mapping: dict[Any, Any] = {}
        for item in self._inside() if isinstance(event, yaml.MappingStartEvent) else ():
            name = self._value(item, (*loc, getattr(item, "value", "?")))
            name = name if isinstance(name, str | int) else str(name)
            at, line = (*loc, name), item.start_mark.line + 1
            if not isinstance(item, yaml.ScalarEvent):
                self.report(at, "the name of a field must be text", line)
            if name in mapping:
                self.report(at, f"given twice, first on line {self.lines[at]}", line)
            self.lines.setdefault(at, line)
            mapping[name] = self._value(next(self.events), at)
        return mapping

    def _scalar(self, event: Any, loc: Loc) -> Any:
        """Return text, number, truth value or null; refuse what YAML 1.1 reads in its own way."""
        text, plain = event.value, event.implicit[0]  # plain: neither quoted nor a block
        if (odd := _UNSEEN.search(text)) and "predicts" not in loc:
            self.report(loc, f"the character {odd[0]!a} would not be seen as it is: leave it out")
        kind = _RESOLVE(yaml.ScalarNode, text, (True, False)).rpartition(":")[2] if plain else "str"
        if kind == "null":
            if text != "null" or "predicts" not in loc:
                self.report(loc, "empty: write a value, or leave the field out")
            return None
        if kind == "str" or _JSON.fullmatch(text):
            return text if kind == "str" else json.loads(text)
        told = {"bool": "truth value", "int": "number", "float": "number", "timestamp": "date"}
        advice = "text needs quotes, a truth value is true or false, a number like 10 or 0.5"
        self.report(loc, f"YAML reads {text!r} as a {told.get(kind, kind)}: {advice}")
        return text


def _inner(model: Any, part: str | int) -> Any:
    """Return the model at a field of a model, or in the list that stands there."""
    if isinstance(part, int) or part not in model.model_fields:
        return model
    annotation = model.model_fields[part].annotation
    models = (kind for kind in (annotation, *get_args(annotation)) if hasattr(kind, "model_fields"))
    return next(models, model)
