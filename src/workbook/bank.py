"""The bank: what a question and an exercise are, and where they come from.

A topic is a folder with ``questions.yml``, ``exercises.yml``, ``proofs.py`` and ``checks.py``.
Loading it reports *all* faults of both lists at once, each with its file, line and field. Nothing
in a topic is executed here: YAML is read as plain data, Python files are only parsed.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Hashable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from reprlib import repr as shorten
from typing import Annotated, Any, Generic, Literal, TypeVar, get_args

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline, emphasis
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from .reading import BankError as BankError
from .reading import Fault as Fault
from .reading import Loc, Reader, not_utf8, unknown

TOPICS = Path(__file__).parent / "topics"
SEEN = {"kind", "prompt", "items", "left", "right", "listing", "unit", "rubric", "key", "tolerance"}
LETTERS = 26  # by which a list's entries are named
UNREADABLE = (SyntaxError, ValueError, MemoryError, RecursionError)  # what ast.parse raises
T = TypeVar("T")


Text = Annotated[str, Field(pattern=r"[^\s\p{C}]")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class _Entry(_Strict):
    objective: Text
    difficulty: int = Field(ge=1, le=3)
    _folder: Path = PrivateAttr(default=TOPICS)
    _line: int = PrivateAttr(default=0)
    _proof: str | None = PrivateAttr(default=None)

    topic = property(lambda self: self._folder.name, doc="The topic's name.")
    line = property(lambda self: self._line, doc="The line of its file on which the entry begins.")


class _Question(_Entry):
    id: Name
    level: Literal["recall", "apply", "analyse"]
    prompt: Text
    source: Text
    proof: Name | None = None
    no_proof: Literal["definition", "judgement"] | None = None
    explanation: Text | None = None

    ref = property(lambda self: f"{self.topic}/{self.id}", doc="The name a notebook asks for.")

    @property
    def content_hash(self) -> str:
        """16 hex digits that change with the key and with what is seen before answering."""
        fields: Any = dict.fromkeys(SEEN, True) | {"options": {"__all__": {"text"}}}
        shown = json.dumps(self.model_dump(include=fields), sort_keys=True)
        return sha256(shown.encode()).hexdigest()[:16]


class Option(_Strict):
    """One choice; ``predicts`` is what the proof would observe if the option were right."""

    text: Text
    why: Text
    predicts: Any = None


class Single(_Question):
    """Choose one; ``key`` is its index from 0."""

    kind: Literal["single"]
    options: list[Option] = Field(min_length=2, max_length=6)
    key: int


class Multiple(_Question):
    """Choose all that hold; the proof returns the list of everything that it observed."""

    kind: Literal["multiple"]
    options: list[Option] = Field(min_length=2, max_length=6)
    key: list[int] = Field(min_length=1)


class Mistake(_Strict, Generic[T]):
    """A wrong answer that people give, and why it is wrong."""

    answer: T
    why: Text


class _Keyed(_Question, Generic[T]):
    key: T
    mistakes: list[Mistake[T]] = Field(min_length=2)
    why: Text


class Order(_Keyed[list[str]]):
    """Put the items in order; ``key`` lists their names."""

    kind: Literal["order"]
    items: dict[Text, Text] = Field(min_length=2, max_length=LETTERS)


class Match(_Keyed[dict[str, str]]):
    """Give each name on the left its partner on the right."""

    kind: Literal["match"]
    left: dict[Text, Text] = Field(min_length=2)
    right: dict[Text, Text] = Field(min_length=2, max_length=LETTERS)


class Number(_Keyed[float]):
    """Give a number, right within an absolute ``tolerance``."""

    kind: Literal["number"]
    tolerance: float = Field(default=0.0, ge=0)
    unit: Text | None = None


class Line(_Keyed[list[int]]):
    """Mark every faulty line, counted from 1; ``lines`` says why for each of them."""

    kind: Literal["line"]
    key: list[int] = Field(min_length=1)
    listing: Text
    lines: dict[int, Text]


class Predict(_Keyed[Text]):
    """What does this give? A Python literal, or the name of an exception."""

    kind: Literal["predict"]
    listing: Text | None = None


class Open(_Question):
    """A spoken answer, which the learner scores against the points of a rubric."""

    kind: Literal["open"]
    rubric: list[Text] = Field(min_length=3)
    model: Text


Question = Annotated[
    Single | Multiple | Order | Match | Number | Line | Predict | Open, Field(discriminator="kind")
]
KINDS = {model.__name__.lower(): model for model in get_args(get_args(Question)[0])}


class Limits(_Strict):
    """What a submission may use: seconds, megabytes of memory, bytes of output."""

    seconds: float = Field(default=10.0, gt=0, le=600)
    memory_mb: int = Field(default=512, gt=0, le=16_384)
    output_bytes: int = Field(default=1_000_000, gt=0)


class Exercise(_Entry):
    """A task with a starter, three hints and the checks that a solution passes."""

    name: Name
    task: Text
    starter: Text
    hints: list[Text] = Field(min_length=3, max_length=3)
    checks: list[Name] = Field(min_length=1)
    limits: Limits = Limits()


@dataclass
class Topic:
    """A topic's questions by id and exercises by name."""

    name: str
    path: Path
    questions: dict[str, Question] = field(default_factory=dict)
    exercises: dict[str, Exercise] = field(default_factory=dict)


