#!/usr/bin/python3
"""Writes .torrent files by libtorrent, of kinds that test/support/swarm/torrent.ts does not make (BEP 52).

usage: make_torrent.py '[{"payload": "/dir/film.mkv", "torrent": "/x.torrent", "piece": 65536, "kind": "v2"}]'
kind: v2 or hybrid. stdout: one JSON array of {"v1": hex or "", "v2": hex}, in the order of the plans.
"""
import json
import os
import sys

import libtorrent as lt


def write(plan):
    files = lt.file_storage()
    lt.add_files(files, plan['payload'])
    flags = lt.create_torrent.v2_only if plan['kind'] == 'v2' else 0
    torrent = lt.create_torrent(files, plan['piece'], flags)
    lt.set_piece_hashes(torrent, os.path.dirname(plan['payload']))
    with open(plan['torrent'], 'wb') as out:
        out.write(lt.bencode(torrent.generate()))
    hashes = lt.torrent_info(plan['torrent']).info_hashes()
    return {'v1': str(hashes.v1) if hashes.has_v1() else '', 'v2': str(hashes.v2)}


print(json.dumps([write(plan) for plan in json.loads(sys.argv[1])]))
