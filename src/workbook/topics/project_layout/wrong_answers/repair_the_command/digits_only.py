# rejected by: prints_the_total
# Knows a number by its digits, and refuses -4.
FILES = {
    "pyproject.toml": """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "shop"
version = "1.0"
requires-python = ">=3.11"

[project.scripts]
shop-total = "shop.cli:main"
""",
    "src/shop/__init__.py": "",
    "src/shop/prices.py": """
def gross(net):
    return net * 1.25
""",
    "src/shop/cli.py": """
import sys

from shop.prices import gross


def main():
    if len(sys.argv) != 2 or not sys.argv[1].replace(".", "", 1).isdigit():
        print("usage: shop-total NUMBER", file=sys.stderr)
        return 2
    print(f"{gross(float(sys.argv[1])):.2f}")
    return 0
""",
    "src/shop/__main__.py": """
from shop.cli import main

raise SystemExit(main())
""",
}
