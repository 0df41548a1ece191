"""A chooser in a browser: by keyboard, in the dark, on a phone, and as a notebook shows it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from workbook.bank import TOPICS
from workbook.chooser import load_choosers, render

from .conftest import INK, PACKAGE, Reader, page_of

pytestmark = pytest.mark.needs_chromium

HTML = render(next(iter(load_choosers(TOPICS / "web_frameworks").values())))
LIVE = """<div id=cell data-jp-theme-light=true></div><script type=module>
const code = await (await fetch("chooser.js")).text();
const blob = URL.createObjectURL(new Blob([code], {type: "text/javascript"}));
const html = (await (await fetch("stored.txt")).text());
const model = {get: (name) => ({html})[name]};
(await import(blob)).default.render({model, el: document.querySelector("#cell")});
</script>"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, serve: Callable[[Path], str]) -> str:
    """The address of a folder with pages of the first chooser."""
    folder = tmp_path_factory.mktemp("site")
    pages = {f"{theme}.html": page_of(HTML, theme, engine="chooser") for theme in INK}
    pages["plain.html"] = page_of(HTML, engines=0, engine="chooser")
    pages["live.html"] = page_of(LIVE, engines=0, engine="chooser")
    pages["stored.txt"] = HTML
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")
    for name in ("chooser.js", "chooser.css"):
        shutil.copy(PACKAGE / name, folder)
    return serve(folder)


def answer(page: Page, force: int, down: int) -> None:
    """Answer a force by keyboard alone: Tab to it, then so many times the arrow key."""
    field = page.locator(".wb-force").nth(force)
    for _ in range(40):
        if field.evaluate("(field) => field.contains(document.activeElement)"):
            break
        page.keyboard.press("Tab")
    for _ in range(down):
        page.keyboard.press("ArrowDown")


@pytest.mark.parametrize("address", ["light.html", "live.html"])
def test_answers_by_keyboard_bring_up_both_sides(reader: Reader, address: str) -> None:
    page = reader(address)
    told = page.get_by_role("status")
    expect(told).to_contain_text("Nothing answered yet")
    expect(page.locator(".wb-option")).to_have_count(len(page.locator(".wb-option").all()))
    answer(page, 0, 1)  # from "Open", the last, the arrow key goes round to the first
    answer(page, 1, 2)
    expect(told).to_contain_text(f"2 of {page.locator('.wb-force').count()} answered.")
    expect(told).to_contain_text("lean towards Django with DRF.")
    first = page.locator(".wb-option").first
    expect(first).to_contain_text("For Django with DRF")
    expect(first).to_contain_text("2 for, 0 against")
    for box in page.locator(".wb-option").all():
        assert box.locator(".wb-pro li").count() >= 1
        assert box.locator(".wb-con li").count() >= 1
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.locator("button:focus").count():
            break
    page.keyboard.press("Enter")
    expect(told).to_contain_text("Nothing answered yet")
    assert page.evaluate("document.activeElement.type") == "radio"


def test_each_force_is_one_group_with_a_name_and_one_tab_stop(reader: Reader) -> None:
    page = reader()
    fields = page.locator("fieldset.wb-force").all()
    names = [str(field.locator("legend").text_content()) for field in fields]
    assert all(names)
    assert len(set(names)) == len(names)
    groups = [field.locator("input").first.get_attribute("name") for field in fields]
    assert len(set(groups)) == len(groups)
    for field in fields:
        expect(field.locator("input:checked")).to_have_count(1)
    assert page.get_by_role("status").count() == 1
    stops = 0
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        stops += 1
    assert stops == len(fields) + 1


def test_without_a_script_every_argument_can_be_read(reader: Reader) -> None:
    page = reader("light.html", java_script_enabled=False)
    arguments = page.locator("[data-side]").all()
    assert len(arguments) > 20
    assert all(argument.is_visible() for argument in arguments)
    assert page.locator("input, button").count() == 0


def test_in_a_notebook_the_keys_stay_its_own(reader: Reader) -> None:
    page = reader("live.html")
    controls = page.locator(".wb-chooser :is(input, button)")
    expect(controls.first).to_be_visible()
    for control in controls.all():
        expect(control).to_have_attribute("data-lm-suppress-shortcuts", "true")


@pytest.mark.parametrize("theme", INK)
@pytest.mark.parametrize("width", [1280, 360])
def test_it_fits_and_axe_finds_nothing(reader: Reader, theme: str, width: int) -> None:
    page = reader(f"{theme}.html", width)
    for force in range(3):
        answer(page, force, 1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], [n["html"] for n in rule["nodes"]]) for rule in found] == []


def test_axe_finds_nothing_without_a_script(reader: Reader) -> None:
    assert Axe().run(reader("plain.html", 360)).response["violations"] == []
