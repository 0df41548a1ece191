"""The published book in a real browser: by keyboard, in the dark, on a phone, without a network."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.needs_chromium

THEMES = ["light", "dark"]


@pytest.fixture(scope="module")
def site(book: Path, serve: Callable[[Path], str]) -> str:
    """The address of the book, served on this machine."""
    return serve(book)


@pytest.fixture(scope="module")
def names(book: Path) -> list[str]:
    """The book's pages, as paths in it."""
    found = [path.relative_to(book).as_posix() for path in book.rglob("*.html")]
    return sorted(name for name in found if not name.startswith("_static"))


@pytest.fixture(scope="module")
def chapter(book: Path, names: list[str]) -> str:
    """The first page with questions, code and diagrams."""
    texts = {name: (book / name).read_text(encoding="utf-8") for name in names}
    parts = ("wb-quiz", "wb-diagram", "cell_input")
    return next(name for name in names if all(part in texts[name] for part in parts))


@contextmanager
def reading(
    browser: Browser, width: int = 1280, theme: str = "light", **options: Any
) -> Iterator[tuple[Page, list[str]]]:
    """Give a fresh reader's page, and a list that fills with whatever goes wrong on it."""
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=theme, **options
    )
    page, wrong = context.new_page(), []
    own = ("http://127.0.0.1:", "file:", "data:", "blob:")

    def complain(what: str, text: str) -> None:
        wrong.append(f"{page.url}: {what}: {text}")

    def watch_request(request: Any) -> None:
        if not request.url.startswith(own):
            complain("asked", request.url)

    def watch_response(response: Any) -> None:
        if response.status >= 400:
            complain(f"got {response.status}", response.url)

    def watch_console(message: Any) -> None:
        if message.type in ("error", "warning"):
            complain(message.type, message.text)

    def watch_failure(request: Any) -> None:
        if request.failure != "net::ERR_ABORTED":  # the reader has gone on before it came
            complain("failed", request.url)

    context.on("request", watch_request)
    context.on("response", watch_response)
    page.on("requestfailed", watch_failure)
    page.on("console", watch_console)
    page.on("pageerror", lambda error: complain("error", str(error)))
    try:
        yield page, wrong
    finally:
        context.close()


def unfold(page: Page) -> None:
    """Open every answer, hint and description; scroll to the end and a little back."""
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    page.mouse.wheel(0, -300)  # shows "Back to top"
    page.evaluate("window.dispatchEvent(new Event('resize'))")  # the theme looks again what scrolls


#: Marks the first text of each look that is not in `seen`: what axe needs long for is contrast, and
#: it is the same for each of thousands of words. A look is what a text stands in, and its colours.
MARK_NEW_LOOKS = """(seen) => {
    const old = new Set(seen), looks = new Map();
    const words = (node) => node.nodeType === Node.TEXT_NODE && node.data.trim();
    for (const element of document.querySelectorAll("body *")) {
        const control = element.matches("input, select, textarea");
        if (!control && ![...element.childNodes].some(words)) continue;
        if (!element.checkVisibility({visibilityProperty: true})) continue;
        const style = getComputedStyle(element);
        const chain = [style.color, style.fill, style.backgroundColor, style.opacity];
        chain.push(style.fontSize, style.fontWeight);
        for (let e = element; e !== document.body; e = e.parentElement) {
            chain.push(`${e.tagName}.${e.getAttribute("class") ?? ""}`);
        }
        const look = chain.join(" ");
        if (!old.has(look) && !looks.has(look)) looks.set(look, element);
    }
    for (const element of looks.values()) element.setAttribute("data-new-look", "");
    return [...looks.keys()];
}"""


#: Makes each listing one text: for all rules but contrast its coloured words are nothing else, and
#: they are half of what axe would look at.
UNCOLOUR_LISTINGS = """
for (const pre of document.querySelectorAll(".highlight pre")) {
    const more = pre.querySelector(":not(span), [role], [tabindex]");
    if (!more) pre.replaceChildren(pre.textContent);
}
"""


def axe(page: Page, seen: set[str] | None = None) -> list[str]:
    """Return what axe finds, and where it only doubts because text cannot be seen at all.

    Contrast is looked at once for each look, also over several pages that share `seen`. The
    listings of the page lose their colours.
    """
    both: dict[str, Any] = {"resultTypes": ["violations", "incomplete"]}
    contrast, seen, results = "color-contrast", set() if seen is None else seen, []
    if new := page.evaluate(MARK_NEW_LOOKS, list(seen)):
        seen.update(new)
        options = both | {"runOnly": {"type": "rule", "values": [contrast]}}
        results.append(Axe().run(page, "[data-new-look]", options).response)
    page.evaluate(UNCOLOUR_LISTINGS)
    results.append(
        Axe().run(page, options=both | {"rules": {contrast: {"enabled": False}}}).response
    )
    return [
        f"{page.url}: {rule['id']}: {node['target']} {node['html'][:160]}"
        for found in results
        for rule in [*found["violations"], *found["incomplete"]]
        for node in rule["nodes"]
        if rule in found["violations"] or "1:1 contrast" in str(node["any"])
    ]


