"""Who holds a port: so that "in use" comes with a name. Linux alone tells; elsewhere nobody."""

from pathlib import Path

PROC = Path("/proc")
LISTENING = "0A"


def holder_of_port(port: int, proc: Path = PROC) -> str:
    """Name the program that listens on a TCP port, with its process id; ``""`` when unknown."""
    inodes = _listening_inodes(port, proc)
    if not inodes:
        return ""
    for process in proc.glob("[0-9]*"):
        try:
            held = {str(link.readlink()) for link in (process / "fd").iterdir()}
            if held & inodes:
                return f"{(process / 'comm').read_text().strip()} (process {process.name})"
        except OSError:
            continue  # ended meanwhile, or another user's
    return ""


def _listening_inodes(port: int, proc: Path) -> set[str]:
    """Find the sockets in /proc/net/tcp that listen on a port (proc(5): address, state, inode)."""
    found = set()
    for name in ("tcp", "tcp6"):
        try:
            lines = (proc / "net" / name).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            words = line.split()
            if words[3] == LISTENING and int(words[1].rpartition(":")[2], 16) == port:
                found.add(f"socket:[{words[9]}]")
    return found
