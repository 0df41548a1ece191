# rejected by: closes_when_cut_off
# Names the ways out that came to mind, and forgets the third.
import asyncio
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request


def make_app(open_pool):
    @asynccontextmanager
    async def lifespan(app):
        pool = await open_pool()
        try:
            yield {"pool": pool}
        except asyncio.CancelledError:
            await pool.close()
            raise
        else:
            await pool.close()

    app = FastAPI(lifespan=lifespan)

    @app.get("/value")
    async def value(request: Request):
        return {"value": await request.state.pool.value()}

    return app
