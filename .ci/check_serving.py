"""Run `timebank demo` as a person would and ask its server whether it is well.

Run as `python3 check_serving.py TIMEBANK DATA`: TIMEBANK is the installed program, DATA a folder
that does not exist yet. Takes at most `SECONDS`, and always stops the server that it started.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

SECONDS = 180
PATHS = ("/healthz", "/readyz", "/kiosk", "/station", "/audit", "/log/checkpoint")


def free_port() -> int:
    """Ask the system for a port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> int:
    """Return the HTTP status of a page, or 0 while nobody listens."""
    try:
        with urllib.request.urlopen(url, timeout=10) as page:
            return int(page.status)
    except urllib.error.HTTPError as refusal:
        return refusal.code
    except OSError:
        return 0


def wait_for(server: subprocess.Popen[bytes], url: str) -> str | None:
    """Return None as soon as the server answers 200, else why that will not happen."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            return f"`timebank demo` ended with status {server.returncode}"
        if answers(url) == 200:
            return None
        time.sleep(0.5)
    return f"no 200 from {url} within {SECONDS} s"


def main() -> None:
    """Leave with 1, the server's output and the reason when a page does not answer 200."""
    program, data = sys.argv[1:3]
    port = free_port()
    environment = {**os.environ, "TIMEBANK_PORT": str(port), "PYTHONUNBUFFERED": "1"}
    with tempfile.TemporaryFile() as output:
        server = subprocess.Popen(
            [program, "demo", "--data", data],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment,
        )  # fmt: skip
        base = f"http://127.0.0.1:{port}"
        try:
            problem = wait_for(server, base + PATHS[0])
            statuses = {} if problem else {path: answers(base + path) for path in PATHS}
        finally:
            server.terminate()
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()
        if problem or set(statuses.values()) != {200}:
            output.seek(0)
            sys.exit(f"{output.read().decode(errors='replace')[-4000:]}\n{problem or statuses}")
    print(f"served: {statuses}")


if __name__ == "__main__":
    main()
