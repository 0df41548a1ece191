# rejected by: keeps_pytest_to_developers
# Publishes the developers' tools as an extra, so that users see shop[dev].
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
dev = ["pytest"]

[project.scripts]
shop = "shop:main"

"""
