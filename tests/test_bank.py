"""The bank: a good topic loads whole, a bad one is refused with file, line and field."""

from __future__ import annotations

import random
import shutil
from html.parser import HTMLParser
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workbook.bank import (
    KINDS,
    TOPICS,
    BankError,
    Topic,
    agrees,
    find_exercise,
    find_question,
    load_bank,
    load_topic,
    markdown,
    markdown_inline,
    proof_source,
    wrong_keys,
)
from workbook.sandbox import proof

QUESTIONS = """\
- id: which
  kind: single
  objective: Choose
  difficulty: 1
  level: recall
  prompt: Which one?
  source: "[PEP 3333](https://peps.python.org/pep-3333/)"
  proof: which_proof
  options:
    - text: the first
      why: It is the first.
      predicts: 200
    - text: the second
      why: It is the second.
      predicts: null
  key: 1
- id: several
  kind: multiple
  objective: Choose several
  difficulty: 2
  level: apply
  prompt: Which ones?
  source: several source
  proof: several_proof
  options:
    - {text: red, why: It is red., predicts: red}
    - {text: blue, why: It is blue., predicts: [1, two]}
    - {text: green, why: It is green., predicts: true}
  key: [0, 1]
- id: sequence
  kind: order
  objective: Order
  difficulty: 3
  level: analyse
  prompt: In which order?
  source: sequence source
  no_proof: definition
  items: {b: second, a: first, c: third}
  key: [a, b, c]
  mistakes:
    - {answer: [a, c, b], why: The last two are swapped.}
    - {answer: [c, b, a], why: It is backwards.}
  why: Think of the alphabet.
- id: pairs
  kind: match
  objective: Match
  difficulty: 3
  level: analyse
  prompt: What goes together?
  source: pairs source
  no_proof: judgement
  left: {x: ex, y: why}
  right: {one: 1st, two: 2nd, three: 3rd}
  key: {x: one, y: one}
  mistakes:
    - {answer: {x: two, y: one}, why: Not two.}
    - {answer: {x: one, y: two}, why: Not two either.}
  why: Both go with one.
- id: amount
  kind: number
  objective: Count
  difficulty: 1
  level: recall
  prompt: How many?
  source: amount source
  proof: amount_proof
  key: 8
  tolerance: 0.5
  unit: requests
  mistakes:
    - {answer: 1, why: They do not queue.}
    - {answer: 9.5, why: Nobody else asks.}
  why: Count them.
- id: faulty
  kind: line
  objective: Spot
  difficulty: 1
  level: recall
  prompt: Which lines?
  source: faulty source
  proof: faulty_proof
  listing: |
    one
    two
    three
  key: [1, 3]
  lines: {1: It is odd., 2: It is even., 3: It is odd too.}
  mistakes:
    - {answer: [1], why: There is one more.}
    - {answer: [1, 2], why: Two is even.}
  why: Look for odd ones.
- id: gives
  kind: predict
  objective: Foresee
  difficulty: 1
  level: recall
  prompt: What does it give?
  source: gives source
  proof: gives_proof
  listing: f()
  key: "{'a': (1, 2)}"
  mistakes:
    - {answer: "{'a': [1, 2]}", why: It is a tuple.}
    - {answer: KeyError, why: Nothing is looked up.}
  why: Read it again.
- id: spoken
  kind: open
  objective: Tell
  difficulty: 1
  level: recall
  prompt: Tell me.
  source: spoken source
  rubric: [beginning, middle, end]
  model: Once upon a time.
"""

PROOFS = """\
import workbook.sandbox
from workbook.sandbox import proof

def helper():
    raise RuntimeError

@proof("json")
def which_proof():
    return None

@proof("json")
def several_proof():
    return ["red", [1, "two"]]

@workbook.sandbox.proof("json", "email")
async def amount_proof():
    '''Counts.'''
    return 8

@proof(
    "json",
)
def faulty_proof():
    return {1, 3}

@proof("json")
def gives_proof():
    return {"a": (1, 2)}

raise SystemExit("a topic's code is never executed by loading it")
"""

EXERCISES = """\
- name: double
  objective: Double
  difficulty: 1
  task: Write `double`.
  starter: |
    def double(n):
        return n
  hints: [one, two, three]
  checks: [doubles_two]
- name: halve
  objective: Halve
  difficulty: 2
  task: Write `halve`.
  starter: |
    def halve(n):
        return n
  hints: [one, two, three]
  checks: [halves_two, refuses_text]
  limits: {seconds: 2.5}
"""

CHECKS = """\
def helper(x):
    return x

def doubles_two(call):
    call("double", 2).gives(4)

def halves_two(submission, call):
    call("halve", 2).gives(1)

async def refuses_text(call):
    call("halve", "2").raises(TypeError)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A good topic, to be spoilt."""
    path = tmp_path / "numbers"
    path.mkdir()
    (path / "questions.yml").write_text(QUESTIONS)
    (path / "exercises.yml").write_text(EXERCISES)
    (path / "proofs.py").write_text(PROOFS)
    (path / "checks.py").write_text(CHECKS)
    return path


@pytest.fixture
def topic(folder: Path) -> Topic:
    return load_topic(folder)


