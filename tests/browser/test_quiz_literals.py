"""What a learner types as a prediction means what it means in Python."""

from __future__ import annotations

import ast
import json
import random
import re
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.needs_chromium

Reading = Callable[[list[str]], list[str | None]]
IN_PAGE = """async ([name, texts]) => {
  const engine = await import("./quiz.js?again");
  return texts.map((text) => { try { return engine[name](text); } catch { return null; } });
}"""


@pytest.fixture(scope="module")
def page(browser: Browser, site: str) -> Iterator[Page]:
    """A page from which the engine can be imported."""
    page = browser.new_page()
    page.goto(f"{site}plain.html")
    yield page
    page.close()


@pytest.fixture(scope="module")
def read(page: Page) -> Reading:
    """Return ``read(texts)``: each text's meaning, the same for equal values, or None."""
    return lambda texts: page.evaluate(IN_PAGE, ["meaning", texts])


# ---------------------------------------------------------------- values in many spellings

atoms = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.integers(-3, 3)
    | st.floats(allow_nan=False)
    | st.sampled_from([0.0, -0.0, 1.0, 2.0, 1e23, 1e308])
    | st.text(max_size=6)
    | st.sampled_from(["a", "b", "it's", '"', "\\", "\n", "é", "😀", "\0", "{}"])
    | st.binary(max_size=4)
)
keys = st.recursive(atoms, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=4)
values = st.recursive(
    atoms,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(keys, inner, max_size=3)
        | st.sets(keys, max_size=3)
    ),
    max_leaves=8,
)


def spell(value: Any, rng: random.Random) -> str:
    """Write a value as a Python literal, in one of the many ways."""
    gap = rng.choice(["", "", " ", "\n  "])

    def joined(parts: list[str], one: str = "") -> str:
        end = rng.choice(["", f"{gap},"]) if len(parts) > 1 else one
        return f"{gap},{gap}".join(parts) + (end if parts else "") + gap

    if isinstance(value, bool) or value is None:
        return f"({value})" if rng.random() < 0.1 else str(value)
    if isinstance(value, int):
        form = rng.choice(["d", "d", "_d", "#x", "#b", "#_o"])
        return format(value, form)
    if isinstance(value, float):
        text = rng.choice([repr(value), f"{value:.17e}", f"{value:.17E}"])
        return re.sub("(?i)inf", "1e999", text)
    if isinstance(value, str | bytes):
        return _spell_text(value, rng)
    items = [*value.items()] if isinstance(value, dict) else [*value]
    if isinstance(value, set | dict):
        rng.shuffle(items)
    if isinstance(value, dict):
        return "{" + gap + joined([f"{spell(k, rng)}{gap}:{spell(v, rng)}" for k, v in items]) + "}"
    parts = [spell(item, rng) for item in items]
    if isinstance(value, set):
        return "{" + joined(parts) + "}" if parts else f"set({gap})"
    if isinstance(value, tuple):
        return f"({gap}{joined(parts, ',')})"
    return f"[{gap}{joined(parts)}]"


