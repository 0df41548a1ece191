# rejected by: keeps_two_applications_apart
# Keeps the pool in a global of the module, which a second application overwrites.
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request

POOL = None


def make_app(open_pool):
    @asynccontextmanager
    async def lifespan(app):
        global POOL
        POOL = await open_pool()
        try:
            yield
        finally:
            await POOL.close()

    app = FastAPI(lifespan=lifespan)

    @app.get("/value")
    async def value(request: Request):
        return {"value": await POOL.value()}

    return app
