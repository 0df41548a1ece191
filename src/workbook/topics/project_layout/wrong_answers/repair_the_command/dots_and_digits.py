# rejected by: refuses_what_is_no_number
# 1.2.3 has nothing but dots and digits, and is no number: a traceback, and exit code 1.
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
    if len(sys.argv) != 2 or not sys.argv[1].lstrip("-").replace(".", "").isdigit():
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
