# rejected by: holds_the_package_and_nothing_else
# Setuptools without package-data: the mail is not a module and stays behind.
PYPROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

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

[dependency-groups]
dev = ["pytest"]
"""
