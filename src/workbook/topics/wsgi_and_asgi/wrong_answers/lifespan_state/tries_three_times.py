# rejected by: fails_when_the_pool_does
# open_pool() is awaited until it works, where the task says once.
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request


def make_app(open_pool):
    @asynccontextmanager
    async def lifespan(app):
        for attempt in range(3):
            try:
                pool = await open_pool()
                break
            except Exception:
                if attempt == 2:
                    raise
        try:
            yield {"pool": pool}
        finally:
            await pool.close()

    app = FastAPI(lifespan=lifespan)

    @app.get("/value")
    async def value(request: Request):
        return {"value": await request.state.pool.value()}

    return app
