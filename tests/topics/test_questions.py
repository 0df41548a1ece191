"""The writing rules, for every topic, as far as a test can check them.

What is broken is named as ``questions.yml:line``. Rates are compared with chance by an exact
binomial test, since a topic has few questions.
"""

from __future__ import annotations

import re
from collections import Counter
from math import comb

import pytest
from guessing import REFERS, bars, feedback, guess_from_options

from workbook.authoring import tendencies
from workbook.bank import KINDS, Question, Single, Topic, load_bank

BANK = load_bank()
#: Chapters that follow their issue in place of the rule on kinds and numbers (DESIGN, *A chapter*).
FREE = {"practical_projects", "interview_questions", "quick_reference"}

every_topic = pytest.mark.parametrize("topic", [pytest.param(t, id=n) for n, t in BANK.items()])
every_ruled_topic = pytest.mark.parametrize(
    "topic", [pytest.param(t, id=n) for n, t in BANK.items() if n not in FREE]
)


def where(question: Question) -> str:
    """Where the question stands, for a message that can be clicked."""
    return f"{question.topic}/questions.yml:{question.line} ({question.id})"


def prose(text: str) -> str:
    """Return Markdown without its code."""
    return re.sub(r"`+[^`]*`+", "code", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))


@every_ruled_topic
def test_a_topic_has_enough_questions_of_every_kind(topic: Topic) -> None:
    kinds = Counter(question.kind for question in topic.questions.values())
    assert kinds.total() >= 28
    assert {kind: kinds[kind] for kind in KINDS if kinds[kind] < 2} == {}, "two of each at least"
    assert kinds["single"] <= kinds.total() / 2, "at most half are single"


@every_topic
def test_seven_questions_of_ten_are_proved(topic: Topic) -> None:
    keyed = [question for question in topic.questions.values() if question.kind != "open"]
    proved = [question for question in keyed if question.proof]
    assert len(proved) >= 0.7 * len(keyed), [where(q) for q in keyed if not q.proof]


@every_topic
def test_every_level_and_difficulty_is_there(topic: Topic) -> None:
    questions = topic.questions.values()
    assert {q.level for q in questions} == {"recall", "apply", "analyse"}
    assert {q.difficulty for q in questions} == {1, 2, 3}


@every_topic
def test_feedback_explains(topic: Topic) -> None:
    """Forty characters are what the best bank we measured has for 86 % of its wrong options."""
    short = [
        f"{where(question)}: {why}"
        for question in topic.questions.values()
        for why, wrong in feedback(question)
        if len(why) < (40 if wrong else 10)
    ]
    assert short == []


@every_topic
def test_each_wrong_answer_has_feedback_of_its_own(topic: Topic) -> None:
    seen: dict[str, str] = {}
    again = []
    for question in topic.questions.values():
        for why, wrong in feedback(question):
            if wrong and seen.setdefault(" ".join(why.lower().split()), where(question)):
                first = seen[" ".join(why.lower().split())]
                again += [f"{where(question)} as {first}: {why}"] * (first != where(question))
        texts = [why for why, wrong in feedback(question) if wrong]
        again += [f"{where(question)}: {why}" for why in texts if texts.count(why) > 1]
    assert again == []


def more_than(hits: int, tried: int, chance: float) -> float:
    """Return the exact probability of so many hits, or more, by chance."""
    rest = range(hits, tried + 1)
    return sum(comb(tried, n) * chance**n * (1 - chance) ** (tried - n) for n in rest)


def test_the_binomial_test_is_exact() -> None:
    assert more_than(0, 9, 0.3) == pytest.approx(1)
    assert more_than(9, 10, 0.5) == pytest.approx(11 / 1024)
    assert more_than(4, 4, 0.25) == pytest.approx(1 / 256)


@pytest.mark.parametrize("name", [*BANK, "all topics"])
def test_the_key_cannot_be_guessed_from_length_or_position(name: str) -> None:
    """No habit finds the key more often than chance; each is tried at 5 % over all of them."""
    topics = [BANK[name]] if name in BANK else BANK.values()
    found = tendencies(question for topic in topics for question in topic.questions.values())
    for habit, (hits, tried, chance) in found.items():
        probability = more_than(hits, tried, chance)
        told = f"the key is {habit} in {hits} of {tried}: by chance only with p = {probability:.3f}"
        assert probability > 0.05 / len(found), told


