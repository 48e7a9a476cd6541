#!/usr/bin/python3
"""Tells a Deluge daemon what to do, by JSON lines.

usage: deluge-control.py PORT USER PASSWORD
  {"cmd": "add", "torrent": "/x.torrent", "folder": "/dir", "super": false, "upload": 50}   KiB/s, -1: no limit
  {"cmd": "status"} -> {"progress": 0.5, "checking": false}
"""
import base64
import json
import sys

from deluge.ui.client import client
from twisted.internet import defer, reactor, threads

port, user, password = int(sys.argv[1]), sys.argv[2], sys.argv[3]


@defer.inlineCallbacks
def answer(command):
    if command['cmd'] == 'add':
        with open(command['torrent'], 'rb') as file:
            metainfo = base64.b64encode(file.read()).decode()
        options = {
            'download_location': command['folder'],
            'super_seeding': command['super'],
            # The limit of the whole daemon leaves out peers of the local network.
            'max_upload_speed': command['upload'],
        }
        try:
            yield client.core.add_torrent_file('film.torrent', metainfo, options)
        except Exception as error:
            # A daemon that was started before knows its torrent.
            if 'already' not in str(error):
                raise
        return {'ok': True}
    all_of_them = yield client.core.get_torrents_status({}, ['state', 'progress'])
    one = list(all_of_them.values())[0]
    return {'progress': one['progress'] / 100, 'checking': one['state'] in ('Checking', 'Allocating', 'Queued')}


@defer.inlineCallbacks
def main():
    yield client.connect('127.0.0.1', port, user, password)
    while True:
        line = yield threads.deferToThread(sys.stdin.readline)
        if not line:
            break
        reply = yield answer(json.loads(line))
        print(json.dumps(reply), flush=True)
    reactor.stop()


def fail(failure):
    print(json.dumps({'error': failure.getErrorMessage()}), flush=True)
    reactor.stop()


reactor.callWhenRunning(lambda: main().addErrback(fail))
reactor.run()
