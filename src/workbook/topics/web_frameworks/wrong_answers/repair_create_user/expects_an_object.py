# rejected by: refuses_a_body_that_does_not_fit
# JSON may be a list or a number, and these have no `get`.
from flask import Flask, request


def make_app(store):
    app = Flask(__name__)

    @app.post("/users")
    def create_user():
        data = request.get_json(silent=True)
        email = data.get("email")
        if not isinstance(email, str) or "@" not in email:
            return {"error": "email"}, 422
        try:
            user = store.add(email=email)
        except ValueError:
            return {"error": "taken"}, 409
        return {"id": user["id"], "email": user["email"]}, 201

    return app