def faults_of(path: Path) -> list[tuple[str, int, str, str]]:
    with pytest.raises(BankError) as caught:
        load_topic(path)
    for fault in caught.value.faults:
        assert str(fault) in str(caught.value)
        assert f"{fault.file}:{fault.line}: " in str(fault)
    return [(f.file.name, f.line, f.path, f.message) for f in caught.value.faults]


# ---------------------------------------------------------------- a good topic


def test_every_kind_loads_with_its_fields(topic: Topic) -> None:
    assert [question.kind for question in topic.questions.values()] == list(KINDS)
    assert topic.questions["which"].options[1].predicts is None
    assert topic.questions["amount"].tolerance == 0.5
    assert topic.questions["faulty"].lines[3] == "It is odd too."
    assert topic.questions["sequence"].ref == "numbers/sequence"
    assert topic.questions["several"].topic == "numbers"
    assert topic.questions["several"].line == 17
    assert topic.exercises["double"].starter == "def double(n):\n    return n\n"
    assert topic.exercises["halve"].limits.seconds == 2.5
    assert topic.exercises["double"].limits.model_dump() == {
        "seconds": 10,
        "memory_mb": 512,
        "output_bytes": 1_000_000,
    }


def test_loading_executes_nothing(folder: Path) -> None:
    marker = folder / "executed"
    for name in ("proofs.py", "checks.py"):
        with (folder / name).open("a") as file:
            file.write(f"\nopen({str(marker)!r}, 'w')\n")
    assert load_topic(folder).questions
    assert not marker.exists()


def test_a_topic_may_have_questions_or_exercises_alone(folder: Path) -> None:
    (folder / "exercises.yml").unlink()
    assert load_topic(folder).exercises == {}
    (folder / "exercises.yml").write_text(EXERCISES)
    (folder / "questions.yml").unlink()
    assert load_topic(folder).questions == {}


def test_a_byte_order_mark_and_windows_line_ends_are_fine(folder: Path) -> None:
    text = "\ufeff" + QUESTIONS.replace("\n", "\r\n")
    (folder / "questions.yml").write_bytes(text.encode())
    assert load_topic(folder).questions["faulty"].listing == "one\ntwo\nthree\n"


def test_the_packaged_topics_load() -> None:
    bank = load_bank()
    assert bank, "no topic in the package"
    for name, loaded in bank.items():
        assert loaded.path == TOPICS / name
        for question in loaded.questions.values():
            assert find_question(question.ref).content_hash == question.content_hash
            assert (proof_source(question) is None) == (question.proof is None)


# ---------------------------------------------------------------- malformed files

