# rejected by: keeps_applications_apart
# The rest of the configuration is lost.
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
    app.config["MEMBERS"] = config["MEMBERS"]
    app.register_blueprint(members, url_prefix="/api/v1")
    app.register_error_handler(HTTPException, as_json)
    return app
