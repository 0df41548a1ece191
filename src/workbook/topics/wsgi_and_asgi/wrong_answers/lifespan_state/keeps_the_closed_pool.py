# rejected by: opens_once_for_many_requests
# 'Once' is taken for once in the application's life: the second start-up gets a closed pool.
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request


def make_app(open_pool):
    pool = None

    @asynccontextmanager
    async def lifespan(app):
        nonlocal pool
        if pool is None:
            pool = await open_pool()
        try:
            yield {"pool": pool}
        finally:
            await pool.close()

    app = FastAPI(lifespan=lifespan)

    @app.get("/value")
    async def value(request: Request):
        return {"value": await request.state.pool.value()}

    return app
