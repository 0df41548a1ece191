# rejected by: answers_below_its_prefix
# The route carries the prefix, so that no factory can mount it elsewhere.
from flask import Blueprint, Flask, current_app
from werkzeug.exceptions import HTTPException

members = Blueprint("members", __name__)


@members.get("/api/v1/members")
def list_members():
    return current_app.config["MEMBERS"]


def as_json(error):
    return {"error": error.code}, error.code


def create_app(config):
    app = Flask(__name__)
    app.config.from_mapping(config)
    app.register_blueprint(members)
    app.register_error_handler(HTTPException, as_json)
    return app
