# rejected by: asks_who_is_there_first
# A token that nobody knows is no identity, so 403 is wrong; and a 401 must name the scheme.
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer


def make_app(tokens, notes):
    app = FastAPI()
    Credentials = Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]

    def get_user(credentials: Credentials):
        user = tokens.get(credentials.credentials)
        if user is None:
            raise HTTPException(403)
        return user

    def get_note(id: int, user: Annotated[dict, Depends(get_user)]):
        note = notes.get(id)
        if note and (user["is_admin"] or note["owner"] == user["name"]):
            return note
        raise HTTPException(404)

    @app.get("/notes/{id}")
    def read(note: Annotated[dict, Depends(get_note)]):
        return {"text": note["text"]}

    @app.delete("/notes/{id}", status_code=204, dependencies=[Depends(get_note)])
    def delete(id: int):
        del notes[id]

    return app
