"""Questions on a page without a kernel: answered, explained, kept, carried, seen and heard."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect
from quiz_driver import CLOSED, RIGHT, WRONG, answer, button, fill, press, question, status, tab_to

from workbook.bank import Question
from workbook.progress import Log

pytestmark = pytest.mark.needs_chromium

Reader = Callable[..., Page]
APP = "python-architecture-workbook"
KEPT = (
    "() => Object.keys(localStorage).filter((key) => key.includes(':event:'))"
    ".map((key) => JSON.parse(localStorage[key])).sort((a, b) => (a.at < b.at ? -1 : 1))"
)


def kept(page: Page) -> list[dict[str, Any]]:
    """Return the events that the browser keeps, in the order of their times."""
    return page.evaluate(KEPT)


def order_of(page: Page) -> dict[str, list[str]]:
    """Return, by question, its items and the choices of its selects as they stand."""
    return page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll('.wb-question')].map((q) => [
          q.dataset.ref,
          [...q.querySelectorAll('.wb-text, option')].map((node) => node.textContent),
        ]))"""
    )


def footer(page: Page) -> Locator:
    """Open what can be done with all answers, and return it."""
    told = page.locator("details.wb-data")
    if told.get_attribute("open") is None:
        told.locator("summary").click()
    return told


# ---------------------------------------------------------------- answering


@pytest.mark.parametrize("ref", CLOSED)
def test_a_right_answer_is_given_and_explained_by_keyboard_alone(reader: Reader, ref: str) -> None:
    page = reader()
    field = answer(page, ref, RIGHT)
    expect(status(field)).to_contain_text("✓ Right.")
    expect(button(field, "Show answer")).to_be_hidden()
    expect(page.get_by_text("1 of 7 right, 7 not answered yet")).to_be_visible()
    [event] = kept(page)
    assert event["subject"] == f"sample/{ref}"
    assert event["kind"] == "answer"
    assert event["data"]["correct"] is True
    assert event["data"]["attempt"] == 1
    assert event["seconds"] > 0
    assert event["content_hash"] == field.get_attribute("data-hash")


@pytest.mark.parametrize("ref", CLOSED)
def test_a_wrong_answer_shown_the_right_one_and_tried_again(
    reader: Reader, sample: dict[str, Question], ref: str
) -> None:
    page = reader()
    field = answer(page, ref, WRONG)
    expect(status(field)).to_contain_text("✗ Not right.")
    assert kept(page)[0]["data"]["correct"] is False
    press(page, field, "Show answer")
    expect(status(field)).to_contain_text("The answer.")
    if ref in ("blocking", "hashable"):
        for option in sample[ref].options:  # type: ignore[union-attr]
            expect(field.get_by_text(option.why.split("`")[0][:20]).first).to_be_visible()
    press(page, field, "Retry", "Space")
    expect(status(field)).to_have_text("")
    assert field.evaluate("(field) => field.contains(document.activeElement)")
    answer(page, ref, RIGHT)
    expect(status(field)).to_contain_text("✓ Right.")
    assert [event["data"]["attempt"] for event in kept(page)] == [1, 2]


WHYS = {
    "blocking": ["No server does that."],
    "hashable": ["A tuple of hashable", "A list can change", "1 of your 2 marks right, 1 missed"],
    "lifecycle": ["The server waits for lifespan.startup.complete", "2 of 4 in place"],
    "servers": ["uvicorn's WSGI mode is deprecated.", "2 of 3 right"],
    "seconds": ["That is one thread."],
    "faulty": ["Missed: line 4.", "Marked wrongly: line 5.", "httpx.get is the synchronous"],
    "merged": ["Dictionaries merge with | since Python 3.9."],
}


@pytest.mark.parametrize("ref", CLOSED)
def test_a_wrong_answer_is_told_why_it_is_wrong(reader: Reader, ref: str) -> None:
    field = answer(reader(), ref, WRONG)
    for why in WHYS[ref]:
        expect(field).to_contain_text(why)


