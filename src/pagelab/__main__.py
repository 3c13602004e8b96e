"""`python -m pagelab`: the same as the command `pagelab`."""

import sys

from pagelab.cli import main

sys.exit(main())
