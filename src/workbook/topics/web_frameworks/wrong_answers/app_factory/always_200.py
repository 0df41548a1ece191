# rejected by: answers_errors_in_json
# A handler that returns only a body answers with status 200, and monitoring sees no errors at all.
from flask import Blueprint, Flask, current_app
from werkzeug.exceptions import HTTPException

members = Blueprint("members", __name__)


@members.get("/members")
def list_members():
    return current_app.config["MEMBERS"]


def as_json(error):
    return {"error": error.code}


def create_app(config):
    app = Flask(__name__)
    app.config.from_mapping(config)
    app.register_blueprint(members, url_prefix="/api/v1")
    app.register_error_handler(HTTPException, as_json)
    return app