# ---------------------------------------------------------------- every page


@dataclass
class Tour:
    """What was seen on every page; of each complaint, the page is part."""

    too_wide: list[str] = field(default_factory=list)
    axe: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    levels: dict[str, list[int]] = field(default_factory=dict)


#: The windows of two readers: every page is loaded in the first, then changed to the others.
READERS = {
    "desk": [(1280, "light"), (1280, "dark")],
    "phone": [(360, "dark"), (320, "dark"), (360, "light")],
}


@pytest.fixture(scope="module", params=READERS.values(), ids=READERS.keys())
def tour(request: pytest.FixtureRequest, browser: Browser, site: str, names: list[str]) -> Tour:
    """Load every page once as each of two readers, unfold everything and look at all of it."""
    windows = request.param
    width, theme = windows[0]
    seen, looks = Tour(), set[str]()
    with reading(browser, width, theme) as (page, wrong):
        for name in names:
            page.goto(site + name, wait_until="load")
            expect(page.locator("html")).to_have_attribute("data-theme", theme)
            seen.titles.append(page.title())
            seen.levels[name] = page.locator(
                "main :is(h1, h2, h3, h4, h5, h6):visible"
            ).evaluate_all("(all) => all.map((h) => Number(h.tagName[1]))")
            unfold(page)
            for wide, colours in reversed(windows):  # the last is the one that it was loaded in
                page.set_viewport_size({"width": wide, "height": 800})
                page.emulate_media(color_scheme=colours)
                html = page.locator("html")  # an unfolded chapter takes its time on a busy machine
                expect(html).to_have_attribute("data-theme", colours, timeout=60_000)
                over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                seen.too_wide += [f"{name}, {wide} px, {colours}: {over} px too wide"] * (over > 0)
            page.wait_for_load_state("networkidle")
            seen.wrong += wrong
            seen.axe += axe(page, looks)  # which asks for style sheets by wrong addresses
            wrong.clear()
    return seen


def test_every_page_fits_the_window(tour: Tour) -> None:
    assert tour.too_wide == []


def test_no_page_asks_another_host_or_has_anything_to_complain_of(tour: Tour) -> None:
    assert tour.wrong == []


def test_axe_finds_nothing_on_any_page_with_everything_unfolded(tour: Tour) -> None:
    assert tour.axe == []


def test_every_page_has_one_visible_heading_of_its_own_and_skips_no_level(tour: Tour) -> None:
    assert len(set(tour.titles)) == len(tour.titles)
    for name, levels in tour.levels.items():
        assert levels.count(1) == 1, name
        assert levels[0] == 1, name
        assert all(b - a <= 1 for a, b in pairwise(levels)), (name, levels)


# ---------------------------------------------------------------- by keyboard


def test_every_stop_of_the_tab_key_can_be_seen(browser: Browser, site: str, chapter: str) -> None:
    look = """async () => {
        const stop = document.activeElement;
        await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
        await Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {})));
        const ringed = [stop, ...stop.querySelectorAll("*"), stop.parentElement].some((e) => {
            const s = getComputedStyle(e);
            const outlined = s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 1;
            return outlined || s.boxShadow !== "none";
        });
        const box = stop.getClientRects()[0];  // a link may go on in the next line
        const x = Math.min(Math.max(box.x + box.width / 2, 1), innerWidth - 2);
        const y = Math.min(Math.max(box.y + Math.min(box.height / 2, 20), 1), innerHeight - 2);
        const top = document.elementFromPoint(x, y);
        const shown = stop.contains(top) || top?.contains(stop);
        const where = stop.outerHTML.slice(0, 120);
        return stop === document.body ? null : {ringed, shown, where};
    }"""
    stops: list[dict[str, Any]] = []
    with reading(browser) as (page, _):
        page.goto(site + chapter)
        for _ in range(80):
            page.keyboard.press("Tab")
            stop = page.evaluate(look)
            if stop is None:
                break
            stops.append(stop)
    assert len(stops) >= 20
    assert [stop for stop in stops if not (stop["ringed"] and stop["shown"])] == []


