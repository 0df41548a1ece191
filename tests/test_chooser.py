"""Choosers: a good file loads, a bad one is refused with file and line, and the HTML is safe."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from workbook import chooser as module
from workbook.authoring import main
from workbook.bank import TOPICS, BankError
from workbook.chooser import choose, find_chooser, load_choosers, render

GOOD = """\
- id: lunch
  question: What do you have for `lunch`?
  options:
    soup: {name: Soup, best: It is warm., cost: You need a spoon.}
    bread: {name: Bread, best: It needs no plate., cost: It gets dry.}
  forces:
    - ask: Where do you eat?
      answers:
        - text: At a table
          pro: {soup: There is somewhere to put the bowl.}
          con: {bread: A table wants more than bread.}
        - text: On the train
          pro: {bread: One hand is enough.}
          con: {soup: Trains shake.}
"""
FILES = sorted(TOPICS.glob("*/chooser.yml"))


def topic(folder: Path, text: str, name: str = "kitchen") -> Path:
    """Write a topic that has this chooser file; return its folder."""
    (folder / name).mkdir(exist_ok=True)
    (folder / name / "chooser.yml").write_text(text, encoding="utf-8")
    return folder / name


class Tags(HTMLParser):
    """Gathers the tags and the text of some HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_good_file_loads_and_is_found_by_topic_and_id(tmp_path: Path) -> None:
    folder = topic(tmp_path, GOOD)
    [loaded] = load_choosers(folder).values()
    assert loaded.options["soup"].name == "Soup"
    assert loaded.forces[0].answers[1].con == {"soup": "Trains shake."}
    assert find_chooser("kitchen/lunch", tmp_path) == loaded
    assert load_choosers(tmp_path) == {}, "a topic need not have one"


@pytest.mark.parametrize(
    ("ref", "told"), [("kitchn/lunch", "did you mean 'kitchen'"), ("kitchen/lunhc", "'lunch'")]
)
def test_an_unknown_chooser_names_the_nearest(tmp_path: Path, ref: str, told: str) -> None:
    topic(tmp_path, GOOD)
    with pytest.raises(LookupError, match=told):
        find_chooser(ref, tmp_path)


@pytest.mark.parametrize(
    ("was", "becomes", "line", "told"),
    [
        ("  question: What do you have for `lunch`?\n", "", 1, r"\[0\].question: missing"),
        ("Where do you eat?", "''", 7, "empty"),
        ("cost: You need a spoon.", "price: 3", 4, "unknown field 'price'"),
        ("pro: {bread: One", "pro: {bred: One", 13, "did you mean 'bread'"),
        ("con: {soup: Trains", "con: {bread: Trains", 14, "the same answer speaks for it"),
        ("On the train", "At a table", 12, "an earlier answer has the same text"),
        ("name: Bread", "name: Soup", 5, r"\[0\].options.bread.name: an earlier one"),
        ("          con: {soup: Trains shake.}\n", "", 4, "no answer speaks against it"),
        ("          pro: {soup: There is somewhere to put the bowl.}\n", "", 4, "speaks for it"),
        ("{name: Soup,", "{name: yes,", 4, "text needs quotes"),
        ("- id: lunch", "- id: Lunch", 1, r"\[0\].id"),
        ("  forces:", "  forces: [", 7, "bad YAML"),
        ("    soup: {name", "    soup: 3\n    soup: {name", 5, "given twice, first on line 4"),
    ],
)
def test_a_bad_file_is_refused_with_file_line_and_field(
    tmp_path: Path, was: str, becomes: str, line: int, told: str
) -> None:
    assert GOOD.count(was) == 1
    folder = topic(tmp_path, GOOD.replace(was, becomes))
    with pytest.raises(BankError) as raised:
        load_choosers(folder)
    places = [str(fault).removeprefix(str(folder)) for fault in raised.value.faults]
    found = [place for place in places if re.search(told, place)]
    assert found, places
    assert found[0].startswith(f"/chooser.yml:{line}:"), found


def test_every_fault_is_reported_at_once(tmp_path: Path) -> None:
    bad = GOOD.replace("Where do you eat?", "''").replace("soup: Trains", "sop: Trains")
    again = GOOD.replace("id: lunch", "id: dinner").replace("bread: One", "bred: One")
    with pytest.raises(BankError) as raised:
        load_choosers(topic(tmp_path, bad + again + GOOD))
    lines = [fault.line for fault in raised.value.faults]
    assert lines == sorted(lines)
    assert any(line <= 14 for line in lines)
    assert any(14 < line <= 28 for line in lines)


