# rejected by: answers_with_the_value
# An error of the pool becomes an answer that looks right.
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request


def make_app(open_pool):
    @asynccontextmanager
    async def lifespan(app):
        pool = await open_pool()
        try:
            yield {"pool": pool}
        finally:
            await pool.close()

    app = FastAPI(lifespan=lifespan)

    @app.get("/value")
    async def value(request: Request):
        try:
            return {"value": await request.state.pool.value()}
        except Exception:
            return {"value": None}

    return app
