# rejected by: hides_the_notes_of_others
# The status is the same, the body tells the difference.
from fastapi import Depends, FastAPI, Header, HTTPException, Response


def make_app(tokens, notes):
    app = FastAPI()

    def who(authorization: str | None = Header(None)):
        parts = (authorization or "").split()
        if len(parts) != 2 or parts[0].lower() != "bearer" or parts[1] not in tokens:
            raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
        return tokens[parts[1]]

    def may(user, note):
        return user["is_admin"] or user["name"] == note["owner"]

    @app.get("/notes/{id}")
    async def read(id: int, user=Depends(who)):
        if id not in notes or not may(user, notes[id]):
            raise HTTPException(404)
        return {"text": notes[id]["text"]}

    @app.delete("/notes/{id}")
    async def delete(id: int, user=Depends(who)):
        if id not in notes:
            raise HTTPException(404)
        if not may(user, notes[id]):
            raise HTTPException(404, "not yours")
        notes.pop(id)
        return Response(status_code=204)

    return app
