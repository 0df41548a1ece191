# rejected by: counts_bytes_not_characters
# Measures the text and sends its encoding: the server cuts off the last byte of every non-ASCII greeting.
from urllib.parse import parse_qs


def application(environ, start_response):
    headers, text = [("Content-Type", "text/plain; charset=utf-8")], ""
    if environ["PATH_INFO"] != "/hello":
        status = "404 Not Found"
    elif environ["REQUEST_METHOD"] != "GET":
        status = "405 Method Not Allowed"
        headers.append(("Allow", "GET"))
    else:
        status = "200 OK"
        query = parse_qs(environ.get("QUERY_STRING", ""))
        text = f"Hello, {query.get('name', ['world'])[0]}!"
    headers.append(("Content-Length", str(len(text))))
    start_response(status, headers)
    return [text.encode()]
