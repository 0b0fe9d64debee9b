"""Makes each collection that was made to harm, reads it with the program, and prints what that cost.

    python3 benches/bombs.py PROGRAM FOLDER [NAME...]

A bomb is a function below: it gets a folder of its own and writes what is handed in there. Its text is its line of
the table. `benches/bombs.sh` is how to run them.
"""

import bz2
import gzip
import io
import lzma
import os
import shutil
import struct
import subprocess
import sys
import tarfile
import time
import zipfile
import zlib

MIB = 1 << 20
SECONDS = 120
IIS = "C/inetpub/logs/LogFiles/W3SVC1/"
HONEST = b"#Fields: date time c-ip\r\n2021-03-02 10:00:00 192.0.2.7\r\n"


# ZIP files by hand: the library refuses to write lies.

def local(name, size, packed, crc, method):
    return struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, method, 0, 33, crc, packed, size, len(name), 0) + name


def listed(name, size, packed, crc, method, start, mode=0):
    return struct.pack("<4s6H3L5H2L", b"PK\1\2", 0x031E, 20, 0, method, 0, 33, crc, packed, size, len(name),
                       0, 0, 0, 0, mode << 16, start) + name


def ending(count, length, start):
    zip64 = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, length, start)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, start + length, 1)
    few, small, near = min(count, 0xFFFF), min(length, 0xFFFFFFFF), min(start, 0xFFFFFFFF)
    return zip64 + locator + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, few, few, small, near, 0)


def zip_by_hand(path, entries):
    """Writes entries of name, bytes as they lie in the file, size, checksum and method."""
    central = io.BytesIO()
    with open(path, "wb") as to:
        count = 0
        for name, packed, size, crc, method in entries:
            start = to.tell()
            to.write(local(name, size, len(packed), crc, method) + packed)
            central.write(listed(name, size, len(packed), crc, method, start))
            count += 1
        start = to.tell()
        to.write(central.getvalue())
        to.write(ending(count, central.tell(), start))


