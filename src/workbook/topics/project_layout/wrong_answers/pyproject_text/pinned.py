# rejected by: requires_httpx_and_offers_pg
# Pins httpx in a package, so that it cannot be installed beside anything that wants another.
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
dependencies = ["httpx==0.27.*"]

[project.optional-dependencies]
pg = ["psycopg"]

[project.scripts]
shop = "shop:main"

[dependency-groups]
dev = ["pytest"]
"""
