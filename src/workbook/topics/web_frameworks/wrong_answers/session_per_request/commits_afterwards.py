# rejected by: commits_before_the_response
# The popular recipe: the commit stands after the yield, when the answer is already out.
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
            session.commit()
        except ValueError:
            session.rollback()
            raise HTTPException(409) from None
        except BaseException:
            session.rollback()
            raise
        finally:
            session.close()

    @app.post("/members", status_code=201)
    def create(member: MemberIn, session=Depends(get_session)):
        session.add(member.name)
        return member

    return app
