#!/usr/bin/env python3
"""What the screens cost on a terminal, measured from outside on a pseudo-terminal of 120x36.

    python3 benches/terminal.py cost KEYS [ARGUMENTS...]   CPU of the screens and bytes written, over 8 s, after KEYS
    python3 benches/terminal.py answer [ARGUMENTS...]      time from the key `?` until the help is on the screen, 40 times

The binary is target/release/fiveforks. KEYS may be empty; a blank pauses. Needs nothing but Python and Linux.
"""
import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

BINARY = os.path.join(os.path.dirname(__file__), "../target/release/fiveforks")


def start(arguments):
    pid, fd = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execv(BINARY, [BINARY, *arguments])
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
    return pid, fd


def drain(fd, seconds):
    """Reads for a time; gives how many bytes came."""
    count, end = 0, time.time() + seconds
    while (left := end - time.time()) > 0:
        if select.select([fd], [], [], left)[0]:
            count += len(os.read(fd, 65536))
    return count


def processor_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cost(keys, arguments):
    pid, fd = start(arguments)
    drain(fd, 3)
    os.write(fd, keys.encode())
    drain(fd, 1.5)
    before, began = processor_seconds(pid), time.time()
    count = drain(fd, 8)
    passed = time.time() - began
    share = 100 * (processor_seconds(pid) - before) / passed
    print(f"{share:.2f} % of a core, {count / passed:.0f} bytes/s")
    return fd


def answer(arguments):
    pid, fd = start(arguments)
    drain(fd, 8)
    times = []
    for _ in range(40):
        began, seen = time.time(), b""
        os.write(fd, b"?")
        while b"search" not in seen and time.time() - began < 5:
            if select.select([fd], [], [], 1)[0]:
                seen += os.read(fd, 65536)
        times.append(1000 * (time.time() - began))
        drain(fd, 0.05)
        os.write(fd, b"\x1b")
        drain(fd, 0.3)
    times.sort()
    print(f"p50 {times[20]:.1f} ms, longest {times[-1]:.1f} ms of {len(times)}")
    return fd


if __name__ == "__main__":
    if len(sys.argv) >= 3 and sys.argv[1] == "cost":
        terminal = cost(sys.argv[2], sys.argv[3:])
    elif len(sys.argv) >= 2 and sys.argv[1] == "answer":
        terminal = answer(sys.argv[2:])
    else:
        sys.exit(__doc__)
    os.write(terminal, b"q")
    time.sleep(0.5)
