# rejected by: greets_the_world_without_a_query
# Takes a query that is there for one that has a name in it.
from urllib.parse import parse_qs


def application(environ, start_response):
    headers, body = [("Content-Type", "text/plain; charset=utf-8")], b""
    if environ["PATH_INFO"] != "/hello":
        status = "404 Not Found"
    elif environ["REQUEST_METHOD"] != "GET":
        status = "405 Method Not Allowed"
        headers.append(("Allow", "GET"))
    else:
        status = "200 OK"
        name = "world"
        if environ.get("QUERY_STRING"):
            name = parse_qs(environ["QUERY_STRING"])["name"][0]
        body = f"Hello, {name}!".encode()
    headers.append(("Content-Length", str(len(body))))
    start_response(status, headers)
    return [body]
