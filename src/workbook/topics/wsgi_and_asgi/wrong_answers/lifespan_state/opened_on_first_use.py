# rejected by: opens_nothing_while_building
# Opens at the first request: the first user pays, and a wrong address shows up after the deployment, not at it.
from contextlib import asynccontextmanager

from fastapi import FastAPI


def make_app(open_pool):
    pools = []

    @asynccontextmanager
    async def lifespan(app):
        try:
            yield
        finally:
            for pool in pools:
                await pool.close()

    app = FastAPI(lifespan=lifespan)

    @app.get("/value")
    async def value():
        if not pools:
            pools.append(await open_pool())
        return {"value": await pools[0].value()}

    return app
