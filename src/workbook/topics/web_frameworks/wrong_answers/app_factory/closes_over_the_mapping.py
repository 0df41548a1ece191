# rejected by: answers_below_its_prefix
# It answers from the mapping it was given, and not from the application's configuration.
from flask import Blueprint, Flask, current_app, jsonify, json
from werkzeug.exceptions import HTTPException


def create_app(config):
    app = Flask("x")
    app.config.update(config)
    bp = Blueprint("members", __name__)

    @bp.route("/members")
    def list_members():
        return jsonify(config["MEMBERS"])

    app.register_blueprint(bp, url_prefix="/api/v1")

    @app.errorhandler(HTTPException)
    def h(e):
        response = e.get_response()
        response.data = json.dumps({"error": e.code})
        response.content_type = "application/json"
        return response

    return app
