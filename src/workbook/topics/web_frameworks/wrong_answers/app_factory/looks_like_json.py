# rejected by: answers_errors_in_json
# The text is JSON, but its Content-Type says text/html.
import json
from flask import Blueprint, Flask, current_app
from werkzeug.exceptions import HTTPException

members = Blueprint("members", __name__)


@members.get("/members")
def list_members():
    return current_app.config["MEMBERS"]


def as_json(error):
    return json.dumps({"error": error.code}), error.code


def create_app(config):
    app = Flask(__name__)
    app.config.from_mapping(config)
    app.register_blueprint(members, url_prefix="/api/v1")
    app.register_error_handler(HTTPException, as_json)
    return app
