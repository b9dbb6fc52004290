"""Make `.venv` from nothing but a Python: `bootstrap.py run` for the service, `bootstrap.py test` for the tests too.

This file keeps to syntax that any Python reads, so that one that is too old says one clear sentence.
The work is in set_up.py beside it.
"""

import sys

NEEDED = (3, 11)

if sys.version_info < NEEDED:
    needed, present = [".".join(str(number) for number in version[:2]) for version in (NEEDED, sys.version_info)]
    sys.stderr.write(
        "FeedHub needs Python %s or newer, and %s is Python %s: install a newer one and name it, as in"
        " `make serve PYTHON=python3.12`.\n" % (needed, sys.executable, present)
    )
    sys.exit(2)

if __name__ == "__main__":
    from set_up import main

    sys.exit(main(sys.argv[1:]))
