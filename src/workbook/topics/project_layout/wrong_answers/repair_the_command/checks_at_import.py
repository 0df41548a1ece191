# rejected by: is_silent_when_imported
# Looks at the arguments when it is imported: a test that imports it ends with a usage message.
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

if len(sys.argv) != 2:
    print("usage: shop-total NUMBER", file=sys.stderr)
    sys.exit(2)


def main():
    try:
        net = float(sys.argv[1])
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
