"""The version of the installed package."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("layerloom")
except PackageNotFoundError:
    VERSION = "from source"