#: Text of the good file, what takes its place, and the fault: (text on its line, path, message).
MALFORMED = {
    # the bars of the issue
    "bad YAML": ("prompt: Which one?", "prompt: Which: one?", "prompt: Which:", "", "bad YAML"),
    "duplicate mapping key": ("  key: 1\n", "  key: 1\n  key: 0\n", "key: 0", "[0].key", "twice"),
    "duplicate id": ("id: several", "id: which", 17, "[1].id", "entry on line 1"),
    "unknown field": ("  key: 1\n", "  key: 1\n  promt: W\n", "promt", "[0].promt", "'prompt'?"),
    "no key": ("  key: 1\n", "", "- id: which", "[0].key", "missing"),
    "key out of range": ("key: 1\n", "key: 2\n", "key: 2", "[0].key", "0 to 1"),
    "wrong type": ("difficulty: 1", "difficulty: '1'", "'1'", "[0].difficulty", "integer"),
    "missing feedback": (
        "      why: It is the first.\n",
        "",
        "the first",
        "[0].options[0].why",
        "missing",
    ),
    "unknown proof": ("which_proof", "wich_proof", "wich", "[0].proof", "'which_proof'?"),
    "unknown kind": ("kind: single", "kind: chioce", "chioce", "[0].kind", "multiple, number"),
    "empty option": ("text: the first", "text: ''", "text: ''", "[0].options[0].text", "empty"),
    "wrong encoding": ("Which ones?", "Wh\udce9ch ones?", "ch ones?", "", "UTF-8 (byte 0xe9)"),
    # the file as a whole
    "a mapping, not a list": (QUESTIONS, "one: 1", 1, "", "list of entries"),
    "text, not a list": (QUESTIONS, "hello", 1, "", "list of entries"),
    "empty file": (QUESTIONS, "", 1, "", "list of entries"),
    "comments alone": (QUESTIONS, "# later\n", 1, "", "list of entries"),
    "null": (QUESTIONS, "null\n", 1, "", "list of entries"),
    "second document": ("- id: spoken", "---\n- id: spoken", 1, "", "remove the line `---`"),
    "tab": ("  level: analyse\n", "\tlevel: analyse\n", "\tlevel", "", "tab"),
    "control character": ("Which ones?", "Which\x07", "Which\x07", "", "bad YAML"),
    "never closed": ("[a, b, c]", "[a, b, c", "mistakes", "", "bad YAML"),
    "nested without end": (QUESTIONS, "- " + "[" * 200_000, 1, "", "bad YAML: nested too deeply"),
    "entry that is text": ("- id: spoken", "- spoken\n- id: spoken", 106, "[7]", "mapping"),
    "entry that is null": ("- id: spoken", "-\n- id: spoken", 106, "[7]", "empty"),
    "escaped control character": (
        "Tell me.",
        '"Te\\0ll me."',
        '"Te\\0',
        "[7].prompt",
        "'\\x00' would not be seen",
    ),
    "writing turned around": (
        "Tell me.",
        '"a\\u202eb"',
        '"a\\u',
        "[7].prompt",
        "'\\u202e' would not",
    ),
    "a line end that is not everybody's": (
        "listing: |\n    one\n    two\n    three",
        'listing: "one\\ftwo\\u2028three"',
        "listing:",
        "[5].listing",
        "would not be seen",
    ),
    # YAML that surprises
    "anchor": ("source: pairs source", "source: &s pairs", "&s", "[3].source", "anchors"),
    "alias": (
        "[beginning, middle, end]",
        "[&a beginning, *a, end]",
        "[&a",
        "[7].rubric[0]",
        "aliases",
    ),
    "merge key": ("- id: spoken", "- <<: {}\n  id: spoken", "<<", "[7].<<", "'<<' as a merge"),
    "tag": ("model: Once", "model: !!python/name:os.system Once", "!!", "[7].model", "tags"),
    "yes where text is meant": ("text: the first", "text: yes", "text: yes", "", "text needs"),
    "off in a prediction": ("predicts: red", "predicts: off", ": off", "", "'off' as a truth"),
    "sexagesimal": ("prompt: Tell me.", "prompt: 12:30", "12:30", "[7].prompt", "text needs"),
    "octal": ("key: 8", "key: 010", "010", "[4].key", "'010' as a number"),
    "date": ("source: pairs source", "source: 2026-11-01", "2026-", "[3].source", "date"),
    "true where text is meant": ("Tell me.", "true", "prompt: true", "[7].prompt", "string"),
    "number where text is meant": ("Tell me.", "200", "prompt: 200", "[7].prompt", "string"),
    "field left empty": ("prompt: Tell me.", "prompt:", "prompt:", "[7].prompt", "empty"),
    "optional field left empty": ("unit: requests", "unit: ~", "~", "[4].unit", "empty"),
    "complex mapping key": (
        "left: {x: ex",
        "left: {[x]: ex",
        "{[x]",
        "[3].left.['x']",
        "must be text",
    ),
    # fields of every kind
    "no kind": ("  kind: single\n", "", "- id: which", "[0].kind", "single"),
    "id that is no name": ("id: which", "id: Which one", "- id", "[0].id", "pattern"),
    "level": ("level: apply", "level: hard", "hard", "[1].level", "'analyse'"),
    "difficulty": ("difficulty: 2", "difficulty: 4", "4", "[1].difficulty", "3, not 4"),
    "true as a difficulty": ("difficulty: 2", "difficulty: true", "true", "", "integer, not True"),
    "neither proof nor reason": ("  proof: which_proof\n", "", 1, "[0]", "either `proof`"),
    "both proof and reason": (
        "proof: which_proof",
        "proof: which_proof\n  no_proof: judgement",
        1,
        "[0]",
        "either `proof`",
    ),
    "unknown reason": ("judgement", "opinion", "opinion", "[3].no_proof", "'judgement'"),
    "undecorated proof": ("which_proof", "helper", "helper", "[0].proof", "unknown proof"),
    "topic given by hand": ("- id: spoken", "- topic: x\n  id: spoken", "topic: x", "", "topic"),
    # choices
    "one option": (
        "    - text: the second\n      why: It is the second.\n      predicts: null\n",
        "",
        9,
        "[0].options",
        "at least 2",
    ),
    "same text twice": ("the second", "the first", 13, "[0].options[1].text", "same text"),
    "same text but for its Markdown": (
        "text: the first\n      why: It is the first.\n      predicts: 200\n    - text: the second",
        "text: 2 * 3\n      why: x\n      predicts: 200\n    - text: 2 \\* 3",
        13,
        "[0].options[1].text",
        "same text",
    ),
    "text without a character": ("text: the first", 'text: "\\u200b"', "200b", "", "String should"),
    "same prediction twice": ("predicts: null", "predicts: 200", 15, "", "predicts the same"),
    "no prediction": ("      predicts: null\n", "", 13, "[0].options[1].predicts", "missing"),
    "prediction without a proof": (
        "proof: which_proof",
        "no_proof: definition",
        "predicts: 200",
        "[0].options[0].predicts",
        "proof",
    ),
    "list as key of single": ("key: 1\n", "key: [1]\n", "key: [1]", "[0].key", "integer"),
    "number as key of multiple": ("key: [0, 1]", "key: 0", "key: 0", "[1].key", "list"),
    "empty key of multiple": ("key: [0, 1]", "key: []", "key: []", "[1].key", "at least 1"),
    "key of multiple out of range": ("key: [0, 1]", "key: [0, 3]", "[0, 3]", "[1].key", "0 to 2"),
    "negative key": ("key: [0, 1]", "key: [-1]", "[-1]", "[1].key", "0 to 2"),
    "option named twice": ("key: [0, 1]", "key: [1, 1]", "[1, 1]", "[1].key", "each once"),
    "mistakes of a choice": ("key: 1\n", "key: 1\n  mistakes: []\n", "mistakes: []", "", "unknown"),
    # keys and mistakes
    "order that lacks an item": ("key: [a, b, c]", "key: [a, b]", "[a, b]", "[2].key", "b, a, c"),
    "order that repeats an item": ("key: [a, b, c]", "key: [a, b, b]", "b, b]", "[2].key", "once"),
    "mistake that lacks an item": (
        "[a, c, b]",
        "[a, c]",
        "[a, c]",
        "[2].mistakes[0].answer",
        "once",
    ),
    "mistake that is the key": ("[c, b, a]", "[a, b, c]", "backwards", "", "this is the key"),
    "mistake given twice": ("[c, b, a]", "[a, c, b]", "backwards", "", "an earlier mistake"),
    "one mistake": (
        "    - {answer: [c, b, a], why: It is backwards.}\n",
        "",
        40,
        "[2].mistakes",
        "at least 2",
    ),
    "mistake without feedback": (
        ", why: It is backwards.",
        "",
        "[c, b, a]",
        "[2].mistakes[1].why",
        "missing",
    ),
    "unknown field of a mistake": (
        "why: It is b",
        "wy: x, why: It is b",
        "wy:",
        "",
        "did you mean 'why'?",
    ),
    "no general feedback": ("  why: Count them.\n", "", "- id: amount", "[4].why", "missing"),
    "two items that look alike": ("b: second", "b: first", "{b", "[2].items.a", "same text"),
    "two partners that look alike": ("two: 2nd", "two: 1st", "1st", "[3].right.two", "same text"),
    "a partner without a name": (
        "{one: 1st,",
        "{'': zeroth, one: 1st,",
        "{'':",
        "[3].right.",
        "empty",
    ),
    "more partners than letters": (
        "{one: 1st,",
        "{" + ", ".join(f"n{n}: t{n}" for n in range(24)) + ", one: 1st,",
        "n0",
        "[3].right",
        "at most 26",
    ),
    "items in the order of the key": (
        "{b: second, a: first,",
        "{a: 1st, b: 2nd,",
        "1st",
        "",
        "mix",
    ),
    "match that lacks a name": ("key: {x: one, y: one}", "key: {x: one}", "{x: one}", "", "x, y"),
    "match with a stranger": ("y: one}\n", "y: four}\n", "four", "[3].key", "one, two, three"),
    "text as a number": ("key: 8", "key: eight", "eight", "[4].key", "number"),
    "infinity": ("key: 8", "key: .inf", ".inf", "[4].key", "number"),
    "negative tolerance": ("tolerance: 0.5", "tolerance: -1", "-1", "[4].tolerance", "0"),
    "mistake within the tolerance": ("answer: 9.5", "answer: 8.25", "8.25", "", "this is the key"),
    "line beyond the listing": ("key: [1, 3]", "key: [1, 4]", "[1, 4]", "[5].key", "lines 1 to 3"),
    "line 0": ("key: [1, 3]", "key: [0]", "[0]", "[5].key", "lines 1 to 3"),
    "line named twice": ("key: [1, 3]", "key: [1, 3, 3]", "3, 3]", "[5].key", "each once"),
    "blank line as key": ("    three\n", "\n    four\n", "key: [1, 3]", "[5].key", "3 is blank"),
    "feedback beyond the listing": (
        "2: It is even.",
        "9: It is even.",
        "9:",
        "[5].lines[9]",
        "1 to 3",
    ),
    "line without feedback": (", 3: It is odd too.", "", "lines: {", "[5].lines[3]", "missing"),
    "line that is no number": (
        "2: It is even.",
        "b: It is even.",
        "b: It",
        "[5].lines.b",
        "integer",
    ),
    "mistake beyond the listing": ("answer: [1, 2]", "answer: [7]", "[7]", "", "lines 1 to 3"),
    "key that is no literal": (
        "key: \"{'a': (1, 2)}\"",
        "key: on and on",
        "on and",
        "[6].key",
        "'text'",
    ),
    "key that was not quoted": (
        "key: \"{'a': (1, 2)}\"",
        "key: {a: 1}",
        "{a: 1}",
        "[6].key",
        "string",
    ),
    "mistake that means the key": (
        "\"{'a': [1, 2]}\"",
        '"{\\"a\\":(1.0,2)}"',
        "1.0",
        "",
        "this is the key",
    ),
    "mistake that is no literal": ("answer: KeyError", "answer: nothing", "nothing", "", "literal"),
    "key that the front end cannot read": (
        "key: \"{'a': (1, 2)}\"",
        "key: 1+2j",
        "1+2j",
        "[6].key",
        "literal",
    ),
    "key with a character's name": (
        "key: \"{'a': (1, 2)}\"",
        "key: '\"\\N{BULLET}\"'",
        "BULLET",
        "[6].key",
        "the character itself",
    ),
    "key that ends like an exception": (
        "key: \"{'a': (1, 2)}\"",
        "key: It raises builtins.KeyError",
        "It raises",
        "[6].key",
        "literal",
    ),
    "two points that look alike": (
        "[beginning, middle,",
        "[end, middle,",
        "[end",
        "[7].rubric[2]",
        "",
    ),
    "two points": (
        "[beginning, middle, end]",
        "[beginning, end]",
        "rubric",
        "[7].rubric",
        "3 items",
    ),
    "proof of an open question": (
        "rubric:",
        "proof: which_proof\n  rubric:",
        113,
        "[7].proof",
        "open",
    ),
    "key of an open question": (
        "rubric:",
        "key: 1\n  rubric:",
        "key: 1\n",
        "[7].key",
        "unknown field",
    ),
}

