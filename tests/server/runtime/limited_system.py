"""Runs a command of the server without what Windows lacks."""

import asyncio
import getpass
import logging.config
import multiprocessing
import os
import select
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

# What the standard library itself needs of it here is taken before it is removed.
LOADED = (asyncio, getpass, logging.config, multiprocessing, shutil, tempfile, Path)
MISSING_MODULES = ("fcntl", "grp", "pwd", "resource", "termios", "uvloop")
MISSING_NAMES = ("O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK", "geteuid", "getuid")


def refuse_descriptors_of_folders(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function without its parameters for descriptors of folders."""

    def call(*arguments: Any, **options: Any) -> Any:
        if any(name.endswith("dir_fd") and value is not None for name, value in options.items()):
            raise NotImplementedError("dir_fd unavailable on this platform")
        return function(*arguments, **options)

    return call


def remove_what_windows_lacks() -> None:
    """Remove it from this process."""
    for name in MISSING_MODULES:
        sys.modules[name] = None  # pyright: ignore[reportArgumentType] - makes its import fail
    for name in MISSING_NAMES:
        delattr(os, name)
    del select.poll
    os.supports_dir_fd = set()
    for name in ("open", "stat", "replace", "link", "unlink"):
        setattr(os, name, refuse_descriptors_of_folders(getattr(os, name)))


if __name__ == "__main__":
    remove_what_windows_lacks()
    from server.__main__ import main

    sys.exit(main())
