# rejected by: closes_each_session_once
# A body that does not fit never reaches the endpoint, and its session stays open.
from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel


class MemberIn(BaseModel):
    name: str


def make_app(open_session):
    app = FastAPI()

    def get_session():
        return open_session()

    @app.post("/members", status_code=201)
    def create(member: MemberIn, session=Depends(get_session)):
        try:
            session.add(member.name)
            session.commit()
        except ValueError:
            session.rollback()
            raise HTTPException(409) from None
        except BaseException:
            session.rollback()
            raise
        finally:
            session.close()
        return member

    return app