def test_each_line_is_explained_once_however_often_the_answer_is_shown(reader: Reader) -> None:
    page = reader()
    field = answer(page, "faulty", WRONG)
    press(page, field, "Show answer")
    notes = field.locator(".wb-body ul > li")
    expect(notes).to_have_count(3)
    expect(notes).to_contain_text(
        [f"Line {n}: {why}" for n, why in ((4, "httpx"), (5, "await"), (6, "time.sleep"))]
    )


def test_a_pair_of_the_solution_stands_in_one_line(reader: Reader) -> None:
    page = reader(width=1280)
    field = answer(page, "servers", WRONG)
    press(page, field, "Show answer")
    pairs = status(field).locator("li")
    expect(pairs.filter(has_text="uvicorn → ASGI only")).to_have_count(1)
    assert {
        len(each.evaluate("(li) => [...li.children].filter((c) => c.matches('label'))"))
        for each in pairs.all()
    } == {0}


def test_an_answer_that_nobody_foresaw_gets_the_general_feedback(reader: Reader) -> None:
    page = reader()
    field = answer(page, "seconds", {"seconds": "17"})
    expect(status(field)).to_contain_text("Two at a time, one second each.")


def test_an_option_that_was_not_chosen_explains_itself_only_later(reader: Reader) -> None:
    page = reader()
    field = answer(page, "blocking", WRONG)
    why = field.get_by_text("The worker has one thread")
    expect(why).to_be_hidden()
    press(page, field, "Show answer")
    expect(why).to_be_visible()


def test_explanation_source_and_proof_appear_after_the_check(reader: Reader) -> None:
    page = reader()
    field = question(page, "blocking")
    expect(field.get_by_text("An event loop can only switch")).to_be_hidden()
    answer(page, "blocking", WRONG)
    expect(field.get_by_text("An event loop can only switch")).to_be_visible()
    expect(field.get_by_role("link", name="asyncio, Developing with asyncio")).to_be_visible()
    tab_to(page, field.locator("summary", has_text="Show me"))
    page.keyboard.press("Enter")
    expect(field.get_by_text('@proof("asyncio")')).to_be_visible()
    expect(field.get_by_role("button", name="Run it")).to_have_count(0)


def test_an_open_answer_is_scored_by_its_writer(reader: Reader) -> None:
    page = reader()
    field = question(page, "choose")
    expect(field.get_by_text("WSGI where the work is short")).to_be_hidden()
    answer(page, "choose", RIGHT)
    expect(status(field)).to_contain_text("2 of 3 points")
    [event] = kept(page)
    assert event["data"]["correct"] is None
    assert event["data"]["answer"] == {
        "text": "Threads suit <b>short</b> work & it's simple.",
        "points": [0, 2],
    }
    expect(page.get_by_text("0 of 7 right, 7 not answered yet")).to_be_visible()


@pytest.mark.parametrize("ref", CLOSED)
def test_nothing_is_graded_before_check_is_pressed(reader: Reader, ref: str) -> None:
    page = reader()
    fill(page, ref, RIGHT[ref])
    for key in ("ArrowDown", "ArrowUp", "Tab"):
        page.keyboard.press(key)
    field = question(page, ref)
    expect(field.locator(".wb-right, .wb-wrong")).to_have_count(0)
    expect(button(field, "Retry")).to_be_hidden()
    assert kept(page) == []


