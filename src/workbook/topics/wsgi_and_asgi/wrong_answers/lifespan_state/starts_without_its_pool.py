# rejected by: fails_when_the_pool_does
# Logs that the database is away and starts nevertheless: the deployment is green, and each request fails.
import logging
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request


def make_app(open_pool):
    @asynccontextmanager
    async def lifespan(app):
        pool = None
        try:
            pool = await open_pool()
        except Exception:
            logging.exception("no pool")
        try:
            yield {"pool": pool}
        finally:
            if pool:
                await pool.close()

    app = FastAPI(lifespan=lifespan)

    @app.get("/value")
    async def value(request: Request):
        return {"value": await request.state.pool.value()}

    return app