MALFORMED_EXERCISES = {
    "two hints": ("hints: [one, two, three]", "hints: [one, two]", "two]", "[0].hints", "3 items"),
    "same hint twice": (
        "hints: [one, two,",
        "hints: [one, one,",
        "one, one",
        "[0].hints[1]",
        "same",
    ),
    "starter nested without end": (
        "        return n\n",
        f"        return {'-' * 100_000}n\n",
        5,
        "[0].starter",
        "not Python",
    ),
    "endless time": ("{seconds: 2.5}", "{seconds: 1.0e+30}", "1.0e", "[1].limits.seconds", "600"),
    "endless memory": ("{seconds: 2.5}", "{memory_mb: 100000000000000}", "1000", "", "16384"),
    "empty hint": ("hints: [one,", "hints: ['',", "['',", "[0].hints[0]", "empty"),
    "unknown check": (
        "[doubles_two]",
        "[double_two]",
        "[double",
        "[0].checks[0]",
        "'doubles_two'?",
    ),
    "a helper as check": ("[doubles_two]", "[helper]", "helper", "[0].checks[0]", "check"),
    "repeated check": ("refuses_text]", "halves_two]", "halves_two", "[1].checks[1]", "repeated"),
    "no checks": ("checks: [doubles_two]", "checks: []", "[]", "[0].checks", "at least 1"),
    "starter that is not Python": ("def double(n):", "def double(n)", 5, "[0].starter", "Python"),
    "duplicate name": ("name: halve", "name: double", 10, "[1].name", "line 1"),
    "unknown limit": (
        "{seconds: 2.5}",
        "{second: 2}",
        "second: 2",
        "[1].limits.second",
        "'seconds'?",
    ),
    "no time at all": (
        "{seconds: 2.5}",
        "{seconds: 0}",
        "0}",
        "[1].limits.seconds",
        "greater than 0",
    ),
    "fraction of a megabyte": ("{seconds: 2.5}", "{memory_mb: 0.5}", "0.5", "", "integer"),
    "kind": ("  task: Write `halve`.", "  kind: single\n  task: x", "kind:", "[1].kind", "unknown"),
}