@pytest.mark.parametrize(
    ("ref", "given", "message"),
    [
        ("blocking", None, "Choose an option first."),
        ("hashable", None, "Mark at least one option."),
        ("servers", None, "Choose a partner for the 3 left."),
        ("servers", {"uvicorn": "asgi", "waitress": "asgi"}, "Choose a partner for the one left."),
        ("seconds", None, "Write your answer first."),
        ("seconds", "four", "Write a number."),
        ("seconds", "50 ms", "Give a plain number in s."),
        ("seconds", "4,000", "can be read in two ways"),
        ("faulty", None, "Mark at least one line."),
        ("merged", None, "Write your answer first."),
        ("merged", "hello", "hello is a name; text needs quotes: 'hello'"),
        ("merged", "{'a': 3", "a comma or } is missing"),
        ("merged", "'a", "a string has no closing quote"),
    ],
)
def test_what_is_no_answer_yet_gets_a_message_and_is_no_attempt(
    reader: Reader, ref: str, given: Any, message: str
) -> None:
    page = reader()
    field = question(page, ref)
    if given:
        fill(page, ref, given)
    press(page, field, "Check")
    expect(status(field)).to_contain_text(message)
    expect(button(field, "Retry")).to_be_hidden()
    assert kept(page) == []


@pytest.mark.parametrize(
    "text", ["{'b': (2,), 'a': 3}", '{"a":3.0,"b":(2,),}', "dict", "{'a': 3, 'b': [2]}"]
)
def test_a_prediction_counts_by_its_value(reader: Reader, text: str) -> None:
    page = reader()
    field = question(page, "merged")
    fill(page, "merged", text)
    page.keyboard.press("Enter")
    told = {"dict": "dict is a name", "{'a': 3, 'b': [2]}": "✗ Not right."}.get(text, "✓ Right.")
    expect(status(field)).to_contain_text(told)


@pytest.mark.parametrize(
    ("text", "told"), [("1.0", "✓ Right."), ("1.2", "✓ Right."), ("0.99", "✗"), ("1.21", "✗")]
)
def test_the_ends_of_a_tolerance_are_within_it(reader: Reader, text: str, told: str) -> None:
    spoil = """document.addEventListener("readystatechange", () => Object.assign(
      document.querySelector("[data-kind=number]").dataset, {key: 1.1, tolerance: 0.1}))"""
    page = reader(script=spoil)
    expect(status(answer(page, "seconds", {"seconds": text}))).to_contain_text(told)


def test_moving_an_item_is_announced(reader: Reader) -> None:
    page = reader("light.html?seed=abc")
    field = question(page, "lifecycle")
    last = field.locator(".wb-options > li").last
    text = (last.locator(".wb-text").text_content() or "").strip()
    tab_to(page, last.get_by_role("button", name=f"Move up: {text}"))
    page.keyboard.press("Enter")
    expect(status(field)).to_have_text(f"{text}: now 3 of 4.")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(status(field)).to_have_text(f"{text}: now 4 of 4.")


def test_the_first_order_shown_is_never_the_answer(
    reader: Reader, sample: dict[str, Question]
) -> None:
    page = reader()
    question_ = sample["lifecycle"]
    items, key = list(question_.items), question_.key  # type: ignore[union-attr]
    telling = page.evaluate(
        """async ([items, key]) => {
          const { shuffled } = await import("./quiz.js?again");
          const seeds = [...Array(200).keys()].map(String);
          const order = (seed) => shuffled(items, `${seed} sample/lifecycle`).join();
          return seeds.filter((seed) => order(seed) === key.join());
        }""",
        [items, key],
    )
    for seed in telling[:3]:
        page.goto(re.sub(r"\?.*|$", f"?seed={seed}", page.url, count=1))
        shown = question(page, "lifecycle").locator(".wb-options > li")
        assert shown.evaluate_all("all => all.map((item) => item.dataset.name)") != key
    assert len(telling) > 2


# ---------------------------------------------------------------- what is kept


def test_reloading_keeps_every_answer(reader: Reader) -> None:
    page = reader()
    for ref in (*CLOSED, "choose"):
        answer(page, ref, WRONG if ref in ("blocking", "faulty", "merged") else RIGHT)
    score = page.locator(".wb-foot span").first.inner_text()
    assert score == "4 of 7 right"
    page.reload()
    expect(page.locator(".wb-foot span").first).to_have_text(score)
    for ref in CLOSED:
        field = question(page, ref)
        verdict = "✗ Not right." if ref in ("blocking", "faulty", "merged") else "✓ Right."
        expect(status(field)).to_contain_text(verdict)
        expect(status(field)).to_contain_text("You answered this on")
        expect(button(field, "Retry")).to_be_visible()
    expect(question(page, "seconds").get_by_role("textbox")).to_have_value("4.2")
    expect(question(page, "choose").get_by_role("textbox")).to_have_value(re.compile("<b>short"))
    assert len(kept(page)) == 8


