# rejected by: asks_who_is_there_first
# It takes the last word of the header, whatever its scheme.
from fastapi import Depends, FastAPI, Header, HTTPException, Response


def make_app(tokens, notes):
    app = FastAPI()

    def who(authorization: str | None = Header(None)):
        parts = (authorization or "").split()
        parts = ["", parts[-1] if parts else ""]
        if parts[1] not in tokens:
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
        if id not in notes or not may(user, notes[id]):
            raise HTTPException(404, "Not Found")
        notes.pop(id)
        return Response(status_code=204)

    return app
