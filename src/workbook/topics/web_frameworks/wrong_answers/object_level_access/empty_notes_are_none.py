# rejected by: owners_and_admins_read
# A note without text is taken for none.
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
        if note and note["text"] and (user["is_admin"] or note["owner"] == user["name"]):
            return note
        raise HTTPException(404)

    @app.get("/notes/{id}")
    def read(note: Annotated[dict, Depends(get_note)]):
        return {"text": note["text"]}

    @app.delete("/notes/{id}", status_code=204, dependencies=[Depends(get_note)])
    def delete(id: int):
        del notes[id]

    return app
