# rejected by: holds_the_package_and_nothing_else
# Packs src as it stands, which makes the package importable as src.shop.
PYPROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "shop"
version = "2026.1"
description = "A shop"
readme = "README.md"
requires-python = ">=3.11"
dependencies = ["httpx>=0.27"]

[project.optional-dependencies]
pg = ["psycopg"]

[project.scripts]
shop = "shop:main"

[tool.hatch.build.targets.wheel]
include = ["src"]

[dependency-groups]
dev = ["pytest"]
"""