def test_an_answer_to_an_earlier_version_says_so(reader: Reader) -> None:
    page = reader()
    answer(page, "blocking", RIGHT)
    page.evaluate(
        """() => { for (const key of Object.keys(localStorage)) if (key.includes(':event:')) {
          const event = JSON.parse(localStorage[key]);
          localStorage[key] = JSON.stringify({ ...event, content_hash: 'another' });
        } }"""
    )
    page.reload()
    field = question(page, "blocking")
    expect(status(field)).to_contain_text("(right). The question has changed since.")
    expect(button(field, "Check")).to_have_attribute("aria-disabled", "false")
    expect(field.get_by_role("radio", checked=True)).to_have_count(0)
    expect(page.get_by_text("0 of 7 right, 8 not answered yet")).to_be_visible()


def test_two_tabs_lose_nothing(reader: Reader) -> None:
    one = reader()
    other = one.context.new_page()
    other.goto(one.url)
    answer(one, "blocking", RIGHT)
    answer(other, "seconds", WRONG)
    answer(one, "merged", RIGHT)
    assert len(kept(one)) == 3
    other.reload()
    expect(status(question(other, "merged"))).to_contain_text("✓ Right.")


def test_answers_travel_by_file_and_nothing_is_lost_or_doubled(
    reader: Reader, tmp_path: Path
) -> None:
    page = reader()
    for ref in ("blocking", "choose"):
        answer(page, ref, RIGHT)
    before = kept(page)
    with page.expect_download() as waiting:
        footer(page).get_by_role("button", name="Save to a file").click()
    assert re.fullmatch(r"workbook-answers-\d{4}-\d\d-\d\d\.json", waiting.value.suggested_filename)
    file = tmp_path / "answers.json"
    waiting.value.save_as(file)

    log = Log(f"sqlite:///{(tmp_path / 'progress.db').as_posix()}")
    assert log.import_file(file) == (2, 0), "the notebook must be able to read the page's file"
    back = tmp_path / "back.json"
    log.export(back)
    assert [event.to_json() for event in log.events()] == before

    footer(page).get_by_role("button", name="Delete my answers").click()
    footer(page).get_by_role("button", name="Delete", exact=True).click()
    expect(footer(page)).to_contain_text("Deleted.")
    assert kept(page) == []
    expect(status(question(page, "blocking"))).to_have_text("")

    for told in ("Loaded: 2 new, 0 known already.", "Loaded: 0 new, 2 known already."):
        footer(page).locator("input[type=file]").set_input_files(back)
        expect(footer(page)).to_contain_text(told)
        expect(status(question(page, "blocking"))).to_contain_text("✓ Right.")
        assert kept(page) == before


EVENT = {
    "id": "00000000-0000-4000-8000-000000000001",
    "kind": "answer",
    "subject": "sample/blocking",
    "content_hash": "",
    "data": {"answer": 1, "correct": True, "seed": "a", "attempt": 1},
    "seconds": 1.0,
    "at": "2026-01-01T00:00:00.000Z",
}


