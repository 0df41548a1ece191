# rejected by: lets_nobody_set_more
# Shows an id that the client sent.
from flask import Flask, request


def make_app(store):
    app = Flask(__name__)

    @app.post("/users")
    def create_user():
        data = request.get_json(silent=True)
        email = data.get("email") if isinstance(data, dict) else None
        if not isinstance(email, str) or "@" not in email:
            return {"error": "email"}, 422
        try:
            user = store.add(email=email)
        except ValueError:
            return {"error": "taken"}, 409
        return {"id": data.get("id", user["id"]), "email": user["email"]}, 201

    return app