def _spell_text(value: str | bytes, rng: random.Random) -> str:
    """Write text or bytes: quotes, escapes and pieces vary."""
    cut = rng.randrange(len(value) + 1)
    pieces = [value[:cut], value[cut:]] if rng.random() < 0.3 else [value]
    written = []
    for piece in pieces:
        text = repr(piece)
        if isinstance(piece, bytes):
            text = rng.choice([text, "B" + text[1:]])
        elif rng.random() < 0.3:
            text = ascii(piece)
        elif rng.random() < 0.3:
            body = piece.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "\\r")
            text = f'"""{body}"""'.replace("\0", "\\0" if rng.random() < 0.5 else "\\x00")
            text = text if ast.literal_eval(text) == piece else repr(piece)
        elif not re.search(r"['\\\n\r\0]", piece):
            text = rng.choice([f"r'{piece}'", f"u'{piece}'", f"R'{piece}'"])
        written.append(text)
    return rng.choice([" ", "\t", "  "]).join(written)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(values, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_equal_values_in_any_spelling_mean_the_same_and_others_do_not(
    read: Reading, some: list[Any], rng: random.Random
) -> None:
    texts = [spell(value, rng) for value in some] + [spell(value, rng) for value in some]
    known = [ast.literal_eval(text) for text in texts]
    meanings = read(texts)
    assert None not in meanings, texts
    for i, one in enumerate(known):
        for j, other in enumerate(known):
            assert (meanings[i] == meanings[j]) == (one == other), (texts[i], texts[j])


PIECES = [*"#'\"[](){},:.0178_-+xXobBeErRuUn\\ aT", "set()", "'''", "None", "0x", "1_"]


def allowed(text: str) -> bool:
    """Whether Python reads a text as a literal."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.literal_eval(text)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            return False
    return True


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values, st.randoms(use_true_random=False), st.data())
def test_what_python_does_not_read_is_not_read_either(
    read: Reading, value: Any, rng: random.Random, data: st.DataObject
) -> None:
    texts = []
    for _ in range(6):
        text = spell(value, rng).replace("\n", " ")
        for _ in range(data.draw(st.integers(1, 2))):
            place = data.draw(st.integers(0, len(text)))
            piece = data.draw(st.sampled_from(PIECES))
            text = text[:place] + piece + text[place + data.draw(st.integers(0, 2)) :]
        texts.append(text)
    # Python also reads complex numbers, Ellipsis, names of characters and a sign before brackets;
    # here a name that begins with a capital is an exception's.
    strange = re.compile(r"[jJ]|\.\.\.|\\N|[-+]\s*\(|^\s*(\w+\.)*[A-Z]\w*\s*(\(|:|$)")
    texts = [text for text in texts if text.strip() and not strange.search(text)]
    assume(texts)
    for text, meaning in zip(texts, read(texts), strict=True):
        assert (meaning is not None) == allowed(text), text


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("1", "1.0", True),
        ("True", "1", True),  # as in Python, where True == 1
        ("(1,)", "[1]", False),
        ("(1)", "1", True),
        ("1, 2", "(1, 2)", True),
        ("'a'", "b'a'", False),
        ("{1, 2}", "{2, 1, 2}", True),
        ("{}", "set()", False),
        ("{'a': 1, 'b': 2}", "{'b': 2, 'a': 1}", True),
        ("{'a': 1, 'a': 2}", "{'a': 2}", True),
        ("9007199254740993", "9007199254740992.0", False),
        ("1e3", "1_000", True),
        ("'a' 'b'", "'ab'", True),
        (r"r'\n'", r"'\\n'", True),
        (r"'\U0001F600'", "'😀'", True),
        ("KeyError", "builtins.KeyError", True),
        ("KeyError('x')", "KeyError", True),
        ("KeyError: 'x'", "KeyError", True),
        ("KeyError", "LookupError", False),
        ("None", "'None'", False),
        ("True", "False", False),
        ("5  # it counts", "5", True),
        ("[1,  # one\n 2]", "[1, 2]", True),
        ("'a # b'", "'a '", False),
    ],
)
def test_what_counts_as_the_same(read: Reading, one: str, other: str, equal: bool) -> None:
    meanings = read([one, other])
    assert None not in meanings
    assert (meanings[0] == meanings[1]) is equal


@pytest.mark.parametrize("text", ["true", "null", "hello", "a.b", "1 2", "", " ", "1j"])
def test_what_is_neither_a_value_nor_an_exception(read: Reading, text: str) -> None:
    assert read([text]) == [None]


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("4", "s", 4),
        ("4.50 s", "s", 4.5),
        ("4,5", None, 4.5),
        ("0,125", None, 0.125),
        ("1_000", None, 1000),
        ("1e3", None, 1000),
        ("≈ 2 MB", "mb", 2),
        ("-3", None, -3),
        ("−3", None, -3),
        (".5", None, 0.5),
        ("50%", "%", 50),
        ("1,500", None, None),
        ("1,500,000", None, None),
        ("4 ms", "s", None),
        ("4 apples", None, None),
        ("1.2.3", None, None),
        ("four", None, None),
        ("", None, None),
    ],
)
def test_how_a_number_is_read(page: Page, text: str, unit: str | None, value: float | None) -> None:
    script = """async ([text, unit]) => {
      const { quantity } = await import("./quiz.js?again");
      try { return quantity(text, unit ?? undefined); } catch { return null; }
    }"""
    assert json.dumps(page.evaluate(script, [text, unit])) == json.dumps(value)
