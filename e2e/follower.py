# A member who follows her ledger for as long as she lives, as `docs/live.md` says:
# one line on standard output for each line of the ledger, and one for each connection.
#
# python follower.py sync|async|sync-loop|async-loop <transports> <address> <user id> <token>
#
# The first two leave it to the client to come back. It does, unless its connection is
# cut in the middle of coming back: then it may believe for ever that it is there. The
# loops connect anew themselves.

import asyncio
import json
import sys
import threading
import time

import socketio

kind, transports, address, user, token = sys.argv[1:6]
transports = transports.split('+')
user = int(user)

loops = kind.endswith('-loop')

EVENTS = ['new_earning', 'earning_reversed', 'payout', 'payout_returned', 'adjustment']
OPTIONS = {
    'reconnection': not loops,
    'reconnection_delay': 0.05,
    'reconnection_delay_max': 0.5,
    'randomization_factor': 0,
}
PAUSE = 0.1


def tell(**line):
    sys.stdout.write(json.dumps(line) + '\n')
    sys.stdout.flush()


class Ledger:
    """Hands out the lines in the order of their `seq`, each once. The client handles
    each event in a thread of its own, and these may overtake each other."""

    def __init__(self):
        self.last = 0
        self.early = {}
        self.lock = threading.Lock()

    def line(self, event):
        with self.lock:
            if event['seq'] > self.last:
                self.early[event['seq']] = event
            while self.last + 1 in self.early:
                self.last += 1
                self.early.pop(self.last)
                tell(seq=self.last)


ledger = Ledger()


def client():
    client = socketio.Client(**OPTIONS)

    @client.event
    def connect():
        client.emit('register', (user, {'after': ledger.last}), callback=lambda answer: tell(joined=answer))

    client.on('disconnect', lambda reason: tell(disconnected=str(reason)))
    client.on('error', lambda error: tell(error=error))
    for event in EVENTS:
        client.on(event, ledger.line)
    return client


def async_client():
    client = socketio.AsyncClient(**OPTIONS)

    @client.event
    async def connect():
        await client.emit('register', (user, {'after': ledger.last}), callback=lambda answer: tell(joined=answer))

    client.on('disconnect', lambda reason: tell(disconnected=str(reason)))
    client.on('error', lambda error: tell(error=error))
    for event in EVENTS:
        client.on(event, ledger.line)
    return client


# A new client each time: one whose connection broke while it came back may take itself
# for connected for ever.


def follow():
    while True:
        try:
            one = client()
            one.connect(address, auth={'token': token}, transports=transports, retry=not loops)
            one.wait()
        except socketio.exceptions.ConnectionError:
            pass
        time.sleep(PAUSE)


async def follow_async():
    while True:
        try:
            one = async_client()
            await one.connect(address, auth={'token': token}, transports=transports, retry=not loops)
            await one.wait()
        except socketio.exceptions.ConnectionError:
            pass
        await asyncio.sleep(PAUSE)


if kind.startswith('sync'):
    follow()
else:
    asyncio.run(follow_async())
