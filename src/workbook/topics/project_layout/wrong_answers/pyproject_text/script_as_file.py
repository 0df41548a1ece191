# rejected by: installs_the_command
# Names a file where an object reference belongs; the back-end takes it without a word.
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
shop = "shop/__init__.py:main"

[dependency-groups]
dev = ["pytest"]
"""
