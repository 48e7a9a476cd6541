#!/usr/bin/python3
"""One session of libtorrent (rasterbar), told by JSON lines what to do.

usage: libtorrent-session.py '{"listen": "127.0.0.1:6881", "encrypted": false, "upload": 0}'
stdin: one JSON object a line, answered on stdout in kind; its end is our end.
  {"cmd": "add", "torrent": "/x.torrent" or "magnet": "...", "folder": "/dir", "super": false}
  {"cmd": "status"} -> {"progress": 0.5, "checking": false}
  {"cmd": "fetch", "peers": ["127.0.0.1:6882"], "seconds": 30}
      -> {"ms": 210}   from now until every piece is there; null: not within that time
"""
import json
import sys
import time

import libtorrent as lt

plan = json.loads(sys.argv[1])
FORCED, ENABLED = 0, 1
policy = FORCED if plan['encrypted'] else ENABLED
session = lt.session({
    'listen_interfaces': plan['listen'],
    'enable_dht': False,
    'enable_lsd': False,
    'enable_upnp': False,
    'enable_natpmp': False,
    'allow_multiple_connections_per_ip': True,
    'in_enc_policy': policy,
    'out_enc_policy': policy,
    'alert_mask': lt.alert.category_t.peer_notification | lt.alert.category_t.error_notification,
})
# Loopback peers are in the local class, which the session's own rate setting leaves out.
for class_id in (lt.session.global_peer_class_id, lt.session.local_peer_class_id):
    wanted = session.get_peer_class(class_id)
    wanted['upload_limit'] = plan['upload']
    session.set_peer_class(class_id, wanted)
handle = None


def add(command):
    params = lt.parse_magnet_uri(command['magnet']) if 'magnet' in command else lt.add_torrent_params()
    if 'torrent' in command:
        params.ti = lt.torrent_info(command['torrent'])
    params.save_path = command['folder']
    params.flags &= ~lt.torrent_flags.auto_managed
    params.flags &= ~lt.torrent_flags.paused
    if command.get('super'):
        params.flags |= lt.torrent_flags.super_seeding
    return session.add_torrent(params)


def fetch(peers, seconds):
    began = time.monotonic()
    handle.set_flags(lt.torrent_flags.sequential_download)
    for peer in peers:
        host, port = peer.rsplit(':', 1)
        handle.connect_peer((host.strip('[]'), int(port)))
    while time.monotonic() - began < seconds:
        status = handle.status()
        if status.has_metadata and status.is_seeding:
            return round((time.monotonic() - began) * 1000)
        time.sleep(0.005)
    return None


def answer(command):
    global handle
    if command['cmd'] == 'add':
        handle = add(command)
        return {'ok': True}
    if command['cmd'] == 'fetch':
        return {'ms': fetch(command['peers'], command['seconds'])}
    status = handle.status()
    for alert in session.pop_alerts():
        print(alert.message(), file=sys.stderr, flush=True)
    checking = status.state in (lt.torrent_status.checking_files, lt.torrent_status.checking_resume_data)
    # By pieces: of the rest it counts single blocks.
    share = status.num_pieces / handle.torrent_file().num_pieces() if status.has_metadata else 0
    return {'progress': share, 'checking': checking}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
