# rejected by: answers_below_its_prefix
# An empty list is taken for a configuration that lacks it.
from flask import Blueprint, Flask, current_app
from werkzeug.exceptions import HTTPException

members = Blueprint("members", __name__)


@members.get("/members")
def list_members():
    return current_app.config.get("MEMBERS") or ("", 404)


def as_json(error):
    return {"error": error.code}, error.code


def create_app(config):
    app = Flask(__name__)
    app.config.from_mapping(config)
    app.register_blueprint(members, url_prefix="/api/v1")
    app.register_error_handler(HTTPException, as_json)
    return app