def spoil(file: Path, old: str, new: str, at: str | int) -> int:
    """Replace a text once; return the line on which the fault is to be found."""
    good = file.read_text()
    assert old in good
    bad = good.replace(old, new, 1)
    file.write_bytes(bad.encode("utf-8", "surrogateescape"))
    if isinstance(at, int):
        return at
    changed = bad.rfind("\n", 0, good.index(old)) + 1  # where the line of the change begins
    place = bad.find(at, changed)
    return bad[: place if place >= 0 else bad.index(at)].count("\n") + 1


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_question_is_named_by_file_line_and_field(folder: Path, name: str) -> None:
    old, new, at, path, message = MALFORMED[name]
    line = spoil(folder / "questions.yml", old, new, at)
    found = faults_of(folder)
    file, first, field, said = found[0]
    assert (file, first) == ("questions.yml", line), found
    assert path in ("", field)
    assert message in said
    others = {"alias": 2, "complex mapping key": 4, "prediction without a proof": 2}
    others |= {"blank line as key": 2}
    assert len(found) == others.get(name, 1), found


@pytest.mark.parametrize("name", MALFORMED_EXERCISES)
def test_a_malformed_exercise_is_named_by_file_line_and_field(folder: Path, name: str) -> None:
    old, new, at, path, message = MALFORMED_EXERCISES[name]
    line = spoil(folder / "exercises.yml", old, new, at)
    [(file, first, field, said)] = faults_of(folder)
    assert (file, first) == ("exercises.yml", line)
    assert path in ("", field)
    assert message in said


def test_one_fault_hides_no_other(folder: Path) -> None:
    """Faults of one question, of the next, of the other file: all at once and in order."""
    path = folder / "questions.yml"
    changes = (
        ("  level: recall\n", "  levle: recall\n"),
        ("      why: It is the first.\n", ""),
        ("key: 1\n", "key: 7\n"),
        ("difficulty: 2", "difficulty: 7"),
        ("key: [0, 1]", "key: [9]"),
        ("key: [a, b, c]", "key: [a]"),
        ("kind: match", "kind: mtach"),
        ("answer: 1, why", "answer: 8.1, why"),
    )
    for old, new in changes:
        spoil(path, old, new, 1)
    spoil(folder / "exercises.yml", "[doubles_two]", "[trebles_two]", 1)
    assert [(file, where) for file, _, where, _ in faults_of(folder)] == [
        ("questions.yml", "[0].level"),
        ("questions.yml", "[0].levle"),
        ("questions.yml", "[0].options[0].why"),
        ("questions.yml", "[0].key"),
        ("questions.yml", "[1].difficulty"),
        ("questions.yml", "[1].key"),
        ("questions.yml", "[2].key"),
        ("questions.yml", "[3].kind"),
        ("questions.yml", "[4].mistakes[0].answer"),
        ("exercises.yml", "[0].checks[0]"),
    ]


