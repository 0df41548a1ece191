# rejected by: refuses_a_body_that_does_not_fit
# Everything has a text form, and that of a list can have an @ in it.
from flask import Flask, request


def make_app(store):
    app = Flask(__name__)

    @app.post("/users")
    def create_user():
        data = request.get_json(silent=True)
        email = data.get("email") if isinstance(data, dict) else None
        if "@" not in str(email):
            return {"error": "email"}, 422
        try:
            user = store.add(email=email)
        except ValueError:
            return {"error": "taken"}, 409
        return {"id": user["id"], "email": user["email"]}, 201

    return app
