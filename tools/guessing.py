#!/usr/bin/env python3
"""Can the bank be answered without knowing anything? Each bar, its value with a 95 % interval.

    .venv/bin/python tools/guessing.py            exit code 1 where a bar is broken

Only ``single`` questions have one key among options, so habits and model are tried on those.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from workbook.authoring import interval, tendencies
from workbook.bank import Question, Single, load_bank

ABOVE_CHANCE = 0.05  #: by how much a guesser may beat chance
FOLDS, SHUFFLES = 10, 5
REFERS = re.compile(r"\b(all|none|both|neither|any) of (the )?(above|these|them)\b", re.I)


@dataclass(frozen=True)
class Bar:
    """What is held to a bar, its value as told to a person, and whether the bar is kept."""

    what: str
    value: str
    kept: bool

    def __str__(self) -> str:
        return f"{'kept  ' if self.kept else 'BROKEN'}  {self.what}: {self.value}"


def feedback(question: Question) -> Iterator[tuple[str, bool]]:
    """Yield each text about an answer, and whether that answer is wrong."""
    key = getattr(question, "key", None)
    for index, option in enumerate(getattr(question, "options", [])):
        yield option.why, not (index in key if isinstance(key, list) else index == key)
    for mistake in getattr(question, "mistakes", []):
        yield mistake.why, True
    for line, why in getattr(question, "lines", {}).items():
        yield why, line not in (key or [])


def guess_from_options(questions: Sequence[Single]) -> tuple[float, float]:
    """Return how often a model finds the key from the options alone, and its chance of that.

    Words and pairs of words, and how an option stands out among those of its question (length,
    commas, code, digits), go into a logistic regression. It answers each question having learned
    from the others, in ten folds; the rate is the mean over some shufflings into folds.
    """
    options = [option.text for question in questions for option in question.options]
    groups = np.repeat(np.arange(len(questions)), [len(q.options) for q in questions])
    keys = np.array([i == q.key for q in questions for i in range(len(q.options))])
    style = np.array(
        [[len(t), t.count(","), t.count("`"), len(re.findall(r"\d", t))] for t in options]
    )
    rows = np.empty((len(options), 2), dtype=object)
    for index, text in enumerate(options):
        mates = style[groups == groups[index]].mean(axis=0)
        rows[index] = text, (style[index] + 1) / (mates + 1)
    model = make_pipeline(
        make_union(
            make_pipeline(
                FunctionTransformer(lambda p: list(p[:, 0])),
                TfidfVectorizer(ngram_range=(1, 2), min_df=2, token_pattern=r"(?u)\b\w+\b"),
            ),
            make_pipeline(
                FunctionTransformer(lambda part: np.vstack(part[:, 1])), StandardScaler()
            ),
        ),
        LogisticRegression(class_weight="balanced"),
    )
    hits = []
    for seed in range(SHUFFLES):
        shuffled = np.random.default_rng(seed).permutation(len(questions))[groups]
        scores = cross_val_predict(
            model, rows, keys, groups=shuffled, cv=GroupKFold(FOLDS), method="decision_function"
        )
        for number, question in enumerate(questions):
            own = scores[groups == number]
            best = np.flatnonzero(own == own.max())
            hits.append((question.key in best) / len(best))
    return float(np.mean(hits)), float(np.mean([1 / len(q.options) for q in questions]))


def evenness(questions: Iterable[Single]) -> float:
    """Return the probability that keys as unevenly placed as these come about by chance."""
    statistic, freedom = 0.0, 0
    places: dict[int, Counter[int]] = {}
    for question in questions:
        places.setdefault(len(question.options), Counter())[question.key] += 1
    for count, found in places.items():
        even = found.total() / count
        statistic += sum((found[place] - even) ** 2 / even for place in range(count))
        freedom += count - 1
    return float(chi2.sf(statistic, freedom))


def bars(questions: Sequence[Question]) -> list[Bar]:
    """Return every bar that the bank as a whole is held to."""
    single = [question for question in questions if isinstance(question, Single)]

    def rate(what: str, value: float, tried: int, chance: float) -> Bar:
        low, high = interval(round(value * tried), tried)
        told = (
            f"{value:.1%} of {tried} (95 % interval {low:.0%} to {high:.0%}; chance {chance:.1%})"
        )
        return Bar(what, told, value <= chance + ABOVE_CHANCE)

    habits = tendencies(single)
    found = [
        rate(f"the key is {habit}", habits[habit][0] / len(single), len(single), habits[habit][2])
        for habit in ("the longest", "the shortest")
    ]
    value, chance = guess_from_options(single)
    found.append(rate("a model finds the key from the options alone", value, len(single), chance))
    p = evenness(single)
    found.append(Bar("keys are placed evenly", f"chi-square, p = {p:.2f} (above 0.05)", p > 0.05))

    above = sum(question.level != "recall" for question in questions)
    low, high = interval(above, len(questions))
    told = f"{above} of {len(questions)} (95 % interval {low:.0%} to {high:.0%}; at least 40 %)"
    found.append(Bar("above recall", told, above >= 0.4 * len(questions)))

    wrong = [" ".join(w.lower().split()) for q in questions for w, about in feedback(q) if about]
    short, again = sum(len(why) < 40 for why in wrong), len(wrong) - len(set(wrong))
    told = f"{len(wrong)} texts, {short} below 40 characters, {again} used again"
    found.append(Bar("each wrong answer has feedback of its own", told, not short and not again))
    texts = [option.text for q in questions for option in getattr(q, "options", [])]
    refers = sum(bool(REFERS.search(text)) for text in texts)
    found.append(Bar("options that refer to the others", f"{refers} of {len(texts)}", not refers))
    return found


def main() -> int:
    """Print every bar; return the exit code."""
    found = bars([q for topic in load_bank().values() for q in topic.questions.values()])
    print(*found, sep="\n")
    return not all(bar.kept for bar in found)


if __name__ == "__main__":
    raise SystemExit(main())