# ---------------------------------------------------------------- keys and observations


def agrees(question: Question, observation: Any, key: Any = None) -> bool:
    """Whether a key (by default the question's own), and no other, fits an observation.

    ``observation`` has ``value`` (JSON-like), ``literal`` and ``raised``, as the sandbox gives it.
    """
    key = getattr(question, "key", None) if key is None else key
    seen = observation.value
    if isinstance(question, Single | Multiple):
        keys, seen = ([key], [seen]) if isinstance(question, Single) else (sorted(key), seen)
        found = [_canonical(value) for value in seen] if isinstance(seen, list) else []
        predicted = enumerate(_canonical(option.predicts) for option in question.options)
        return keys == [index for index, value in predicted if value in found]
    if isinstance(question, Predict):
        seen = observation.raised or observation.literal
    return not isinstance(question, Open) and _same(question, seen, key)


def wrong_keys(question: Question) -> list[Any]:
    """Return every moved key, none of which may agree with what the proof observes."""
    if isinstance(question, Single):
        return [i for i in range(len(question.options)) if i != question.key]
    if isinstance(question, Multiple):
        return [sorted({*question.key} ^ {i}) for i in range(len(question.options))]
    return [mistake.answer for mistake in getattr(question, "mistakes", [])]


def _same(question: Question, one: Any, other: Any) -> bool:
    """Whether two answers, of which one may be an observation, count as the same."""
    if isinstance(question, Number):
        numbers = all(type(value) in (int, float) for value in (one, other))
        return numbers and abs(one - other) <= question.tolerance + 1e-9 * abs(other)
    if isinstance(question, Predict):
        return _literal(one) is not None and _literal(one) == _literal(other)
    if isinstance(question, Line) and isinstance(one, list):
        one, other = set(map(_canonical, one)), set(map(_canonical, other))
    return _canonical(one) == _canonical(other)


def _canonical(value: Any) -> Hashable:
    """Make values comparable, and hashable, as Python does: 1 == 1.0 == True, (1,) != [1]."""
    if isinstance(value, dict):
        return dict, frozenset((_canonical(k), _canonical(v)) for k, v in value.items())
    if isinstance(value, list | tuple):
        return type(value), tuple(map(_canonical, value))
    if isinstance(value, set | frozenset):
        return set, frozenset(map(_canonical, value))
    if isinstance(value, complex) or value is ...:
        raise ValueError("quiz.js knows no complex numbers and no Ellipsis")
    return float if isinstance(value, int) else type(value), value


def _literal(text: Any) -> Hashable | None:
    """Return the meaning of a Python literal or of an exception's name, or None."""
    with suppress(ValueError, SyntaxError, TypeError, AttributeError, MemoryError, RecursionError):
        return _canonical(ast.literal_eval(text.strip()))
    name = re.fullmatch(r"(?a:\w+\.)*([A-Z](?a:\w)*)", str(text).strip())
    return ("raises", name[1]) if text and name else None


# ---------------------------------------------------------------- what the types cannot say


def _misfit(question: Any, answer: Any) -> str:
    """Say what keeps a value from being an answer to the question at all."""
    match question:
        case Single(options=options) | Multiple(options=options):
            indices = answer if isinstance(answer, list) else [answer]
            if len({*indices} & {*range(len(options))}) < len(indices):
                return f"{answer} must name options from 0 to {len(options) - 1}, each once"
        case Order(items=items) if sorted(answer) != sorted(items):
            return f"must name each item once: {', '.join(items)}"
        case Match(left=left, right=right):
            if answer.keys() != left.keys() or not {*answer.values()} <= right.keys():
                return f"must give each of {', '.join(left)} one of {', '.join(right)}"
        case Line(listing=code):
            lines = dict(enumerate(code.splitlines(), 1))
            if not {*answer} <= lines.keys() or len(answer) > len({*answer}):
                return f"{answer} must name lines 1 to {len(lines)} of the listing, each once"
            if blank := [n for n in answer if not lines[n].strip()]:
                return f"line {blank[0]} is blank, so that nobody can mark it"
        case Predict() if _literal(answer) is None:
            short = shorten(answer)
            return f"{short} is neither a Python literal (text: \"'text'\") nor an exception"
        case Predict() if "\\N{" in answer:
            return "the front end knows no names of characters: write the character itself"
    return ""


