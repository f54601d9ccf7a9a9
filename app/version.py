"""The version that is running."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("layerloom")
except PackageNotFoundError:
    VERSION = "from source"
