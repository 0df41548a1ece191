# rejected by: keeps_applications_apart
# The application is made once, at import, and every caller configures the same one.
from flask import Blueprint, Flask, current_app
from werkzeug.exceptions import HTTPException

members = Blueprint("members", __name__)


@members.get("/members")
def list_members():
    return current_app.config["MEMBERS"]


def as_json(error):
    return {"error": error.code}, error.code


app = Flask(__name__)
app.register_blueprint(members, url_prefix="/api/v1")
app.register_error_handler(HTTPException, as_json)


def create_app(config):
    app.config.from_mapping(config)
    return app