def test_faults_before_a_syntax_error_are_reported_with_it(folder: Path) -> None:
    spoil(folder / "questions.yml", "key: 1\n", "key: 7\n", 1)
    line = spoil(folder / "questions.yml", "model: Once", "model: a: b", "a: b")
    assert [(at, where) for _, at, where, _ in faults_of(folder)] == [(16, "[0].key"), (line, "")]


def test_an_alias_bomb_is_refused_at_once(folder: Path) -> None:
    bomb = ["- a0: &a0 [x, x]"]
    for n in range(1, 99):
        bomb.append(f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]")
    (folder / "questions.yml").write_text("\n".join(bomb))
    assert any("aliases" in message for *_, message in faults_of(folder))


@pytest.mark.parametrize("name", ["proofs.py", "checks.py"])
def test_python_files_that_are_missing_or_broken_are_named(folder: Path, name: str) -> None:
    (folder / name).write_text("x = 1\ndef broken(:\n")
    assert (name, 2, "") in [fault[:3] for fault in faults_of(folder)]
    (folder / name).unlink()
    messages = [message for *_, message in faults_of(folder)]
    assert len(messages) == {"proofs.py": 5, "checks.py": 3}[name]
    assert all(f"{name} " in message and "none yet" in message for message in messages)


@pytest.mark.parametrize("name", ["proofs.py", "checks.py"])
def test_what_is_wrong_with_a_python_file_is_named_by_its_line(folder: Path, name: str) -> None:
    good = (folder / name).read_bytes()
    lines = good.count(b"\n")
    for more, line, told in (
        (b"\n# caf\xe9\n", lines + 2, "not UTF-8 (byte 0xe9)"),
        (b"x = " + b"-" * 100_000 + b"1\n", 1, "not Python: "),
        (good, lines + (4 if name == "proofs.py" else 1), "is defined twice"),
    ):
        (folder / name).write_bytes(good + more)
        file, at, path, message = faults_of(folder)[0]
        assert (file, path) == (name, "")
        assert told in message
        assert at == line or told == "not Python: "


def test_a_python_file_with_a_byte_order_mark_or_a_form_feed_is_python(folder: Path) -> None:
    for name in ("proofs.py", "checks.py"):
        text = (folder / name).read_text()
        (folder / name).write_text("\ufeff\f\n" + text.replace("\n\n", "\n\f\n"))
    topic = load_topic(folder)
    assert (proof_source(topic.questions["faulty"]) or "").startswith("@proof(")
    assert (proof_source(topic.questions["faulty"]) or "").endswith("return {1, 3}")


def test_a_folder_with_neither_list_is_no_topic(tmp_path: Path) -> None:
    assert [(line, path) for _, line, path, _ in faults_of(tmp_path)] == [(1, "")]


# ---------------------------------------------------------------- finding


def test_what_is_asked_for_is_found(folder: Path) -> None:
    assert find_question("numbers/amount", folder.parent).key == 8
    found, exercise = find_exercise("halve", folder.parent)
    assert (found.name, exercise.name) == ("numbers", "halve")


@pytest.mark.parametrize(
    ("ref", "told"),
    [
        ("numbers/amuont", "unknown question of numbers 'amuont': did you mean 'amount'?"),
        ("number/amount", "unknown topic 'number': did you mean 'numbers'?"),
        ("amount", "unknown topic 'amount'"),
        ("../numbers/amount", "unknown topic '..'"),
        ("", "unknown topic ''"),
    ],
)
def test_a_wrong_reference_suggests_the_right_one(folder: Path, ref: str, told: str) -> None:
    with pytest.raises(LookupError) as caught:
        find_question(ref, folder.parent)
    assert told in str(caught.value)


def test_a_wrong_exercise_suggests_the_right_one(folder: Path) -> None:
    with pytest.raises(LookupError, match=r"unknown exercise 'duoble': did you mean 'double'\?"):
        find_exercise("duoble", folder.parent)


def test_a_changed_file_is_read_again(folder: Path) -> None:
    assert find_question("numbers/amount", folder.parent).key == 8
    assert find_question("numbers/amount", folder.parent) is find_question(
        "numbers/amount", folder.parent
    )
    spoil(folder / "questions.yml", "key: 8", "key: 8.25", 1)
    assert find_question("numbers/amount", folder.parent).key == 8.25


def test_a_fault_in_one_topic_leaves_the_exercises_of_another(folder: Path) -> None:
    shutil.copytree(folder, folder.parent / "a_broken_one")
    (folder.parent / "a_broken_one" / "exercises.yml").write_text("- name: [")
    assert find_exercise("halve", folder.parent)[0].name == "numbers"


def test_an_exercise_name_belongs_to_one_topic(folder: Path) -> None:
    shutil.copytree(folder, folder.parent / "others")
    with pytest.raises(BankError) as caught:
        load_bank(folder.parent)
    found = [(f.file.parent.name, f.line, f.path) for f in caught.value.faults]
    assert found == [("others", 1, "[0].name"), ("others", 10, "[1].name")]
    assert "numbers" in caught.value.faults[0].message


