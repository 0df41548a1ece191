# rejected by: rolls_back_on_any_other_failure
# The commit in `finally` is done also when add() has failed.
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
        except BaseException:
            session.rollback()
            raise
        finally:
            session.close()

    @app.post("/members", status_code=201)
    def create(member: MemberIn, session: Annotated[Any, Depends(get_session)]):
        try:
            session.add(member.name)
        finally:
            try:
                session.commit()
            except ValueError:
                raise HTTPException(409) from None
        return member

    return app
