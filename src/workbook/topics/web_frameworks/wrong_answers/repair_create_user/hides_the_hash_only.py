# rejected by: shows_no_more_than_id_and_email
# The hash is taken out, and everything else goes on its way.
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
        user.pop("password_hash")
        return user, 201

    return app