def saved(*events: Any, **fields: Any) -> str:
    """Return the text of a file of answers."""
    return json.dumps({"format": f"{APP}/progress", "version": 1, "events": events} | fields)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no file of saved answers"),
        ("{", "no file of saved answers"),
        ("null", "no file of saved answers"),
        ('{"events": []}', "no file of saved answers"),
        (saved(version=2), "A newer workbook saved this file"),
        (saved(events=None), "damaged"),
        (saved(EVENT, EVENT | {"id": "1"}), "damaged (entry 2)"),
        (saved(EVENT | {"at": "yesterday"}), "damaged (entry 1)"),
        (saved(EVENT | {"data": None}), "damaged (entry 1)"),
        (saved(EVENT | {"kind": ""}), "damaged (entry 1)"),
        (saved(None), "damaged (entry 1)"),
    ],
)
def test_a_bad_file_changes_nothing_and_says_why(reader: Reader, text: str, message: str) -> None:
    page = reader()
    answer(page, "merged", RIGHT)
    before = kept(page)
    file = {"name": "a.json", "mimeType": "application/json", "buffer": text.encode()}
    footer(page).locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    expect(footer(page)).to_contain_text(message)
    assert kept(page) == before
    expect(status(question(page, "merged"))).to_contain_text("✓ Right.")


@pytest.mark.parametrize(
    "data",
    [
        {"answer": 99, "correct": True, "seed": "x", "attempt": 1},
        {"answer": {"a": [None]}, "correct": "maybe"},
        {"answer": "<img src=x onerror=alert(1)>"},
        {},
    ],
)
def test_a_strange_answer_in_a_file_breaks_no_question(reader: Reader, data: Any) -> None:
    page = reader()
    for number, ref in enumerate((*CLOSED, "choose")):
        known = question(page, ref).get_attribute("data-hash")
        strange = {"id": f"00000000-0000-4000-8000-00000000000{number}", "subject": f"sample/{ref}"}
        event = EVENT | strange | {"data": data, "content_hash": known}
        page.evaluate(
            f"(event) => localStorage.setItem('{APP}:event:' + event.id, JSON.stringify(event))",
            event,
        )
    page.evaluate(f"() => localStorage.setItem('{APP}:event:broken', '{{')")
    page.reload()
    expect(page.locator(".wb-question")).to_have_count(8)
    expect(page.locator("img")).to_have_count(0)
    for ref in ("merged", "blocking"):
        field = question(page, ref)
        if button(field, "Retry").is_visible():
            press(page, field, "Retry")
        answer(page, ref, RIGHT)
        expect(status(field)).to_contain_text("✓ Right.")


def test_deleting_asks_first(reader: Reader) -> None:
    page = reader()
    answer(page, "blocking", RIGHT)
    told = footer(page)
    told.get_by_role("button", name="Delete my answers").click()
    expect(told).to_contain_text("This deletes all answers that this browser keeps, for good.")
    expect(told.get_by_role("button", name="Keep them")).to_be_focused()
    page.keyboard.press("Enter")
    expect(told.get_by_role("button", name="Delete my answers")).to_be_focused()
    assert len(kept(page)) == 1


NO_STORAGE = (
    "Object.defineProperty(window, 'localStorage', { get() { throw new Error('SecurityError'); } })"
)
FULL_STORAGE = "Storage.prototype.setItem = () => { throw new Error('QuotaExceededError'); }"


@pytest.mark.parametrize("script", [NO_STORAGE, FULL_STORAGE], ids=["unavailable", "full"])
def test_without_storage_everything_works_but_a_note_says_so(reader: Reader, script: str) -> None:
    page = reader(script=script)
    expect(page.get_by_text("This browser keeps nothing for this page")).to_be_visible()
    field = answer(page, "blocking", RIGHT)
    expect(status(field)).to_contain_text("✓ Right.")
    with page.expect_download() as waiting:
        footer(page).get_by_role("button", name="Save to a file").click()
    saved = json.loads(Path(waiting.value.path()).read_text("utf-8"))
    assert [event["subject"] for event in saved["events"]] == ["sample/blocking"]


def test_a_file_too_large_for_the_browser_changes_nothing(reader: Reader) -> None:
    page = reader()
    answer(page, "merged", RIGHT)
    page.evaluate("() => localStorage.setItem('another program', 'x'.repeat(5_100_000))")
    before = kept(page)
    events = [
        EVENT | {"id": f"00000000-0000-4000-8000-0000000000{n}", "data": {"text": "x" * 50_000}}
        for n in range(10, 20)
    ]
    buffer = saved(*events).encode()
    file = {"name": "a.json", "mimeType": "application/json", "buffer": buffer}
    footer(page).locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    expect(footer(page)).to_contain_text("no room for these answers. Nothing was changed.")
    assert kept(page) == before


