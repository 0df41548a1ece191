# rejected by: answers_errors_in_json
# `And so on` means the other statuses, 500 among them.
from flask import Blueprint, Flask, current_app
from werkzeug.exceptions import HTTPException

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
    app.register_error_handler(404, as_json)
    app.register_error_handler(405, as_json)
    return app
