# rejected by: answers_with_the_value
# A plain function runs in a thread, and asyncio.run() gives the pool a loop that is not its own.
import asyncio
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
    def value(request: Request):
        return {"value": asyncio.run(request.state.pool.value())}

    return app
