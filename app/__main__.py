"""The entry point of `python -m app`: starts the app, and exits with its exit code."""

import sys

from app.main import main

sys.exit(main())
