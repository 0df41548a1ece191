# rejected by: owners_and_admins_read
# Notes who owns what when the application is made, and never looks again.
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer


def make_app(tokens, notes):
    app = FastAPI()
    owners = {id: note["owner"] for id, note in notes.items()}
    Credentials = Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]

    def get_user(credentials: Credentials):
        user = tokens.get(credentials.credentials)
        if user is None:
            raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
        return user

    def get_note(id: int, user: Annotated[dict, Depends(get_user)]):
        note = notes.get(id)
        if note and (user["is_admin"] or owners.get(id) == user["name"]):
            return note
        raise HTTPException(404)

    @app.get("/notes/{id}")
    def read(note: Annotated[dict, Depends(get_note)]):
        return {"text": note["text"]}

    @app.delete("/notes/{id}", status_code=204, dependencies=[Depends(get_note)])
    def delete(id: int):
        del notes[id]

    return app
