# rejected by: answers_a_conflict
# Hands the text of the store's exception on to the client.
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
        except ValueError as error:
            return {"error": str(error)}, 409
        return {"id": user["id"], "email": user["email"]}, 201

    return app
