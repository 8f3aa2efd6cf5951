"""Clients of an HTTP server: CROWD HOST PORT. Prints how many of ten questions meanwhile, or of the crowd itself, were
answered with 200, and the longest time in seconds."""
import socket
import struct
import sys
import threading
import time

kind, host, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
REQUEST = b"GET /metrics HTTP/1.0\r\n\r\n"


def connect(receive_buffer=0):
    client = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    if receive_buffer:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    client.settimeout(10)
    client.connect((host, port))
    return client


def ask():
    start = time.monotonic()
    try:
        with connect() as client:
            client.sendall(REQUEST)
            answer = b""
            while data := client.recv(65536):
                answer += data
        head, _, body = answer.partition(b"\r\n\r\n")
        isWhole = b"Content-Length: %d\r\n" % len(body) in head
        return head.startswith(b"HTTP/1.1 200 ") and isWhole, time.monotonic() - start
    except OSError:
        return False, time.monotonic() - start


def open_many(count, say=b"", **options):
    clients = []
    for _ in range(count):
        try:
            client = connect(**options)
            client.sendall(say)
            clients.append(client)
        except OSError:
            pass
    return clients


def each(clients, say):
    for client in clients:
        try:
            client.send(say, socket.MSG_DONTWAIT)
        except OSError:
            pass


def slow():
    clients = open_many(500, b"GET /metrics HTTP/1.0\r\n")
    while True:
        each(clients, b"a")
        time.sleep(0.1)


def silent():
    clients = open_many(500)
    time.sleep(60)


def again():
    while True:
        open_many(100)


def deaf():
    clients = open_many(300, REQUEST, receive_buffer=1)
    time.sleep(60)


def oversized():
    while True:
        clients = open_many(20, b"GET / HTTP/1.0\r\na: ")
        for _ in range(160):
            each(clients, b"a" * 65536)


def pipelined():
    while True:
        open_many(1, REQUEST * 1000)


def reset():
    while True:
        for client in open_many(10, REQUEST):
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()


def report(results):
    print(sum(fine for fine, _ in results), "%.2f" % max(time for _, time in results))


def at_once(count):
    results, start = [], threading.Barrier(count)

    def run():
        start.wait()
        results.append(ask())

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


for _ in range(100):
    if ask()[0]:
        break
    time.sleep(0.05)
if kind == "at-once":
    report(at_once(200))
elif kind == "one-by-one":
    report([ask() for _ in range(1000)])
else:
    threading.Thread(target=globals()[kind], daemon=True).start()
    time.sleep(0.5)
    results = []
    for _ in range(10):
        results.append(ask())
        time.sleep(0.1)
    report(results)