def test_the_first_tab_offers_to_skip_the_menu(browser: Browser, site: str, chapter: str) -> None:
    with reading(browser) as (page, _):
        page.goto(site + chapter)
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_text("Skip to main content")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_search_finds_a_chapter_by_keyboard_alone(browser: Browser, site: str) -> None:
    with reading(browser) as (page, wrong):
        page.goto(site + "index.html")
        page.keyboard.press("Control+k")
        page.keyboard.type("application")
        page.keyboard.press("Enter")
        first = page.locator("#search-results .search a").first
        expect(first).to_be_visible(timeout=20_000)
        page.wait_for_load_state("networkidle")  # it looks into every page that it found
        first.focus()
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/(notebooks|solutions)/"))
        assert wrong == []


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_in_the_search_and_its_results(
    browser: Browser, site: str, theme: str
) -> None:
    with reading(browser, 360, theme) as (page, _):
        page.goto(site + "index.html")
        page.keyboard.press("Control+k")
        expect(page.locator("#pst-search-dialog")).to_be_visible()
        assert axe(page) == []
        page.goto(site + "search.html?q=application")
        expect(page.locator("#search-results .search a").first).to_be_visible(timeout=20_000)
        page.wait_for_load_state("networkidle")
        assert axe(page) == []


@pytest.mark.parametrize("side", ["primary", "secondary"])
@pytest.mark.parametrize("theme", THEMES)
def test_on_a_phone_a_side_bar_opens_and_closes_by_keyboard(
    browser: Browser, site: str, side: str, theme: str
) -> None:
    with reading(browser, 360, theme) as (page, wrong):
        page.goto(site + "index.html")
        button = page.locator(f"button.{side}-toggle:visible")
        button.focus()
        page.keyboard.press("Enter")
        dialog = page.locator(f"dialog#pst-{side}-sidebar-modal")
        expect(dialog).to_be_visible()
        assert wrong == []
        page.wait_for_timeout(400)  # it slides in
        assert axe(page) == []
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()


def test_the_colour_mode_is_switched_by_keyboard_and_kept(
    browser: Browser, site: str, chapter: str
) -> None:
    with reading(browser) as (page, _):
        page.goto(site + "index.html")
        button = page.locator(".theme-switch-button:visible").first
        button.focus()
        for _ in range(3):
            if page.locator("html").get_attribute("data-theme") == "dark":
                break
            page.keyboard.press("Enter")
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        page.goto(site + chapter)
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")


# ---------------------------------------------------------------- diagrams


@pytest.mark.parametrize("theme", THEMES)
def test_a_diagram_shows_the_picture_of_the_theme_and_scrolls_where_it_is_wide(
    browser: Browser, site: str, chapter: str, theme: str
) -> None:
    with reading(browser, 360, theme) as (page, _):
        page.goto(site + chapter)
        figures = page.locator(".wb-diagram").all()
        assert figures
        for figure in figures:
            [picture] = figure.locator("img:visible").all()
            picture.scroll_into_view_if_needed()
            expect(picture).to_have_js_property("complete", True)
            assert picture.evaluate("(img) => img.naturalWidth") > 100
            assert f"-{theme}.svg" in str(picture.get_attribute("src"))
            box = figure.locator(".pst-scrollable-table-container")
            if box.evaluate("(box) => box.scrollWidth > box.clientWidth"):
                expect(box).to_have_attribute("tabindex", "0")


# ---------------------------------------------------------------- without network, without script


def test_from_a_folder_on_a_disk_the_book_reads_searches_and_asks(
    browser: Browser, book: Path, chapter: str
) -> None:
    with reading(browser) as (page, wrong):
        page.goto((book / chapter).as_uri())
        expect(
            page.locator(".wb-question").first.get_by_role("button", name="Check")
        ).to_be_visible()
        assert wrong == []
        page.goto((book / "search.html").as_uri() + "?q=application")
        expect(page.locator("#search-results .search a").first).to_be_visible(timeout=20_000)
        assert not [line for line in wrong if ": asked: " in line]


def test_without_javascript_everything_can_still_be_read(
    browser: Browser, site: str, chapter: str
) -> None:
    with reading(browser, java_script_enabled=False) as (page, wrong):
        page.goto(site + chapter)
        question = page.locator(".wb-question").first
        expect(question.locator("legend")).to_be_visible()
        answer = question.locator("details.wb-answer")
        expect(answer.locator("dl")).to_be_hidden()
        answer.locator("> summary").click()
        expect(answer.locator("dl")).to_be_visible()
        for figure in page.locator(".wb-diagram").all():
            assert figure.locator("img:visible").count() == 1
        assert not [line for line in wrong if ": asked: " in line]


def test_an_answer_given_on_a_page_is_graded_there_and_kept(
    browser: Browser, site: str, chapter: str
) -> None:
    with reading(browser) as (page, wrong):
        page.goto(site + chapter)
        question = page.locator(".wb-question[data-kind=single]").first
        option = question.get_by_role("radio").first
        option.focus()
        page.keyboard.press("Space")
        question.get_by_role("button", name="Check").focus()
        page.keyboard.press("Enter")
        told = question.locator("[aria-live], [role=status]")
        expect(told).to_contain_text(re.compile(r"\w"))
        page.reload()
        expect(page.locator("html")).to_have_attribute("data-theme", "light")
        kept = page.evaluate("Object.values({...localStorage}).join(' ')")
        assert str(question.get_attribute("data-ref")) in kept
        assert wrong == []