def test_two_choosers_of_one_id_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BankError, match=r":15: \[1\].id: an earlier chooser has the id 'lunch'"):
        load_choosers(topic(tmp_path, GOOD + GOOD))


def test_authors_are_told_with_all_else_that_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = topic(tmp_path, GOOD.replace("ask:", "aks:"))
    (folder / "questions.yml").write_text("[]\n", encoding="utf-8")
    monkeypatch.setattr("workbook.authoring.TOPICS", tmp_path)
    assert main(["check", "kitchen"]) == 1
    assert "chooser.yml:7: [0].forces[0].aks: unknown field" in capsys.readouterr().out


# ---------------------------------------------------------------- what is shown


def test_without_a_script_every_answer_stands_with_its_arguments(tmp_path: Path) -> None:
    [loaded] = load_choosers(topic(tmp_path, GOOD)).values()
    html = render(loaded)
    text = " ".join(re.sub("<[^>]+>", " ", html).split()).replace(" :", ":")
    assert "Where do you eat?" in text
    assert "On the train For Bread: One hand is enough. Against Soup: Trains shake." in text
    assert "Soup For Soup: It is warm. Against Soup: You need a spoon." in text
    assert "<code>lunch</code>" in html
    assert render(loaded) == html, "a pure function of the file"


def test_there_is_nothing_in_it_that_an_untrusted_notebook_would_disable(tmp_path: Path) -> None:
    [loaded] = load_choosers(topic(tmp_path, GOOD)).values()
    allowed = {"div", "p", "strong", "fieldset", "legend", "ul", "li", "span", "code"}
    assert Tags(render(loaded)).tags <= allowed


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "Dict[str, int] & a<b and c>d",
        "</fieldset></div>",
        "{{ 7 * 7 }} {% raw %}",
        "[here](javascript:alert(1))",
    ],
)
def test_no_text_becomes_script_or_loses_characters(tmp_path: Path, text: str) -> None:
    quoted = "'" + text.replace("'", "''") + "'"
    bad = GOOD
    for was in ("It is warm.", "One hand is enough.", "At a table", "Where do you eat?", "Soup,"):
        comma = "," * was.endswith(",")
        bad = bad.replace(was, quoted + comma)
    [loaded] = load_choosers(topic(tmp_path, bad)).values()
    shown = Tags(render(loaded))
    assert shown.text.count(text) >= 5
    assert not shown.tags & {"script", "img", "a"}


def test_a_cell_shows_the_html_and_a_view_of_one_widget(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[dict[str, object]] = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))
    [loaded] = load_choosers(topic(tmp_path, GOOD)).values()
    monkeypatch.setattr(module, "find_chooser", lambda ref: loaded)
    choose("kitchen/lunch")
    [data] = shown
    assert data["text/html"] == render(loaded)
    assert set(data) == {"text/html", "application/vnd.jupyter.widget-view+json"}


def test_its_front_end_stays_small_and_can_stand_in_a_page() -> None:
    folder = Path(module.__file__).parent
    code = (folder / "chooser.js").read_text(encoding="utf-8")
    assert len(code) + len((folder / "chooser.css").read_text(encoding="utf-8")) <= 10_000
    assert not re.search(r"</script|<!--", code, re.IGNORECASE)
    assert not re.search(r"^\s*import\b[^(]|^\s*export\b.*\bfrom\b", code, re.MULTILINE)


# ---------------------------------------------------------------- the choosers of the topics


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_each_option_is_argued_for_and_against_and_can_win(file: Path) -> None:
    """Loading proves the first; some answers must lean to each option, or there is no choice."""
    for loaded in load_choosers(file.parent).values():
        for name in loaded.options:
            for force in loaded.forces:
                scores = [(name in one.pro) - (name in one.con) for one in force.answers]
                assert all(-1 <= score <= 1 for score in scores)
            best = dict.fromkeys(loaded.options, 0)
            for force in loaded.forces:  # the answers that suit this option best
                answer = max(
                    force.answers,
                    key=lambda a: (
                        (name in a.pro)
                        - (name in a.con)
                        - max((o in a.pro) - (o in a.con) for o in loaded.options if o != name)
                    ),
                )
                for other in best:
                    best[other] += (other in answer.pro) - (other in answer.con)
            assert best[name] == max(best.values()), f"{loaded.id}: {name} can never win"
