"""Make a PostgreSQL in a folder and keep it: a script, run by path under the watcher.

    python -I postmaster.py USER-ID BIN FOLDER [options of postgres...]

Root starts it with the id of the user to become (PostgreSQL refuses to run as root); others with
``-1``. SIGTERM ends the server at once, since nobody needs its data any more; SIGHUP restarts it,
with its data and its options, as an administrator would.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

INITDB = "--username=workbook --auth=trust --no-sync --encoding=UTF8 --locale=C --no-instructions"


def main() -> None:
    """Make the data, then run the server until SIGTERM, or until it ends by itself."""
    user, place, folder, *options = sys.argv[1:]
    if int(user) >= 0:
        os.setgroups([])
        os.setgid(int(user))
        os.setuid(int(user))
    data = str(Path(folder, "data"))
    os.chdir(folder)
    made = subprocess.run([f"{place}/initdb", "-D", data, *INITDB.split()], check=False)
    if made.returncode:
        sys.exit("initdb failed")
    again = True
    while again:
        again = False
        server = subprocess.Popen([f"{place}/postgres", "-D", data, *options])

        def end(number: int, _: object, server: "subprocess.Popen[bytes]" = server) -> None:
            nonlocal again
            again = number == signal.SIGHUP
            server.send_signal(signal.SIGINT if again else signal.SIGQUIT)

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGHUP, end)
        code = server.wait()
    sys.exit(code)


if __name__ == "__main__":
    main()