def test_the_faults_of_all_topics_come_together(folder: Path) -> None:
    shutil.copytree(folder, folder.parent / "others")
    for path in (folder, folder.parent / "others"):
        spoil(path / "questions.yml", "key: 1\n", "key: 5\n", 1)
    with pytest.raises(BankError) as caught:
        load_bank(folder.parent)
    assert [f.file.parent.name for f in caught.value.faults] == ["numbers", "others"]


# ---------------------------------------------------------------- keys against observations


def saw(value: object = None, literal: str | None = None, raised: str | None = None) -> object:
    return SimpleNamespace(value=value, literal=literal, raised=raised)


RIGHT = {
    "which": saw(None),
    "several": saw(["red", [1, "two"], "something else"]),
    "sequence": saw(["a", "b", "c"]),
    "pairs": saw({"y": "one", "x": "one"}),
    "amount": saw(8.4),
    "faulty": saw([3, 1]),
    "gives": saw(literal="{'a': (1.0, 2)}"),
}


@pytest.mark.parametrize("name", RIGHT)
def test_the_key_agrees_and_every_moved_key_does_not(topic: Topic, name: str) -> None:
    question = topic.questions[name]
    assert agrees(question, RIGHT[name])
    assert len(wrong_keys(question)) == {"which": 1, "several": 3}.get(name, 2)
    for key in wrong_keys(question):
        assert not agrees(question, RIGHT[name], key), key


@pytest.mark.parametrize(
    ("name", "observation"),
    [
        ("which", saw(False)),
        ("which", saw("None")),
        ("which", saw(201)),
        ("several", saw(["red"])),
        ("several", saw(["red", [1, "two"], True])),
        ("several", saw("red")),
        ("several", saw(None)),
        ("sequence", saw(["a", "b"])),
        ("sequence", saw(None)),
        ("pairs", saw({"x": "one"})),
        ("amount", saw(8.6)),
        ("amount", saw(True)),
        ("amount", saw("8")),
        ("faulty", saw([1])),
        ("faulty", saw([1, 2, 3])),
        ("faulty", saw(None)),
        ("gives", saw(literal="{'a': [1, 2]}")),
        ("gives", saw(literal="{'a': (True, 3)}")),
        ("gives", saw(literal="{'a': (1, 2)}", raised="KeyError")),
        ("gives", saw(literal=None)),
        ("spoken", saw("anything")),
    ],
)
def test_another_observation_does_not_agree(topic: Topic, name: str, observation: object) -> None:
    assert not agrees(topic.questions[name], observation)


@pytest.mark.parametrize(("key", "tolerance"), [(1.1, 0.1), (4.2, 0.1), (0.3, 0.1), (1e9, 0.0)])
def test_the_ends_of_a_tolerance_are_within_it(topic: Topic, key: float, tolerance: float) -> None:
    given = {"key": key, "tolerance": tolerance}
    question = topic.questions["amount"].model_copy(update=given)
    for answer in (round(key - tolerance, 9), round(key + tolerance, 9)):
        assert agrees(question, saw(answer))
    for answer in (key - 1.1 * tolerance - 1e-8 * key, key + 1.1 * tolerance + 1e-8 * key):
        assert not agrees(question, saw(answer))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("[1, 2]", " [1,2.0] ", True),
        ("{'b': 1, 'a': 2}", '{"a": 2, "b": 1}', True),
        ("{2, 1}", "{1, 2}", True),
        ("'on'", '"on"', True),
        ("(1,)", "[1]", False),
        ("1", "True", True),
        ("[0]", "[False]", True),
        ("b'x'", "'x'", False),
        ("'ValueError'", "ValueError", False),
        ("asyncio.CancelledError", "CancelledError", True),
        ("None", "None", True),
        ("[" * 5000, "1", False),
    ],
)
def test_predictions_are_compared_as_values(topic: Topic, one: str, other: str, same: bool) -> None:
    assert agrees(topic.questions["gives"], saw(literal=one), other) is same


def test_the_hash_follows_what_is_asked_and_not_what_is_said_afterwards(folder: Path) -> None:
    def hashes() -> dict[str, str]:
        return {name: q.content_hash for name, q in load_topic(folder).questions.items()}

    before = hashes()
    assert len(set(before.values())) == len(before)
    assert all(len(value) == 16 and int(value, 16) >= 0 for value in before.values())
    for old, new in [
        ("why: It is the first.", "why: It comes first."),
        ("source: sequence source", "source: elsewhere"),
        ("difficulty: 2", "difficulty: 3"),
    ]:
        spoil(folder / "questions.yml", old, new, 1)
    assert hashes() == before
    for changed, old, new in [
        ("which", "text: the first", "text: the 1st"),
        ("several", "key: [0, 1]", "key: [0]"),
        ("sequence", "b: second", "b: 2nd"),
        ("pairs", "right: {one: 1st", "right: {one: first"),
        ("amount", "tolerance: 0.5", "tolerance: 0.25"),
        ("faulty", "    three\n", "    tree\n"),
        ("gives", "What does it give?", "What does this give?"),
        ("spoken", "middle", "centre"),
    ]:
        spoil(folder / "questions.yml", old, new, 1)
        after = hashes()
        assert {name for name in before if after[name] != before[name]} == {changed}
        before = after


# ---------------------------------------------------------------- proofs


