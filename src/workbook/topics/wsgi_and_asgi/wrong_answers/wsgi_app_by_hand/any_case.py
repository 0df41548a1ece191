# rejected by: does_not_know_other_paths
# Compares the path in lower case; paths of a URL have capitals of their own.
from urllib.parse import parse_qs


def application(environ, start_response):
    headers, body = [("Content-Type", "text/plain; charset=utf-8")], b""
    if environ["PATH_INFO"].lower() != "/hello":
        status = "404 Not Found"
    elif environ["REQUEST_METHOD"] != "GET":
        status = "405 Method Not Allowed"
        headers.append(("Allow", "GET"))
    else:
        status = "200 OK"
        query = parse_qs(environ.get("QUERY_STRING", ""))
        body = f"Hello, {query.get('name', ['world'])[0]}!".encode()
    headers.append(("Content-Length", str(len(body))))
    start_response(status, headers)
    return [body]