def twins(texts: dict[Loc, str]) -> Iterator[tuple[Loc, str]]:
    """Yield the place of each text that a learner cannot tell from an earlier one."""
    seen: dict[str, list[str]] = {}
    for loc, text in texts.items():
        similar = seen.setdefault(re.sub(r"\W", "", text), [])
        if any(markdown(text) == markdown(other) for other in similar):
            yield loc, "an earlier one has the same text"
        similar.append(text)


def _problems(entry: Any, functions: Iterable[str]) -> Iterator[tuple[Loc, str]]:
    """Yield what the types cannot say about an entry: the place and the message."""
    if isinstance(entry, Exercise):
        for i, name in enumerate(entry.checks):
            if name not in functions or name in entry.checks[:i]:
                yield ("checks", i), unknown("or repeated check of checks.py", name, functions)
        yield from twins({("hints", i): hint for i, hint in enumerate(entry.hints)})
        try:
            ast.parse(entry.starter)
        except UNREADABLE as error:
            yield ("starter",), f"not Python: {str(error) or 'nested too deeply'}"
        return
    if entry.proof and entry.proof not in functions:
        yield ("proof",), unknown("proof of proofs.py", entry.proof, functions)
    if isinstance(entry, Open):
        yield from twins({("rubric", i): point for i, point in enumerate(entry.rubric)})
        if entry.proof:
            yield ("proof",), "an open question has no key, so there is nothing to prove"
        return
    if (entry.proof is None) == (entry.no_proof is None):
        yield (), "give either `proof` or `no_proof: definition` or `no_proof: judgement`"
    options = getattr(entry, "options", [])
    yield from twins({("options", i, "text"): option.text for i, option in enumerate(options)})
    for name in ("items", "left", "right"):
        yield from twins({(name, key): text for key, text in getattr(entry, name, {}).items()})
    for i, option in enumerate(options):
        given = "predicts" in option.model_fields_set
        if given != bool(entry.proof) and (entry.proof or entry.no_proof):
            yield ("options", i, "predicts"), "needs a proof" if given else "missing"
        same = [o for o in options[:i] if _canonical(o.predicts) == _canonical(option.predicts)]
        if given and same and isinstance(entry, Single):
            yield ("options", i, "predicts"), "an earlier option predicts the same"
    if message := _misfit(entry, entry.key):
        yield ("key",), message
    answers = [mistake.answer for mistake in getattr(entry, "mistakes", [])]
    for i, answer in enumerate(answers):
        if message := _misfit(entry, answer):
            yield ("mistakes", i, "answer"), message
        elif any(_same(entry, answer, other) for other in (entry.key, *answers[:i])):
            yield ("mistakes", i, "answer"), "this is the key, or an earlier mistake"
    if isinstance(entry, Order) and list(entry.items) == entry.key:
        yield ("items",), "mix the items: as they stand they give the key away"
    if isinstance(entry, Line):
        for n in sorted({*entry.lines, *entry.key}):
            if bool(beyond := _misfit(entry, [n])) == (n in entry.lines):
                yield ("lines", n), beyond or "missing: why this line is faulty"


# ---------------------------------------------------------------- loading and finding


def _functions(file: Path, faults: list[Fault]) -> dict[str, str]:
    """Return the source of each proof or check in a file, without importing it."""
    text = file.read_text(encoding="utf-8-sig") if file.exists() else ""
    mark = r"^@[\w.]*\bproof\(" if file.name == "proofs.py" else r"\bcall\b"
    lines, found, seen = text.split("\n"), dict[str, str](), set[str]()
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min(part.lineno for part in (node, *node.decorator_list))
            source = "\n".join(lines[first - 1 : node.end_lineno])
            if re.search(mark, source, re.MULTILINE):
                found[node.name] = source
            if node.name in seen:
                faults.append(Fault(file, node.lineno, "", f"{node.name} is defined twice"))
            seen.add(node.name)
    return found