def test_a_proof_carries_the_names_of_its_libraries() -> None:
    @proof("uvicorn", "httpx")
    def observed() -> int:
        return 7

    assert observed.libraries == ("uvicorn", "httpx")  # type: ignore[attr-defined]
    assert observed() == 7


def test_the_source_of_a_proof_is_shown_with_its_decorator(topic: Topic) -> None:
    assert proof_source(topic.questions["amount"]) == dedent("""\
        @workbook.sandbox.proof("json", "email")
        async def amount_proof():
            '''Counts.'''
            return 8""")
    assert (proof_source(topic.questions["faulty"]) or "").startswith('@proof(\n    "json",')
    assert proof_source(topic.questions["spoken"]) is None
    assert proof_source(topic.questions["pairs"]) is None


# ---------------------------------------------------------------- Markdown

ALLOWED = {
    *"p ul ol li blockquote pre code em strong a br table thead tbody tr th td".split(),  # noqa: SIM905
}


class Reading(HTMLParser):
    """What a browser would make of it: elements, attributes, text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.elements.append("<!-- -->")

    handle_decl = handle_pi = handle_comment


@pytest.mark.parametrize(
    "text",
    [
        "Dict[str, int]",
        "a<b and c>d",
        "</script>",
        "<img onerror=alert(1) src=x>",
        "<!-- gone? -->",
        "__init__ and _private and snake_case_name",
        "&amp; &#60;b&#62; &copy;",
        "2*3*4 and 2**8**2 and *args, **kwargs",
        "# a comment, not a heading",
        "[x](javascript:alert(1))",
        "[x](JAVASCRIPT:alert(1)) [y](vbscript:x) [z](data:text/html,x) [f](file:///etc/passwd)",
        "[x](javascript&#58;alert(1))",
        "[label]: https://example.org",
        "<https://example.org>",
        "C:\\new\\table",
        "~~gone~~ a | b",
    ],
)
def test_text_is_shown_as_it_was_written(text: str) -> None:
    for html, elements in [(markdown(text), ["p"]), (markdown_inline(text), [])]:
        reading = Reading(html)
        assert reading.elements == elements
        assert reading.text.strip() == text


def test_what_was_asked_for_is_rendered() -> None:
    text = (
        "*a* **b** `c<d` [e](https://x.org/?a=b&c) [f](../o.html#here) \\*\n\n```python\n__x__\n```"
    )
    assert markdown(text) == (
        "<p><em>a</em> <strong>b</strong> <code>c&lt;d</code> "
        '<a href="https://x.org/?a=b&amp;c">e</a> <a href="../o.html#here">f</a> *</p>\n'
        '<pre><code class="language-python">__x__\n</code></pre>\n'
    )
    assert Reading(markdown("| a | b |\n|---|---|\n| 1 | 2 |")).elements.count("td") == 2
    assert Reading(markdown("- a\n- b")).elements == ["ul", "li", "li"]
    assert markdown_inline("`a` b") == "<code>a</code> b"


def test_a_picture_is_not_loaded() -> None:
    assert "img" not in Reading(markdown("![alt](https://x.org/a.png)")).elements


@given(st.text(st.sampled_from("ab1 \n\t*_`[]()<>!&#;:/\\\"'|-=~{}.+x\u00e9\u2028"), max_size=80))
@example("[a](<java\tscript:alert(1)>)")
@example("[a](\x01javascript:alert(1))")
@example('``` "><script>\nx\n```')
@example('[a](/ "><img src=x onerror=alert(1)>")')
def test_no_text_becomes_anything_but_the_allowed_elements(text: str) -> None:
    for html in (markdown(text), markdown_inline(text)):
        reading = Reading(html)
        assert set(reading.elements) <= ALLOWED
        for name, value in reading.attributes:
            assert name in {"href", "title", "class", "start", "style"}
            if name == "style":
                assert value in {"text-align:left", "text-align:right", "text-align:center"}
            if name == "href":
                scheme, colon, _ = (value or "").partition(":")
                assert not colon or scheme.lower() in {"http", "https", "mailto"}


@given(st.text(st.characters(exclude_characters="*`\\", exclude_categories=("Cc", "Cs", "Z"))))
@example("<script>alert(1)</script>")
@example("_a_ __b__ &lt; &amp;")
def test_plain_text_loses_no_character(text: str) -> None:
    if "](" in text:
        return
    plain = f"x {text} y"  # not at the beginning of a line, where - and > mean something
    for html in (markdown(plain), markdown_inline(plain)):
        reading = Reading(html)
        assert set(reading.elements) <= {"p"}
        assert reading.text.strip() == plain


# ---------------------------------------------------------------- a large bank


def test_a_bank_of_a_thousand_questions_loads_whole(folder: Path) -> None:
    """No time is asserted here (benchmarks do that): every question is there, by its own name."""
    blocks = ["- id:" + part for part in QUESTIONS.split("- id:")[1:]]
    chosen = random.Random(7).choices(blocks, k=1000)
    named = (b.replace("\n", f"_{n}\n", 1) for n, b in enumerate(chosen))
    (folder / "questions.yml").write_text("".join(named))
    questions = load_topic(folder).questions
    assert len(questions) == 1000
    assert {question.kind for question in questions.values()} == set(KINDS)
