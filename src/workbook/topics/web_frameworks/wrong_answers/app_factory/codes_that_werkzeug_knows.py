# rejected by: answers_errors_in_json
# One handler for each status that Werkzeug has a class for; an application's own HTTPException has none.
from flask import Blueprint, Flask, current_app
from werkzeug.exceptions import default_exceptions

members = Blueprint("members", __name__)


@members.get("/members")
def list_members():
    return current_app.config["MEMBERS"]


def as_json(error):
    return {"error": error.code}, error.code


def create_app(config):
    app = Flask(__name__)
    app.config.from_mapping(config)
    app.register_blueprint(members, url_prefix="/api/v1")
    for code in default_exceptions:
        app.register_error_handler(code, as_json)
    return app