# ---------------------------------------------------------------- the order of things


def test_a_seed_in_the_address_reproduces_the_position(reader: Reader) -> None:
    first = order_of(reader("light.html?seed=abc"))
    assert order_of(reader("light.html?seed=abc")) == first
    assert order_of(reader("light.html?seed=abd")) != first
    expect(page := reader("light.html?seed=abc")).to_have_title("Sample")
    expect(page.get_by_text("Order: abc")).to_be_visible()
    answer(page, "blocking", RIGHT)
    assert kept(page)[0]["data"]["seed"] == "abc"


def test_the_order_stays_until_a_new_one_is_asked_for(reader: Reader) -> None:
    page = reader()
    answer(page, "blocking", RIGHT)
    first = order_of(page)
    page.reload()
    assert order_of(page) == first
    page.get_by_role("button", name="Retry all in a new order").click()
    second = order_of(page)
    assert second != first
    expect(status(question(page, "blocking"))).to_have_text("")
    page.reload()
    assert order_of(page) == second
    expect(status(question(page, "blocking"))).to_contain_text("✓ Right.")


def test_a_quiz_can_fix_its_seed_and_others_have_their_own(reader: Reader) -> None:
    page = reader("two.html")
    seeds = page.locator(".wb-foot .wb-note").all_inner_texts()
    assert seeds[1] == "Order: fixed"
    assert seeds[0] != seeds[1]
    expect(page.locator("details.wb-data")).to_have_count(1)


def test_an_engine_loaded_twice_renders_once(reader: Reader) -> None:
    page = reader("twice.html")
    expect(page.locator(".wb-check")).to_have_count(8)
    expect(page.locator("details.wb-data")).to_have_count(1)
    answer(page, "blocking", RIGHT)
    assert len(kept(page)) == 1


# ---------------------------------------------------------------- nothing runs but the engine


def test_question_text_is_shown_as_written(reader: Reader) -> None:
    page = reader()
    texts = question(page, "hashable").locator(".wb-text").all_inner_texts()
    assert "frozenset({1}), typed as Dict[str, int] or a<b and c>d" in texts
    assert "{1} or </script><img src=x onerror=alert(1)>" in texts
    expect(page.locator("img")).to_have_count(0)


def test_learner_text_never_becomes_markup(reader: Reader) -> None:
    page = reader()
    probe = "'<img src=x onerror=document.title=1>'"
    answer(page, "merged", {"merged": probe})
    fill(page, "seconds", "<img src=x onerror=document.title=1>")
    press(page, question(page, "seconds"), "Check")
    tab_to(page, question(page, "choose").get_by_role("textbox"))
    page.keyboard.type(probe)
    press(page, question(page, "choose"), "Compare with the model answer")
    press(page, question(page, "choose"), "Record my points")
    page.reload()
    expect(question(page, "merged").get_by_role("textbox")).to_have_value(probe)
    expect(page.locator("img")).to_have_count(0)
    expect(page).to_have_title("Sample")


def test_without_script_questions_can_be_read_and_answers_unfolded(reader: Reader) -> None:
    page = reader(java_script_enabled=False)
    field = question(page, "lifecycle")
    expect(field.get_by_text("lifespan.startup", exact=True)).to_be_visible()
    expect(field.get_by_text("Answer: B, A, C, D")).to_be_hidden()
    field.locator("summary", has_text="Answer").click()
    expect(field.get_by_text("Answer: B, A, C, D")).to_be_visible()
    expect(page.get_by_text("Run this cell to answer.")).to_be_visible()


# ---------------------------------------------------------------- seen and heard

STATES = {"fresh": None, "wrong": WRONG, "right": RIGHT, "revealed": WRONG}


