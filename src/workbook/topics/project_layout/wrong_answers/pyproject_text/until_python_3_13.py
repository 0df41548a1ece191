# rejected by: requires_httpx_and_offers_pg
# The marker leaves httpx out on each Python that was not there when it was written.
PYPROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "shop"
version = "2026.1"
requires-python = ">=3.11"
dependencies = ["httpx>=0.27; python_version < '3.13'"]
[project.optional-dependencies]
pg = ["psycopg"]
[project.scripts]
shop = "shop:main"
[dependency-groups]
dev = ["pytest"]
"""
