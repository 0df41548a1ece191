# rejected by: hides_the_notes_of_others
# 403 says: it exists, and it is not yours. Trying ids then draws a map.
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer


def make_app(tokens, notes):
    app = FastAPI()
    Credentials = Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]

    def get_user(credentials: Credentials):
        user = tokens.get(credentials.credentials)
        if user is None:
            raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
        return user

    def get_note(id: int, user: Annotated[dict, Depends(get_user)]):
        note = notes.get(id)
        if note is None:
            raise HTTPException(404)
        if not (user["is_admin"] or note["owner"] == user["name"]):
            raise HTTPException(403)
        return note

    @app.get("/notes/{id}")
    def read(note: Annotated[dict, Depends(get_note)]):
        return {"text": note["text"]}

    @app.delete("/notes/{id}", status_code=204, dependencies=[Depends(get_note)])
    def delete(id: int):
        del notes[id]

    return app