def test_a_bank_that_gives_its_keys_away_is_refused() -> None:
    """The test above must be able to fail, with as few questions as one topic has."""
    assert more_than(8, 12, 0.25) < 0.05 / 6
    assert more_than(5, 12, 0.25) > 0.05 / 6


def test_the_bank_as_a_whole_keeps_each_bar() -> None:
    """``tools/guessing.py`` prints all of them."""
    found = bars([question for topic in BANK.values() for question in topic.questions.values()])
    assert [str(bar) for bar in found if not bar.kept] == []


def invented(texts: list[list[str]], keys: list[int]) -> list[Single]:
    """Return questions with these options and keys."""
    common = {"kind": "single", "objective": "x", "difficulty": 1, "level": "recall", "id": "x"}
    common |= {"prompt": "x", "source": "x", "no_proof": "judgement"}
    return [
        Single(**common, options=[{"text": text, "why": text} for text in options], key=key)
        for options, key in zip(texts, keys, strict=True)
    ]


def test_a_bank_that_keeps_no_bar_is_refused() -> None:
    texts = [[f"It is {n}", f"It is {n} since none of them is", f"It was {n}"] for n in range(40)]
    broken = {bar.what for bar in bars(invented(texts, [1] * 40)) if not bar.kept}
    assert broken == {
        "the key is the longest",
        "a model finds the key from the options alone",
        "keys are placed evenly",
        "above recall",
        "each wrong answer has feedback of its own",
        "options that refer to the others",
    }
    [shortest] = [bar for bar in bars(invented(texts, [0] * 40)) if "shortest" in bar.what]
    assert not shortest.kept


def test_a_model_finds_nothing_where_there_is_nothing() -> None:
    words = [f"w{n % 37} w{n % 11} w{n % 5}" for n in range(400)]
    texts = [words[n : n + 4] for n in range(0, 400, 4)]
    found, chance = guess_from_options(invented(texts, [(7 * n) % 4 for n in range(100)]))
    assert chance == 0.25
    assert found < 0.4


@every_topic
def test_no_option_refers_to_the_others(topic: Topic) -> None:
    found = [
        f"{where(question)}: {option.text}"
        for question in topic.questions.values()
        for option in getattr(question, "options", [])
        if REFERS.search(option.text)
    ]
    assert found == []


NEGATIVE = re.compile(r"\b(not|never|except|cannot|neither|no longer|least)\b|n't\b", re.I)


def unemphasised(prompt: str) -> bool:
    """Whether the question that a prompt ends with is a negative one, without emphasis."""
    asked = re.findall(r"[^.:;\n?]*\?", prose(prompt).replace("\n", " "))
    chosen = re.compile(r"\b(which|what)\b", re.I)
    plain = [re.sub(r"\*+[^*]+\*+", "", question) for question in asked if chosen.search(question)]
    return any(NEGATIVE.search(question) for question in plain)


@every_topic
def test_a_negative_stem_is_emphasised(topic: Topic) -> None:
    choices = [q for q in topic.questions.values() if q.kind in ("single", "multiple", "line")]
    assert [where(q) for q in choices if unemphasised(q.prompt)] == []


@pytest.mark.parametrize(
    ("prompt", "caught"),
    [
        ("Which of these is not a scope?", True),
        ("Which of these is *not* a scope?", False),
        ("It does not answer. Which line is wrong?", False),
        ("Which server doesn't fork?", True),
        ("Which does `not x` give?", False),
        ("Read it.\nWhat would\nnever happen?", True),
    ],
)
def test_negative_stems_are_recognised(prompt: str, caught: bool) -> None:
    assert unemphasised(prompt) is caught


@every_topic
def test_every_question_cites_a_source(topic: Topic) -> None:
    missing = [where(q) for q in topic.questions.values() if not re.search(r"https?://", q.source)]
    assert missing == []


@every_topic
def test_prompts_are_not_repeated(topic: Topic) -> None:
    seen = Counter(
        (q.prompt.strip(), getattr(q, "listing", None)) for q in topic.questions.values()
    )
    assert [prompt for prompt, count in seen.items() if count > 1] == []
