"""What a process that holds secrets does for itself."""

import logging
import os

log = logging.getLogger("trophycase.process")

ROOT_UID = 0


def disable_core_files() -> None:
    """Set the limit for core files to 0, here and in each process started from here.

    A core file holds the whole memory, and with it every secret.
    """
    try:
        import resource  # noqa: PLC0415 - not every system has it
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def warn_when_root() -> None:
    """Log one line when the process may do everything on this machine."""
    if os.geteuid() == ROOT_UID:
        log.warning("running as root; run it as a user of its own")
