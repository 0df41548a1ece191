# rejected by: closes_at_shutdown
# A pool that cannot be closed is no news: the server hears that the shutdown went well.
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request


def make_app(open_pool):
    @asynccontextmanager
    async def lifespan(app):
        pool = await open_pool()
        try:
            yield {"pool": pool}
        finally:
            try:
                await pool.close()
            except Exception:
                pass

    app = FastAPI(lifespan=lifespan)

    @app.get("/value")
    async def value(request: Request):
        return {"value": await request.state.pool.value()}

    return app