def load_topic(path: Path) -> Topic:
    """Read a topic's folder; raise ``BankError`` with every fault of its two lists."""
    topic, faults = Topic(path.name, path), list[Fault]()
    mended = {"difficulty": 1, "level": "recall"}
    lists: Any = (
        ("questions.yml", "proofs.py", "id", topic.questions),
        ("exercises.yml", "checks.py", "name", topic.exercises),
    )
    if not any((path / name).exists() for name, *_ in lists):
        raise BankError([Fault(path, 1, "", "no questions.yml and no exercises.yml here")])
    for name, python, naming, entries in lists:
        reader, functions = Reader(path / name), dict[str, str]()
        try:
            functions = _functions(path / python, faults)
        except UnicodeDecodeError as error:
            faults.append(Fault(path / python, *not_utf8(error)))
        except UNREADABLE as error:
            line, said = getattr(error, "lineno", None) or 1, str(error) or "nested too deeply"
            faults.append(Fault(path / python, line, "", f"not Python: {said}"))
        for index, data in reader.entries() if reader.file.exists() else ():
            model = KINDS.get(str(data.get("kind"))) if naming == "id" else Exercise
            if model is None:
                reader.report((index, "kind"), unknown("kind", data.get("kind"), KINDS))
            elif entry := reader.validated(index, data, model, mended):
                entry._folder, entry._line = path, reader.lines[index,]
                entry._proof = functions.get(getattr(entry, "proof", None) or "")
                for loc, message in _problems(entry, functions):
                    reader.report((index, *loc), message)
                first = entries.setdefault(getattr(entry, naming), entry)
                if first is not entry:
                    reader.report((index, naming), f"taken by the entry on line {first.line}")
        faults += sorted(reader.faults.values(), key=lambda fault: fault.line)
    if faults:
        raise BankError(faults)
    return topic


def _folders(topics: Path) -> dict[str, Path]:
    return {file.parent.name: file.parent for file in sorted(topics.glob("*/*s.yml"))}


def load_bank(topics: Path = TOPICS) -> dict[str, Topic]:
    """Read every topic; raise ``BankError`` with the faults of all of them."""
    bank, faults, taken = dict[str, Topic](), list[Fault](), dict[str, str]()
    for name, path in _folders(topics).items():
        try:
            bank[name] = _current(path)
        except BankError as error:
            faults += error.faults
            continue
        for i, exercise in enumerate(bank[name].exercises.values()):
            if (owner := taken.setdefault(exercise.name, name)) != name:
                message = f"the topic {owner} has an exercise {exercise.name!r} already"
                faults.append(Fault(path / "exercises.yml", exercise.line, f"[{i}].name", message))
    if faults:
        raise BankError(faults)
    return bank


def _current(path: Path) -> Topic:
    """Return a topic, loaded again only where one of its files has changed."""
    stats = [file.stat() for file in sorted(path.glob("*.*"))]
    return _loaded(path, tuple((stat.st_mtime_ns, stat.st_size) for stat in stats))


@lru_cache
def _loaded(path: Path, stamp: object) -> Topic:
    return load_topic(path)


def find_question(ref: str, topics: Path = TOPICS) -> Question:
    """Return the question ``topic/id``; raise ``LookupError``, naming the nearest, if none is."""
    name, _, key = ref.partition("/")
    if name not in (folders := _folders(topics)):
        raise LookupError(unknown("topic", name, folders))
    if key not in (questions := _current(folders[name]).questions):
        raise LookupError(unknown(f"question of {name}", key, questions))
    return questions[key]


def find_exercise(name: str, topics: Path = TOPICS) -> tuple[Topic, Exercise]:
    """Return an exercise and its topic; raise ``LookupError``, naming the nearest, if none is."""
    folders = [path for path in _folders(topics).values() if (path / "exercises.yml").exists()]
    for path in folders:  # a fault in one topic does not keep learners from another's exercises
        text = (path / "exercises.yml").read_text(encoding="utf-8", errors="replace")
        if name in text and name in (topic := _current(path)).exercises:
            return topic, topic.exercises[name]
    raise LookupError(
        unknown("exercise", name, [n for p in folders for n in _current(p).exercises])
    )


def proof_source(question: Question) -> str | None:
    """Return the source of the question's proof as it was loaded, or None if it has none."""
    return question._proof


# ---------------------------------------------------------------- Markdown


def _stars(state: StateInline, silent: bool) -> bool:
    """Emphasise with ``*`` outside words alone: ``__init__`` and ``2*3*4`` stay as written."""
    before, after = state.src[: state.pos].rstrip("*")[-1:], state.src[state.pos :].lstrip("*")[:1]
    if state.src[state.pos] != "*" or (before.isalnum() and after.isalnum()):
        return False
    return emphasis.tokenize(state, silent)


_RULES = "fence list table blockquote backticks emphasis link escape newline"
_MARKDOWN = MarkdownIt("zero").enable(_RULES.split())
_MARKDOWN.inline.ruler.at("emphasis", _stars)
_MARKDOWN.validateLink = re.compile(r"(?i)https?://|mailto:|[^:]*$").match  # type: ignore


def markdown(text: str) -> str:
    """Render Markdown as HTML; HTML in it, images and unsafe links are shown as written."""
    return str(_MARKDOWN.render(text))


def markdown_inline(text: str) -> str:
    """Render Markdown without a paragraph around it."""
    return str(_MARKDOWN.renderInline(text))
