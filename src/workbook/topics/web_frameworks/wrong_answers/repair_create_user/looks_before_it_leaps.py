# rejected by: answers_a_conflict
# Between looking and adding there is room for another request.
from flask import Flask, request


def make_app(store):
    app = Flask(__name__)

    @app.post("/users")
    def create_user():
        data = request.get_json(silent=True)
        email = data.get("email") if isinstance(data, dict) else None
        if not isinstance(email, str) or "@" not in email:
            return {"error": "email"}, 422
        if store.find(email):
            return {"error": "taken"}, 409
        user = store.add(email=email)
        return {"id": user["id"], "email": user["email"]}, 201

    return app
