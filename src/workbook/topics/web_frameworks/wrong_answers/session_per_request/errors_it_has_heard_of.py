# rejected by: rolls_back_on_any_other_failure
# Rolls back for the exceptions that came to mind.
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel


class MemberIn(BaseModel):
    name: str


def make_app(open_session):
    app = FastAPI()

    def get_session():
        session = open_session()
        try:
            yield session
        except (HTTPException, ConnectionError):
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
