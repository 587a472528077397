"""Fixtures of the tests of pic-http; what they are made of is in web.py."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / 'scenario'))
from web import BIN, TOP, Pic, admin, cell, needs_root  # noqa: E402,F401; world.py of the scenarios wants these of 'conftest'
