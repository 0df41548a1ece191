# rejected by: greets_by_name
# A search for "name=" finds it at the end of "surname=" as well.
import re
from urllib.parse import unquote_plus


def application(environ, start_response):
    headers, body = [("Content-Type", "text/plain; charset=utf-8")], b""
    if environ["PATH_INFO"] != "/hello":
        status = "404 Not Found"
    elif environ["REQUEST_METHOD"] != "GET":
        status = "405 Method Not Allowed"
        headers.append(("Allow", "GET"))
    else:
        status = "200 OK"
        found = re.search("name=([^&]*)", environ.get("QUERY_STRING", ""))
        body = f"Hello, {unquote_plus(found[1]) if found else 'world'}!".encode()
    headers.append(("Content-Length", str(len(body))))
    start_response(status, headers)
    return [body]
