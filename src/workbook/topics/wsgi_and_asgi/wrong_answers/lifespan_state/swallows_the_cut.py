# rejected by: closes_when_cut_off
# The pool is closed, but the server hears that the shutdown went well.
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request


def make_app(open_pool):
    @asynccontextmanager
    async def lifespan(app):
        pool = await open_pool()
        try:
            yield {"pool": pool}
        except Exception:
            pass
        finally:
            await pool.close()

    app = FastAPI(lifespan=lifespan)

    @app.get("/value")
    async def value(request: Request):
        return {"value": await request.state.pool.value()}

    return app
