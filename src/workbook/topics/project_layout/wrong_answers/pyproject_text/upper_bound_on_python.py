# rejected by: states_name_version_and_python
# Caps the Python version, and shuts out the next one before it was tried.
PYPROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "shop"
version = "2026.1"
description = "A shop"
readme = "README.md"
requires-python = ">=3.11,<3.14"
dependencies = ["httpx>=0.27"]

[project.optional-dependencies]
pg = ["psycopg"]

[project.scripts]
shop = "shop:main"

[dependency-groups]
dev = ["pytest"]
"""
