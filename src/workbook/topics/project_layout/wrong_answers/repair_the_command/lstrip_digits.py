# rejected by: refuses_what_is_no_number
# Knows a number by its characters: --5 has the right ones, and float() raises.
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
    args = sys.argv[1:]
    if len(args) != 1 or not args[0].lstrip("-").replace(".", "", 1).isdigit():
        print("usage: shop-total NUMBER", file=sys.stderr)
        return 2
    print(f"{gross(float(args[0])):.2f}")
    return 0
""",
    "src/shop/__main__.py": """
from shop.cli import main

raise SystemExit(main())
""",
}
