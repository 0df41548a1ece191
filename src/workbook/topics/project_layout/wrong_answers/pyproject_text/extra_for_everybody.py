# rejected by: requires_httpx_and_offers_pg
# Lists psycopg among the dependencies as well, so that the extra brings nothing new.
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
dependencies = ["httpx>=0.27", "psycopg"]

[project.optional-dependencies]
pg = ["psycopg"]

[project.scripts]
shop = "shop:main"

[dependency-groups]
dev = ["pytest"]
"""
