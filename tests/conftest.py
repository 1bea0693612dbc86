"""What holds for all tests: nothing is kept between runs."""

import os

os.environ["SAMEAS_CACHE"] = "off"
