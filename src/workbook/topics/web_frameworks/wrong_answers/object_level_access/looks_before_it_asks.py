# rejected by: asks_who_is_there_first
# The note is looked up first, so that a stranger learns from 404 which ids are free.
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer


def make_app(tokens, notes):
    app = FastAPI()
    bearer = HTTPBearer(auto_error=False)

    def get_note(
        id: int, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
    ):
        note = notes.get(id)
        if note is None:
            raise HTTPException(404)
        user = tokens.get(credentials.credentials) if credentials else None
        if user is None:
            raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
        if user["is_admin"] or note["owner"] == user["name"]:
            return note
        raise HTTPException(404)

    @app.get("/notes/{id}")
    def read(note: Annotated[dict, Depends(get_note)]):
        return {"text": note["text"]}

    @app.delete("/notes/{id}", status_code=204, dependencies=[Depends(get_note)])
    def delete(id: int):
        del notes[id]

    return app
