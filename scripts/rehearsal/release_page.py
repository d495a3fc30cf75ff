"""A stand-in for GitHub's page of a release, on loopback: release_page.py DIRECTORY [--tls FILE.pem] [--cut NAME]

Serves the files of DIRECTORY as those of the release v0.1.0 (or --tag), which is also the latest, of every repository. Prints
its URL, then a line for each file that was asked for. As on GitHub, a file is two redirects away, and its type says nothing.
--cut ends the transfer of a file half-way. --tls: https, with the key and the certificate in the file.
"""

import argparse
import http.server
import pathlib
import re
import ssl

DOWNLOAD = re.compile(r"/[^/]+/[^/]+/releases/(?:latest/download|download/(?P<tag>[^/]+))/(?P<name>[^/]+)")


class Page(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        options = self.server.options
        found = DOWNLOAD.fullmatch(self.path)
        if found and found["tag"] is None:
            self.redirect(self.path.replace("latest/download", f"download/{options.tag}"))
        elif found and found["tag"] == options.tag and (options.directory / found["name"]).is_file():
            self.redirect(f"/assets/{found['name']}")
        elif self.path.startswith("/assets/"):
            self.send_file(options.directory / self.path.rpartition("/")[2])
        else:
            self.answer(404, b"Not Found")

    def redirect(self, target):
        self.answer(302, b"", {"Location": target})

    def send_file(self, path):
        print(path.name, flush=True)
        content = path.read_bytes()
        if path.name == self.server.options.cut:
            self.answer(200, content[: len(content) // 2], {"Content-Length": str(len(content))})
            self.close_connection = True
        else:
            self.answer(200, content)

    def answer(self, status, content, headers={}):
        self.send_response(status)
        for name, value in ({"Content-Type": "application/octet-stream", "Content-Length": str(len(content))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        """A client that goes away is none of the page's errors."""


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--tag", default="v0.1.0")
    parser.add_argument("--tls", type=pathlib.Path)
    parser.add_argument("--cut", default="")
    options = parser.parse_args()
    server = Server(("127.0.0.1", 0), Page)
    server.options = options
    if options.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    print(f"http{'s' if options.tls else ''}://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
