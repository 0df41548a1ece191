# rejected by: opens_once_for_many_requests
# A dependency that opens and closes per request is tidy, and pays for a new pool each time.
from fastapi import Depends, FastAPI


def make_app(open_pool):
    async def get_pool():
        pool = await open_pool()
        try:
            yield pool
        finally:
            await pool.close()

    app = FastAPI()

    @app.get("/value")
    async def value(pool=Depends(get_pool)):
        return {"value": await pool.value()}

    return app
