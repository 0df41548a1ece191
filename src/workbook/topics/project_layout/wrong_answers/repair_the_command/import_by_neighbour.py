# rejected by: prints_the_total
# Imports prices as a neighbour; installed, there is only shop.prices.
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

from prices import gross


def main():
    try:
        (text,) = sys.argv[1:]
        net = float(text)
    except ValueError:
        print("usage: shop-total NUMBER", file=sys.stderr)
        return 2
    print(f"{gross(net):.2f}")
    return 0
""",
    "src/shop/__main__.py": """
from shop.cli import main

raise SystemExit(main())
""",
}