def deflated_zeros(megabytes):
    """Zeros, deflated: one block again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(16 * MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    return block * (megabytes // 16) + b"\3\0"


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as to:
        for name, data in files:
            to.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED, 9)
    return out.getvalue()


def quine_of_gzip():
    """Returns a gzip that unpacks to itself, as Russ Cox made the first ("Zip Files All The Way Down", 2010)."""
    def put(length):  # A stored block of so many bytes; they follow.
        return struct.pack("<BHH", 0, length, length ^ 0xFFFF)

    # A block of fixed codes that puts the last 20 bytes again, ten and ten, and is itself just five bytes long.
    ten_of_twenty = "0001000" + "01000" + "110"
    again = int(("0" + "10" + 2 * ten_of_twenty + "0000000")[::-1], 2).to_bytes(5, "little")
    head, put0, put5, put20 = b"\x1f\x8b\x08\x08\0\0\0\0\0\xffq.gz\0", put(0), put(5), put(20)

    def with_checksum(crc):
        tail = put0 + b"\3\0" + struct.pack("<LL", crc, 210)
        return b"".join([head, put20, head, put20, again, put5, again, put5, put5, put20, again, put5, put5, put20,
                         again, put20, again, put20, again, put20, again, put20, again, put0, put0, put20, again, put0,
                         put0, put20, again, tail, again, tail])

    # The checksum is in what it is of. Each of its bits flips some bits of it: 32 equations with 32 unknowns.
    wrong, solved = zlib.crc32(with_checksum(0)), {}
    for bit in range(32):
        flips, by = zlib.crc32(with_checksum(1 << bit)) ^ zlib.crc32(with_checksum(0)) ^ (1 << bit), 1 << bit
        while flips and flips.bit_length() in solved:
            flips, by = (a ^ b for a, b in zip((flips, by), solved[flips.bit_length()]))
        solved[flips.bit_length()] = (flips, by)
    crc = 0
    while wrong:
        wrong, crc = (a ^ b for a, b in zip((wrong, crc), solved[wrong.bit_length()]))
    return with_checksum(crc)


def write(folder, name, data):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as to:
        to.write(data)


# The bombs.

def zip_of_one_file(folder):
    """a ZIP of 3 MB, 3 GB of zeros in one entry"""
    zip_by_hand(f"{folder}/a.zip", [(b"C/a.log", deflated_zeros(3072), 3072 * MIB, 0, 8)])


def zip_of_small_files(folder):
    """a ZIP of 16 MB, 256 entries of 64 MiB of zeros"""
    packed, crc = deflated_zeros(64), zlib.crc32(bytes(64 * MIB))
    zip_by_hand(f"{folder}/a.zip", [(b"C/%d.log" % n, packed, 64 * MIB, crc, 8) for n in range(256)])


def zip_that_lies(folder):
    """a ZIP entry of 1 GB that says it has 10 bytes"""
    zip_by_hand(f"{folder}/a.zip", [(b"C/a.log", deflated_zeros(1024), 10, 0, 8)])


def overlapping(folder):
    """a ZIP of 3 MB, 50,000 entries over the same 48 MiB"""
    packed, crc = deflated_zeros(48), zlib.crc32(bytes(48 * MIB))
    with open(f"{folder}/a.zip", "wb") as to:
        to.write(local(b"C/a.log", 48 * MIB, len(packed), crc, 8) + packed)
        start = to.tell()
        for n in range(50_000):
            to.write(listed(b"C/%d.log" % n, 48 * MIB, len(packed), crc, 8, 0))
        to.write(ending(50_000, to.tell() - start, start))


def packed_zeros(folder, name, pack, megabytes=64, times=160):
    with open(f"{folder}/{name}", "wb") as to:
        to.write(pack(bytes(megabytes * MIB)) * times)


def gzip_bomb(folder):
    """a gzip of 10 MB, 10 GB of zeros"""
    packed_zeros(folder, "u_ex210302.log.gz", lambda data: gzip.compress(data, 9))


def xz_bomb(folder):
    """an xz of 1.6 MB, 10 GB of zeros"""
    packed_zeros(folder, "u_ex210302.log.xz", lambda data: lzma.compress(data, preset=1))


def bzip2_bomb(folder):
    """a bzip2 of 13 kB, 10 GB of zeros"""
    packed_zeros(folder, "u_ex210302.log.bz2", lambda data: bz2.compress(data, 9))


def gzips_in_a_folder(folder):
    """a folder of 2,000 gzips of 60 MB of zeros each"""
    packed = gzip.compress(bytes(60 * MIB), 9)
    for n in range(2_000):
        write(folder, f"{IIS}u_ex{n:06}.log.gz", packed)


def six_levels_of_ten(folder):
    """six levels of ten ZIPs each, 1 MiB of zeros in each of the last"""
    data = zipped([("a.log", bytes(MIB))])
    for _ in range(6):
        data = zipped([(f"{n}.zip", data) for n in range(10)])
    write(folder, "a.zip", data)


def four_levels_of_ten(folder):
    """four levels of ten ZIPs each, ten times 4 MiB in each of the last"""
    data = zipped([(f"{n}.log", bytes(4 * MIB)) for n in range(10)])
    for _ in range(4):
        data = zipped([(f"{n}.zip", data) for n in range(10)])
    write(folder, "a.zip", data)


def without_end(folder):
    """a ZIP that holds a ZIP that holds … 300 deep"""
    data = HONEST
    for n in range(300):
        data = zipped([("a.zip" if n else "u_ex210302.log", data)])
    write(folder, "a.zip", data)


def quine(folder):
    """a gzip that unpacks to itself, within a ZIP"""
    write(folder, "a.zip", zipped([("q.gz", quine_of_gzip())]))


def million_empty(folder):
    """a ZIP of a million empty entries"""
    zip_by_hand(f"{folder}/a.zip", ((b"C/%d.log" % n, b"", 0, 0, 0) for n in range(1_000_000)))


def million_tiny(folder):
    """a ZIP of a million entries of 56 bytes, each a log"""
    crc = zlib.crc32(HONEST)
    names = (f"{IIS}u_ex{n}.log".encode() for n in range(1_000_000))
    zip_by_hand(f"{folder}/a.zip", ((name, HONEST, len(HONEST), crc, 0) for name in names))


def million_in_a_tar(folder):
    """a tar of a million empty entries"""
    header = tarfile.TarInfo("C/0000000.log").tobuf(tarfile.USTAR_FORMAT)
    checksum = sum(header[:148] + b" " * 8 + header[156:]) - 7 * ord("0")
    with open(f"{folder}/a.tar", "wb") as to:
        for n in range(1_000_000):
            name = b"%07d" % n
            to.write(b"".join([b"C/", name, header[9:148], b"%06o\0 " % (checksum + sum(name)), header[156:]]))
        to.write(bytes(1024))


def million_of_one_name(folder):
    """a tar of a million entries of one name"""
    with open(f"{folder}/a.tar", "wb") as to:
        to.write(tarfile.TarInfo("C/a.log").tobuf(tarfile.USTAR_FORMAT) * 1_000_000)
        to.write(bytes(1024))


def names(folder):
    """entries named to lead out, as devices, with controls and turned text; links"""
    evil = ["../../../../etc/cron.d/x", "/etc/passwd", "C:\\Windows\\System32\\x.dll", "C/NUL.log", "C/COM1",
            "C/a\x1b[2J.log", "C/gpj.\u202exslx.log", "C/" + "n" * 60_000, "\\\\198.51.100.7\\share\\x", "C/a.log/"]
    with zipfile.ZipFile(f"{folder}/a.zip", "w") as to:
        for name in evil:
            to.writestr(zipfile.ZipInfo(name), HONEST)
        link = zipfile.ZipInfo("C/link.log")
        link.external_attr = 0o120777 << 16
        to.writestr(link, "/etc/shadow")
    with tarfile.open(f"{folder}/b.tar", "w") as to:
        for kind, target in [(tarfile.SYMTYPE, "/etc/shadow"), (tarfile.LNKTYPE, "../../etc/passwd")]:
            info = tarfile.TarInfo(f"C/{kind!r}.log")
            info.type, info.linkname = kind, target
            to.addfile(info)


def long_line(folder):
    """a log of one line of 4 GB"""
    os.makedirs(f"{folder}/{IIS}")
    with open(f"{folder}/{IIS}u_ex210302.log", "wb") as to:
        to.write(HONEST)
        piece = b"a" * (16 * MIB)
        for _ in range(256):
            to.write(piece)


def entities(folder):
    """XML in which entities stand for entities, and XML that is 100,000 deep"""
    lines = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(12))
    head = f'<?xml version="1.0"?><!DOCTYPE c [<!ENTITY e0 "e">{lines}]>'
    body = '<configuration><system.webServer><modules><add name="&e12;" /></modules></system.webServer></configuration>'
    place = "C/Windows/System32/inetsrv/config/"
    write(folder, place + "applicationHost.config", (head + body).encode())
    write(folder, place + "administration.config", b"<configuration>" + b"<a>" * 100_000)


def looping_event_log(folder):
    """an event log of 512 chunks, each full of records that point back into it"""
    chunk = bytearray(65_536)
    chunk[:8] = b"ElfChnk\0"
    struct.pack_into("<QQQQLLLL", chunk, 8, 1, 2_000, 1, 2_000, 128, 65_000, 65_400, 0)
    for n in range(64):
        struct.pack_into("<L", chunk, 128 + 4 * n, 512)
    for n in range(32):
        struct.pack_into("<L", chunk, 384 + 4 * n, 512)
    place = 512
    while place + 64 < 65_400:
        # A record whose template, name and next template are where it stands itself.
        body = struct.pack("<4BBBLLL", 0x0F, 1, 1, 0, 0x0C, 1, 1, 512, 512)
        size = 24 + len(body) + 12
        struct.pack_into("<4sLQQ", chunk, place, b"**\0\0", size, place, 132_000_000_000_000_000)
        chunk[place + 24:place + 24 + len(body)] = body
        struct.pack_into("<L", chunk, place + size - 4, size)
        place += size
    head = bytearray(4_096)
    head[:8] = b"ElfFile\0"
    struct.pack_into("<QQQLHHHH", head, 8, 0, 511, 1, 128, 1, 3, 4_096, 512)
    write(folder, "C/Windows/System32/winevt/Logs/Security.evtx", bytes(head) + bytes(chunk) * 512)


def cyclic_hive(folder):
    """a registry hive whose root is its own child, a thousand times"""
    bins = bytearray(65_536)
    bins[:4] = b"hbin"
    struct.pack_into("<LL", bins, 4, 0, len(bins))

    def cell(at, data):
        struct.pack_into("<l", bins, at, -(len(data) + 4))
        bins[at + 4:at + 4 + len(data)] = data

    root, children = 32, 256
    name = b"ROOT"
    key = struct.pack("<2sHQLLLLLLLLLLLLLLLHH", b"nk", 0x2C, 0, 0, root, 1_000, 0, children, 0xFFFFFFFF, 0,
                      0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0, 0, 0, 0, 0, len(name), 0) + name
    cell(root, key + bytes(-(len(key) + 4) % 8))
    cell(children, struct.pack("<2sH", b"lf", 1_000) + struct.pack("<L4s", root, name) * 1_000 + bytes(4))
    head = bytearray(4_096)
    head[:4] = b"regf"
    struct.pack_into("<LLQLLLLLL", head, 4, 1, 1, 0, 1, 5, 0, 1, root, len(bins))
    checksum = 0
    for n in range(127):
        checksum ^= struct.unpack_from("<L", head, 4 * n)[0]
    struct.pack_into("<L", head, 508, checksum)
    write(folder, "C/Windows/System32/config/SYSTEM", bytes(head) + bytes(bins))


def maps_without_end(folder):
    """100,000 maps of sparse files that are not there, and a list of uploads on one line of 60 MB"""
    files = [(b"uploads/auto/C%%3A/%d.idx" % n, b"{}", 2, zlib.crc32(b"{}"), 0) for n in range(100_000)]
    line = b'{"_Components":[' + b"1," * (30 * MIB) + b"1]}"
    files.append((b"uploads.json", line, len(line), zlib.crc32(line), 0))
    zip_by_hand(f"{folder}/a.zip", files)


BOMBS = [zip_of_one_file, zip_of_small_files, zip_that_lies, overlapping, gzip_bomb, xz_bomb, bzip2_bomb,
         gzips_in_a_folder, six_levels_of_ten, four_levels_of_ten, without_end, quine, million_empty, million_tiny,
         million_in_a_tar, million_of_one_name, names, long_line, entities, looping_event_log, cyclic_hive,
         maps_without_end]


# Running.

def run(command):
    """Returns the seconds by the clock and of the processor, the most memory in MiB and the exit code of a command.

    It is ended when it takes too long. On a machine that others use as well, the seconds of the processor count.
    """
    begin = time.monotonic()
    child = subprocess.Popen(["timeout", "--signal=KILL", str(SECONDS), *command],
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return time.monotonic() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, child.returncode


def told(program, case):
    sql = "SELECT code, count(*) AS n FROM problems GROUP BY code ORDER BY code"
    said = subprocess.run([program, "query", sql, "--case", case, "--format", "csv"], capture_output=True, text=True)
    rows = [row.split(",") for row in said.stdout.split()[1:]]
    return " ".join(code if n == "1" else f"{code}x{n}" for code, n in rows)


def main():
    program, work, *wanted = sys.argv[1:]
    print(f"{'bomb':<22}{'seconds':>8}{'of CPU':>8}{'MiB':>7}{'exit':>6}  problems")
    for bomb in BOMBS:
        name = bomb.__name__
        if wanted and name not in wanted:
            continue
        evidence, case = os.path.join(work, "evidence"), os.path.join(work, "case")
        os.mkdir(evidence)
        bomb(evidence)
        seconds, busy, held, code = run([program, "ingest", evidence, "--case", case, "--no-progress"])
        print(f"{name:<22}{seconds:>8.1f}{busy:>8.1f}{held:>7.0f}{code:>6}  {told(program, case)}", flush=True)
        print(f"    {bomb.__doc__}", flush=True)
        shutil.rmtree(evidence)
        shutil.rmtree(case, ignore_errors=True)


if __name__ == "__main__":
    main()
