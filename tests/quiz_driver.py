"""Answers the sample questions as one without a mouse does: Tab, arrows, Space, Enter, typing."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

RIGHT: dict[str, Any] = {
    "blocking": "They wait",
    "hashable": ["(1, 2)", "frozenset"],
    "lifecycle": ["startup", "request", "disconnect", "shutdown"],
    "servers": {"uvicorn": "asgi", "waitress": "wsgi", "granian": "both"},
    "seconds": "4.2 s",
    "faulty": [4, 6],
    "merged": '{ "b":(2 ,), "a": 3.0 }',
    "choose": [0, 2],
}
WRONG: dict[str, Any] = {
    "blocking": "They move",
    "hashable": ["(1, 2)", "[1, 2]"],
    "lifecycle": ["request", "startup", "disconnect", "shutdown"],
    "servers": {"uvicorn": "both", "waitress": "wsgi", "granian": "both"},
    "seconds": "8",
    "faulty": [5, 6],
    "merged": "TypeError",
}
CLOSED = tuple(WRONG)  #: the questions that are graded

_ELSEWHERE = """(target) => {
  const now = document.activeElement;
  if (now === target || (now.type === "radio" && now.name === target.name)) return "";
  if (!now || now === document.body) return "Tab";
  const before = now.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_PRECEDING;
  return before ? "Shift+Tab" : "Tab";
}"""

#: Begins at the question, as one who has come that far: tabbing through all others takes its time.
_ENTER = """(field) => {
  if (field.contains(document.activeElement)) return;
  field.tabIndex = -1;
  field.focus();
}"""


def question(page: Page, ref: str) -> Locator:
    """Return the question of that name."""
    return page.locator(f'[data-ref="sample/{ref}"]')


def button(field: Locator, name: str) -> Locator:
    """Return a question's button by its name."""
    return field.get_by_role("button", name=name, exact=True)


def status(field: Locator) -> Locator:
    """Return a question's live region."""
    return field.get_by_role("status")


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab, or Shift+Tab, until the target, or a radio of its group, has the focus."""
    for _ in range(200):
        key = target.evaluate(_ELSEWHERE)
        if not key:
            return
        page.keyboard.press(key)
    raise AssertionError("no number of tabs leads to the control")


def press(page: Page, field: Locator, name: str, key: str = "Enter") -> None:
    """Press a question's button."""
    tab_to(page, button(field, name))
    page.keyboard.press(key)


def fill(page: Page, ref: str, answer: Any) -> None:
    """Give an answer, without checking it."""
    field = question(page, ref)
    field.evaluate(_ENTER)
    _FILL[field.get_attribute("data-kind") or ""](page, field, answer)


def answer(page: Page, ref: str, given: dict[str, Any]) -> Locator:
    """Give the answer that ``RIGHT`` or ``WRONG`` holds, check it, and return the question."""
    field = question(page, ref)
    fill(page, ref, given[ref])
    if ref == "choose":
        press(page, field, "Record my points")
    else:
        press(page, field, "Check")
    expect(button(field, "Retry")).to_be_visible()
    return field


def _single(page: Page, field: Locator, text: str) -> None:
    texts = field.locator(".wb-options > li").all_inner_texts()
    place = next(i for i, t in enumerate(texts) if t.strip().startswith(text))
    radios = field.get_by_role("radio")
    tab_to(page, radios.first)
    page.keyboard.press("Space")
    for _ in texts:
        if not radios.nth(place).is_checked():
            page.keyboard.press("ArrowDown")
    expect(radios.nth(place)).to_be_checked()


def _multiple(page: Page, field: Locator, texts: list[str]) -> None:
    for text in texts:
        item = field.locator(".wb-options > li").filter(has=page.locator(".wb-text", has_text=text))
        tab_to(page, item.first.get_by_role("checkbox"))
        page.keyboard.press("Space")


def _order(page: Page, field: Locator, names: list[str]) -> None:
    for place, name in enumerate(names):
        up = field.locator(f'li[data-name="{name}"]').get_by_role("button").first
        tab_to(page, up)
        keys = ["Enter", "Space", "ArrowUp"]
        while (now := _names(field).index(name)) > place:
            page.keyboard.press(keys[now % 3])
            expect(up).to_be_focused()
    assert _names(field) == names


def _names(field: Locator) -> list[str]:
    items = field.locator(".wb-options > li")
    return items.evaluate_all("all => all.map((item) => item.dataset.name)")


def _match(page: Page, field: Locator, pairs: dict[str, str]) -> None:
    for left, right in pairs.items():
        select = field.locator(f'li[data-name="{left}"]').get_by_role("combobox")
        tab_to(page, select)
        for _ in range(10):
            if select.input_value() == right:
                break
            page.keyboard.press("ArrowDown")
        expect(select).to_have_value(right)


def _typed(page: Page, field: Locator, text: str) -> None:
    tab_to(page, field.get_by_role("textbox"))
    page.keyboard.type(text)


def _line(page: Page, field: Locator, lines: list[int]) -> None:
    for number in lines:
        tab_to(page, field.get_by_role("checkbox", name=f"Line {number}:"))
        page.keyboard.press("Space")


def _open(page: Page, field: Locator, points: list[int]) -> None:
    _typed(page, field, "Threads suit <b>short</b> work & it's simple.")
    press(page, field, "Compare with the model answer")
    for point in points:
        tab_to(page, field.get_by_role("checkbox").nth(point))
        page.keyboard.press("Space")


_FILL = {
    "single": _single,
    "multiple": _multiple,
    "order": _order,
    "match": _match,
    "number": _typed,
    "predict": _typed,
    "line": _line,
    "open": _open,
}
