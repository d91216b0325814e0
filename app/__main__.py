"""`python -m app` is the same program as the command `superbill-desk`."""

import sys

from app.cli import main

if __name__ == "__main__":
    sys.exit(main())