def prepare(page: Page, state: str) -> None:
    """Bring every question into a state, and unfold what is folded."""
    given = STATES[state]
    for ref in CLOSED if given else ():
        field = answer(page, ref, given)  # type: ignore[arg-type]
        if state == "revealed":
            press(page, field, "Show answer")
    if given:
        answer(page, "choose", RIGHT)
        for summary in page.locator(".wb-proof > summary").all():
            summary.click()
        footer(page)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 360)])
def test_accessible_and_narrow_enough(reader: Reader, state: str, theme: str, width: int) -> None:
    page = reader(f"{theme}.html", width=width, color_scheme=theme)
    prepare(page, state)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    lost = page.evaluate(
        """() => [...document.querySelectorAll('.wb-live *')].filter((node) =>
          node.checkVisibility() && node.scrollWidth > node.clientWidth + 1 && node.tabIndex < 0 &&
          ['auto', 'scroll'].includes(getComputedStyle(node).overflowX))
          .map((node) => node.outerHTML)"""
    )
    assert lost == [], "a box that scrolls cannot be reached by keyboard"
    small = page.evaluate(
        """() => [...document.querySelectorAll('.wb-live :is(button, select, input[type=text])')]
          .filter((node) => node.checkVisibility() && node.getBoundingClientRect().height < 24)
          .map((node) => node.outerHTML)"""
    )
    assert small == [], "a target is smaller than 24 pixels"


def test_each_question_is_one_group_with_a_name_and_one_voice(reader: Reader) -> None:
    page = reader()
    for field in page.locator(".wb-question").all():
        assert field.evaluate("(f) => f.tagName === 'FIELDSET' && f.firstChild.tagName") == "LEGEND"
        expect(field).to_have_role("group")
        expect(field).to_have_accessible_name(re.compile(r"\w{3,}"))
        expect(field.locator('[role="status"], [aria-live], output')).to_have_count(1)
        expect(field.locator("button.wb-check")).to_have_count(1)
        unnamed = field.locator("input, select, textarea, button").evaluate_all(
            "all => all.filter((c) => !c.labels?.length && !c.ariaLabel && !c.textContent).length"
        )
        assert unnamed == 0


def test_feedback_on_an_option_belongs_to_it_and_is_heard(reader: Reader) -> None:
    page = reader()
    field = answer(page, "blocking", WRONG)
    chosen = field.get_by_role("radio", checked=True)
    expect(chosen).to_have_accessible_description(re.compile("No server does that"))
    expect(status(field)).to_contain_text("No server does that")


FOCUSED = """() => {
  const node = document.activeElement, style = getComputedStyle(node);
  const card = node.closest('.wb-question') ?? document.documentElement;
  return { what: node.outerHTML.slice(0, 80), width: parseFloat(style.outlineWidth),
    style: style.outlineStyle, ring: style.outlineColor,
    back: getComputedStyle(card).backgroundColor };
}"""


def luminance(page: Page, colour: str) -> float:
    """Return the relative luminance of a CSS colour (WCAG 2.2)."""
    rgb = page.evaluate(
        """(colour) => { const c = document.createElement('canvas').getContext('2d');
          c.fillStyle = colour; c.fillRect(0, 0, 1, 1);
          return [...c.getImageData(0, 0, 1, 1).data].map((v) => v / 255) }""",
        colour,
    )
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_focus_can_be_seen_on_every_stop(reader: Reader, theme: str) -> None:
    page = reader(f"{theme}.html", color_scheme=theme)
    answer(page, "blocking", WRONG)
    stops = 0
    page.evaluate("() => document.activeElement.blur()")
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement === document.body"):
            break
        seen = page.evaluate(FOCUSED)
        assert seen["style"] != "none", seen
        assert seen["width"] >= 2, seen
        light, dark = sorted((luminance(page, seen["ring"]), luminance(page, seen["back"])))[::-1]
        assert (light + 0.05) / (dark + 0.05) >= 3, seen
        stops += 1
    assert stops > 30
