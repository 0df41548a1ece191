# rejected by: refuses_a_body_that_does_not_fit
# Catches BadRequest; a body of another media type raises UnsupportedMediaType instead.
from flask import Flask, request
from werkzeug.exceptions import BadRequest


def make_app(store):
    app = Flask(__name__)

    @app.post("/users")
    def create_user():
        try:
            data = request.get_json()
        except BadRequest:
            data = None
        email = data.get("email") if isinstance(data, dict) else None
        if not isinstance(email, str) or "@" not in email:
            return {"error": "email"}, 422
        try:
            user = store.add(email=email)
        except ValueError:
            return {"error": "taken"}, 409
        return {"id": user["id"], "email": user["email"]}, 201

    return app
