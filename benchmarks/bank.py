"""A bank of 1,000 questions: several times what the finished workbook will have."""

from __future__ import annotations

import tempfile
from pathlib import Path

import yaml
from measure import Row, alternate, compare
from quiz import topic_folder

from workbook.bank import find_question, load_topic


def rows() -> list[Row]:
    """Compare with reading the same file as bare YAML, and a look-up with loading the file."""
    with tempfile.TemporaryDirectory() as name:
        folder = topic_folder(Path(name), 1000)
        text = (folder / "questions.yml").read_text(encoding="utf-8")

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

        def load() -> None:
            assert len(load_topic(folder).questions) == 1000

        loaded, bare = alternate([load, lambda: yaml.load(text, loader)], 7)
        find_question("sample/question_1", Path(name))
        found, whole = alternate(
            [lambda: find_question("sample/question_999", Path(name)), load], 7
        )
    return [
        compare("1,000 questions: load and validate", loaded, "bare YAML", bare),
        compare("1,000 questions: find one, loaded before", found, "load", whole),
    ]
