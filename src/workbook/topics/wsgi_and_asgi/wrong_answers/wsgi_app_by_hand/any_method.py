# rejected by: refuses_other_methods
# Never looks at the method, so POST /hello greets as well.
from urllib.parse import parse_qs


def application(environ, start_response):
    if environ["PATH_INFO"] == "/hello":
        query = parse_qs(environ.get("QUERY_STRING", ""))
        status, body = "200 OK", f"Hello, {query.get('name', ['world'])[0]}!".encode()
    else:
        status, body = "404 Not Found", b""
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
    ]
    start_response(status, headers)
    return [body]
