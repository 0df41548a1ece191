# rejected by: requires_httpx_and_offers_pg
# 0.26.9 is greater than 0.26, too.
PYPROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "shop"
version = "2026.1"
description = "A shop"
requires-python = ">=3.11"
dependencies = ["httpx>0.26"]

[project.optional-dependencies]
pg = ["psycopg"]
[project.scripts]
shop = "shop:main"
[dependency-groups]
dev = ["pytest"]
"""
