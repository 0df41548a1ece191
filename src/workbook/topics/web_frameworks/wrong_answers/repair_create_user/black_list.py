# rejected by: lets_nobody_set_more
# A list of what is forbidden. `plan` came later, and nobody thought of the list.
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
            data.pop("is_admin", None)
            data.pop("id", None)
            data.pop("nickname", None)
            user = store.add(**data)
        except ValueError:
            return {"error": "taken"}, 409
        return {"id": user["id"], "email": user["email"]}, 201

    return app
