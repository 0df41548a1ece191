# rejected by: hides_the_notes_of_others
# Looks for the name in the owner's name, so that ad reads what is ada's.
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
        if note and (user["is_admin"] or user["name"] in note["owner"]):
            return note
        raise HTTPException(404)

    @app.get("/notes/{id}")
    def read(note: Annotated[dict, Depends(get_note)]):
        return {"text": note["text"]}

    @app.delete("/notes/{id}", status_code=204, dependencies=[Depends(get_note)])
    def delete(id: int):
        del notes[id]

    return app
