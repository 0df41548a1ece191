# rejected by: closes_each_session_once
# One session for all requests: the second request gets one that is closed.
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel


class MemberIn(BaseModel):
    name: str


def make_app(open_session):
    app = FastAPI()

    session = open_session()

    def get_session():
        try:
            yield session
        except BaseException:
            session.rollback()
            raise
        finally:
            session.close()

    @app.post("/members", status_code=201)
    def create(member: MemberIn, session: Annotated[Any, Depends(get_session)]):
        session.add(member.name)
        try:
            session.commit()
        except ValueError:
            raise HTTPException(409) from None
        return member

    return app
