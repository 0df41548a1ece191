"""Write what is generated from another file; called by ``run.py refresh``, checked by tests.

- ``.binder/requirements.txt``: what the workbook runs on, out of the lock, without tests and tools,
  hashes, addresses or local paths, so that Binder caches that layer.
- the README's links that need the public address of the repository, which is set in ``_config.yml``
  (``repository: url:``) and nowhere else; where it is empty, they are left out.
"""

import re
import sys
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
START_PAGE = "notebooks/00_start_here.ipynb"
OPENING, CLOSING = "<!-- address: written by run.py refresh -->\n", "<!-- /address -->"


def binder_requirements(lock: str) -> str:
    """Return the pins that ``[project] dependencies`` need, directly or not.

    The lock says below each package what it is there for (``# via``).
    """
    pins: dict[str, list[str]] = {}
    wanted_by: dict[str, set[str]] = {}
    name = ""
    for line in lock.splitlines():
        if re.match(r"[a-z0-9]", line):
            name = line.split("==")[0]
            pins.setdefault(name, []).append(line.removesuffix("\\").rstrip())
        elif found := re.match(r"\s+#\s+(?:via\s*)?(\S.*)?$", line):
            wanted_by.setdefault(name, set()).add(found[1] or "")
    kept = {"python-architecture-workbook (pyproject.toml)"}
    while more := {n for n in pins if n not in kept and wanted_by.get(n, set()) & kept}:
        kept |= more
    lines = [pin for name in sorted(pins) if name in kept for pin in pins[name]]
    return "\n".join(["# Written from ../requirements.txt by: python3 run.py refresh", *lines, ""])


def public_address(config: str) -> tuple[str, str]:
    """Return the repository's address and branch out of ``_config.yml``; empty where not set."""
    block = re.search(r"^repository:[^\n]*\n((?:[ \t]+[^\n]*\n|[ \t]*\n)*)", config, re.M)
    fields = dict(
        re.findall(r"^\s+(\w+):[ \t]*[\"']?([^\s\"'#]*)", block[1] if block else "", re.M)
    )
    return fields.get("url", "").rstrip("/"), fields.get("branch", "") or "main"


def address_links(url: str, branch: str) -> str:
    """Return the README's badge and clone command; nothing where the address is not set."""
    if not url:
        return ""
    place = url.removeprefix("https://github.com/")
    page = quote(f"/lab/tree/{START_PAGE}", safe="")
    binder = f"https://mybinder.org/v2/gh/{place}/{branch}?urlpath={page}"
    return (
        f"[![Open on Binder](https://mybinder.org/badge_logo.svg)]({binder})\n\n"
        f"    git clone {url}\n\n"
    )


def with_links(readme: str, links: str) -> str:
    """Return the README with these links between its two marks."""
    before, rest = readme.split(OPENING)
    return before + OPENING + links + CLOSING + rest.split(CLOSING, 1)[1]


def generated() -> dict[Path, str]:
    """Return each generated file and what it should hold."""
    readme = ROOT / "README.md"
    config = (ROOT / "_config.yml").read_text(encoding="utf-8")
    links = address_links(*public_address(config))
    return {
        ROOT / ".binder" / "requirements.txt": binder_requirements(
            (ROOT / "requirements.txt").read_text(encoding="utf-8")
        ),
        readme: with_links(readme.read_text(encoding="utf-8"), links),
    }


if __name__ == "__main__":
    for path, text in generated().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8", newline="\n")
            print(f"generate: wrote {path.relative_to(ROOT)}", file=sys.stderr)
