#!/usr/bin/python3
"""libtorrent (rasterbar) behind a thin HTTP server: sequential download, deadlines for the next 16 MiB,
and sendfile(2) as pieces arrive. Argument: folder. GET /?uri=<magnet or .torrent path> answers with the
film, ranges honoured. Prints its port."""
import os
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

import libtorrent as lt

AHEAD_BYTES = 16 << 20
SETTINGS = {
    'listen_interfaces': '0.0.0.0:0',
    'enable_dht': False,
    'enable_lsd': False,
    'enable_upnp': False,
    'enable_natpmp': False,
    'enable_outgoing_utp': False,
    'enable_incoming_utp': False,
    'allow_multiple_connections_per_ip': True,
    'connections_limit': 200,
    'active_downloads': -1,
    'active_limit': -1,
    'max_out_request_queue': 1500,
    'connection_speed': 200,
    'torrent_connect_boost': 50,
    'smooth_connects': False,
    'min_reconnect_time': 1,
    'peer_connect_timeout': 5,
    'tick_interval': 100,
    'mixed_mode_algorithm': 0,
    'alert_mask': lt.alert.category_t.progress_notification
    | lt.alert.category_t.status_notification
    | lt.alert.category_t.error_notification,
}

session = lt.session(SETTINGS)
handles = {}
adding = threading.Lock()
changed = threading.Condition()


def watch():
    while True:
        session.wait_for_alert(1000)
        if session.pop_alerts():
            with changed:
                changed.notify_all()


def handle_of(uri):
    with adding:
        if uri not in handles:
            if uri.startswith('magnet:'):
                params = lt.parse_magnet_uri(uri)
            else:
                params = lt.add_torrent_params()
                params.ti = lt.torrent_info(uri)
            params.save_path = sys.argv[1]
            params.flags |= lt.torrent_flags.sequential_download
            params.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
            handles[uri] = session.add_torrent(params)
        return handles[uri]


def wait_until(done):
    with changed:
        while not done():
            changed.wait(0.02)


class Server(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *args):
        pass

    def do_GET(self):
        handle = handle_of(parse_qs(urlparse(self.path).query)['uri'][0])
        wait_until(lambda: handle.status().has_metadata)
        info = handle.torrent_file()
        size = info.files().file_size(0)
        asked = re.match(r'bytes=(\d+)-(\d*)$', self.headers.get('range', ''))
        start = int(asked.group(1)) if asked else 0
        end = min(size - 1, int(asked.group(2) or size)) if asked else size - 1
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header('Content-Range', 'bytes %d-%d/%d' % (start, end, size))
        self.send_header('Content-Length', str(end - start + 1))
        self.end_headers()
        try:
            self.send_bytes(handle, info, start, end)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def send_bytes(self, handle, info, at, end):
        length = info.piece_length()
        last, ahead, planned = end // length, max(2, AHEAD_BYTES // length), -1
        file = None
        try:
            while at <= end:
                piece = at // length
                for next_piece in range(max(piece, planned + 1), min(last, piece + ahead) + 1):
                    if not handle.have_piece(next_piece):
                        handle.set_piece_deadline(next_piece, (next_piece - piece) * 50)
                planned = max(planned, min(last, piece + ahead))
                wait_until(lambda: handle.have_piece(piece))
                if file is None:
                    file = os.open(os.path.join(sys.argv[1], info.files().file_path(0)), os.O_RDONLY)
                stop = min(end + 1, (piece + 1) * length)
                while at < stop:
                    at += os.sendfile(self.connection.fileno(), file, at, stop - at)
        finally:
            if file is not None:
                os.close(file)


class Servers(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024

    def handle_error(self, *args):
        pass


threading.Thread(target=watch, daemon=True).start()
server = Servers(('127.0.0.1', 0), Server)
print(server.server_address[1], flush=True)
server.serve_forever()
