# rejected by: answers_errors_in_json
# A blueprint's handler is asked only for what happens inside its views. A path that no route has belongs to none.
from flask import Blueprint, Flask, current_app
from werkzeug.exceptions import HTTPException

members = Blueprint("members", __name__)


@members.get("/members")
def list_members():
    return current_app.config["MEMBERS"]


@members.errorhandler(HTTPException)
def as_json(error):
    return {"error": error.code}, error.code


def create_app(config):
    app = Flask(__name__)
    app.config.from_mapping(config)
    app.register_blueprint(members, url_prefix="/api/v1")
    return app
