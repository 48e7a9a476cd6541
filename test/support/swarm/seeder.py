#!/usr/bin/python3
"""Seeds torrents by libtorrent (rasterbar), an implementation that shares no code with Playlink's.

usage: seeder.py '{"addresses": ["127.0.0.11"], "torrents": [{"torrent": "/x.torrent", "folder": "/dir"}]}'
One with "fetches": true is not there yet, and comes from who is connected to.
One session an address ("[::1]" is one too), each on a port of its own choice, TCP only unless "settings" (names
of libtorrent) say other.
"dht": true in the plan: a session more, which only is a node of the DHT, and the others announce there.
stdout: one JSON object a line. First {"peers": ["127.0.0.11:40123"]}, with the node as "node", then one
answer a command.
stdin: one JSON object a line; its end is our end, so a dead parent leaves no seeder behind.
  {"cmd": "uploads"}                        -> {"uploads": {"<info hash>": [payload bytes of session 0, ...]}}
  {"cmd": "progress"}                       -> {"progress": [share of each torrent of each session]}
  {"cmd": "rate", "session": 0, "bytes": n} -> {"ok": true}   bytes a second, 0 = no limit
  {"cmd": "super"}                          -> {"ok": true}   super-seeding (BEP 16) from now on
  {"cmd": "connect", "peer": "1.2.3.4:5"}   -> {"ok": true}   every session connects to it
  {"cmd": "pause"} or {"cmd": "resume"}     -> {"ok": true}   drops every peer and comes back
"""
import json
import sys
import threading
import time

import libtorrent as lt

SETTINGS = {
    'enable_dht': False,
    'enable_lsd': False,
    'enable_upnp': False,
    'enable_natpmp': False,
    'enable_incoming_utp': False,
    'enable_outgoing_utp': False,
    'enable_outgoing_tcp': False,
    'allow_multiple_connections_per_ip': True,
    'active_seeds': -1,
    'active_limit': -1,
    'unchoke_slots_limit': -1,
    'connections_limit': 200,
    'send_buffer_watermark': 1 << 20,
    'max_allowed_in_request_queue': 4000,
    'seed_choking_algorithm': 1,
    'alert_mask': 0,
}


DHT = {
    'enable_dht': True,
    'dht_bootstrap_nodes': '',
    'dht_restrict_routing_ips': False,
    'dht_restrict_search_ips': False,
    'dht_prefer_verified_node_ids': False,
    # All of them have one address here, and five packets a second of one are too many to it.
    'dht_block_ratelimit': 10_000,
}


def limit(session, bytes_a_second):
    """Loopback peers are in the local class, which the session's own rate setting leaves out."""
    for class_id in (lt.session.global_peer_class_id, lt.session.local_peer_class_id):
        wanted = session.get_peer_class(class_id)
        wanted['upload_limit'] = bytes_a_second
        session.set_peer_class(class_id, wanted)


def open_session(address, torrents, settings):
    session = lt.session({**SETTINGS, **settings, 'listen_interfaces': address + ':0'})
    handles = []
    for torrent in torrents:
        params = lt.add_torrent_params()
        params.ti = lt.torrent_info(torrent['torrent'])
        params.save_path = torrent['folder']
        params.flags = 0 if torrent.get('fetches') else lt.torrent_flags.seed_mode
        handle = session.add_torrent(params)
        handle.replace_trackers([])
        handles.append(handle)
    return session, handles


def wait_for_port(session):
    for _ in range(500):
        if session.is_listening() and session.listen_port():
            return session.listen_port()
        time.sleep(0.01)
    sys.exit('no port to listen on')


def main():
    plan = json.loads(sys.argv[1])
    settings = {**(DHT if plan.get('dht') else {}), **plan.get('settings', {})}
    node = open_session(plan['addresses'][0], [], settings)[0] if plan.get('dht') else None
    opened = [open_session(address, plan['torrents'], settings) for address in plan['addresses']]
    peers = [
        '%s:%d' % (address, wait_for_port(session))
        for address, (session, _) in zip(plan['addresses'], opened)
    ]
    say({'peers': peers, 'node': meet(node, opened, plan['addresses'][0]) if node else None})
    for line in sys.stdin:
        say(answer(json.loads(line), opened))


def meet(node, opened, address):
    port = wait_for_port(node)
    for session, _ in opened:
        session.add_dht_node((address.strip('[]'), port))
    threading.Thread(target=announce, args=(opened,), daemon=True).start()
    return '%s:%d' % (address, port)


def announce(opened):
    """libtorrent takes its time for that, and what came before it has met the node is lost."""
    while True:
        for handle in [handle for _, handles in opened for handle in handles]:
            handle.force_dht_announce()
        time.sleep(1)


def answer(command, opened):
    handles = [handle for _, handles in opened for handle in handles]
    if command['cmd'] == 'uploads':
        uploads = {}
        for handle in handles:
            name = str(handle.info_hash())
            uploads.setdefault(name, []).append(handle.status().total_payload_upload)
        return {'uploads': uploads}
    if command['cmd'] == 'progress':
        return {'progress': [handle.status().progress for handle in handles]}
    if command['cmd'] == 'rate':
        limit(opened[command['session']][0], command['bytes'])
    if command['cmd'] == 'super':
        for handle in handles:
            handle.set_flags(lt.torrent_flags.super_seeding)
    if command['cmd'] == 'connect':
        host, port = command['peer'].rsplit(':', 1)
        for handle in handles:
            handle.connect_peer((host.strip('[]'), int(port)))
    for session, _ in opened:
        if command['cmd'] == 'pause':
            session.pause()
        if command['cmd'] == 'resume':
            session.resume()
    return {'ok': True}


def say(value):
    print(json.dumps(value), flush=True)


main()
