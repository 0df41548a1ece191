"""The proofs of the sample questions."""

import asyncio
import time

from workbook.sandbox import proof


@proof("asyncio")
def blocking() -> str:
    """Count what another coroutine gets done while one sleeps."""
    steps = []

    async def other() -> None:
        for step in range(3):
            steps.append(step)
            await asyncio.sleep(0)

    async def main() -> str:
        task = asyncio.create_task(other())
        await asyncio.sleep(0)
        before = len(steps)
        time.sleep(0.2)  # noqa: ASYNC251
        during = len(steps) - before
        await task
        return "run on" if during else "wait"

    return asyncio.run(main())


@proof("builtins")
def hashable() -> list[str]:
    """Ask each value for its hash."""
    found = []
    for value in ((1, 2), [1, 2], frozenset({1}), {1}):
        try:
            hash(value)
        except TypeError:
            continue
        found.append(type(value).__name__)
    return found
