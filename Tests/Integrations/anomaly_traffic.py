# SPDX-License-Identifier: Apache-2.0
"""Labelled traffic: clients of four kinds, and sources that flood or scan, each from an address of its own.

  anomaly_traffic.py SERVER SEED SECONDS CLIENTS FLOODERS

The first address of clients is 10.77.1.1, that of flooders 10.77.2.1. No source sends more than 800 packets a second.
"""
import asyncio
import random
import socket
import struct
import sys
import time

SERVER = sys.argv[1]
SEED, SECONDS, CLIENTS, FLOODERS = (int(word) for word in sys.argv[2:])
END = time.monotonic() + SECONDS


async def browser(address, chance):
    """Connects for each request, some requests a second."""
    while time.monotonic() < END:
        reader, writer = await asyncio.open_connection(SERVER, 80, local_addr=(address, 0))
        for _ in range(chance.randint(1, 4)):
            writer.write(bytes(chance.randint(100, 900)))
            await reader.read(65536)
        writer.close()
        await asyncio.sleep(chance.uniform(0.05, 0.8))


async def caller(address, chance):
    """One connection with many small messages."""
    reader, writer = await asyncio.open_connection(SERVER, 443, local_addr=(address, 0))
    while time.monotonic() < END:
        writer.write(bytes(chance.randint(20, 200)))
        await reader.read(65536)
        await asyncio.sleep(chance.uniform(0.02, 0.2))
    writer.close()


async def uploader(address, chance):
    """Large packets, much traffic, now and then."""
    while time.monotonic() < END:
        reader, writer = await asyncio.open_connection(SERVER, 80, local_addr=(address, 0))
        for _ in range(chance.randint(5, 40)):
            writer.write(bytes(chance.randint(2000, 9000)))
            await reader.read(65536)
            await asyncio.sleep(chance.uniform(0.01, 0.1))
        writer.close()
        await asyncio.sleep(chance.uniform(0.1, 1))


async def resolver(address, chance):
    """Datagrams, as those to a name server."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind((address, 0))
        while time.monotonic() < END:
            opened.sendto(bytes(chance.randint(30, 80)), (SERVER, 53))
            await asyncio.sleep(chance.uniform(0.02, 0.4))


async def paced(send, rate):
    while time.monotonic() < END:
        for _ in range(rate // 50):
            send()
        await asyncio.sleep(0.02)


def syn(address, port, chance):
    """A SYN with its checksum, as a raw socket sends it."""
    def sums(data):
        total = sum(struct.unpack(f"!{len(data) // 2}H", data))
        total = (total >> 16) + (total & 0xFFFF)
        return ~(total + (total >> 16)) & 0xFFFF
    header = struct.pack("!HHIIBBHHH", chance.randint(1024, 65535), port, chance.getrandbits(32), 0, 0x50, 2, 1024, 0, 0)
    pseudo = socket.inet_aton(address) + socket.inet_aton(SERVER) + struct.pack("!HH", socket.IPPROTO_TCP, len(header))
    return header[:16] + struct.pack("!H", sums(pseudo + header)) + header[18:]


async def syn_flood(address, chance):
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP) as opened:
        opened.bind((address, 0))
        await paced(lambda: opened.sendto(syn(address, 80, chance), (SERVER, 0)), chance.randint(300, 800))


async def scan(address, chance):
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP) as opened:
        opened.bind((address, 0))
        await paced(lambda: opened.sendto(syn(address, chance.randint(1, 65535), chance), (SERVER, 0)),
                    chance.randint(50, 150))


async def datagram_flood(address, chance):
    size = chance.choice([20, 500, 1400])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind((address, 0))
        await paced(lambda: opened.sendto(bytes(size), (SERVER, 53)), chance.randint(300, 800))


async def main():
    kinds = (browser, caller, uploader, resolver), (syn_flood, datagram_flood, scan)
    work = []
    for net, (count, kind) in enumerate(zip((CLIENTS, FLOODERS), kinds, strict=True), start=1):
        for number in range(count):
            address = f"10.77.{net}.{number + 1}"
            work.append(kind[number % len(kind)](address, random.Random(f"{SEED} {address}")))
    await asyncio.gather(*(endless(one) for one in work))


async def endless(one):
    """A client that is cut off waits, and is not an error here."""
    try:
        await asyncio.wait_for(one, SECONDS)
    except (OSError, TimeoutError):
        pass


asyncio.run(main())
