import {
  type EngineOptions,
  type FromEngine,
  NO_ADDRESS_EXIT,
  type ToEngine,
} from '../protocol/messages.ts'
import type { TorrentSpec } from '../protocol/torrent-engine.ts'
import { LOCAL_GROUPS } from './discovery/local-socket.ts'
import { watchAddresses } from './egress/address-watch.ts'
import { disableNagle } from './egress/disable-nagle.ts'
import { openWayOut } from './egress/way-out.ts'
import { rehearseDownload } from './rehearsal.ts'
import { PieceBudget } from './storage/piece-budget.ts'
import { TorrentSession } from './torrent-session.ts'
import { rehearseTracker } from './trackers/rehearsal.ts'
import { guardBencode } from './webtorrent/guard-bencode.ts'
import { guardWires } from './webtorrent/guard-wires.ts'

/**
 * The child process that speaks BitTorrent. It holds nothing that must not be lost: it may be killed
 * at any moment, and torrent/supervisor/engine-process.ts starts it again.
 */

const TICK_MS = 25
const ALIVE_MS = 500
/** A torrent that nobody uses stays this long: after its metadata, a file of it is usually opened. */
const LINGER_MS = 4000
/** For all pieces in progress of usual lengths: a tenth of a second of a very fast line (but always two pieces). */
const PIECE_BYTES = 24 << 20

/** What waited for this process has been sent by then. */
const REHEARSE_AFTER_MS = 20

const options = JSON.parse(process.env.ENGINE_OPTIONS ?? '{}') as EngineOptions
const send = (message: FromEngine): void => {
  if (process.connected) process.send?.(message, undefined, undefined, () => {})
}

// Before webtorrent is loaded, so that it never opens an unguarded socket.
const wayOut = openWayOut(options, options.lsd ? LOCAL_GROUPS : [], () => {
  const message = 'TORRENT_PROXY relays no datagrams: no DHT, no UDP trackers'
  send({ t: 'log', level: 'warn', message })
})
if (!wayOut) process.exit(NO_ADDRESS_EXIT)
// Its sockets are bound to what is no longer there: a new process has what will be.
if (wayOut.local) watchAddresses(wayOut.local, () => process.exit(NO_ADDRESS_EXIT))
disableNagle()
guardBencode()
guardWires()
const { createWebtorrentClient } = await import('./webtorrent/webtorrent-client.ts')

const { client, port } = await createWebtorrentClient(
  options,
  (err) => {
    send({ t: 'log', level: 'warn', message: 'swarm client lost', facts: { why: err.message } })
    setImmediate(() => process.exit(1))
  },
  wayOut,
)

const budget = new PieceBudget(PIECE_BYTES, options.largePieceBytes)
const sessions = new Map<string, TorrentSession>()
const idle = new Map<string, number>()
/** The torrent that an id of the main process belongs to. */
const sessionById = new Map<number, TorrentSession>()

function sessionOf(spec: TorrentSpec): TorrentSession {
  let session = sessions.get(spec.infoHash)
  if (session?.failed) void session.close()
  if (session && !session.failed) session.learn(spec)
  else {
    session = new TorrentSession(spec, { client, options, send, budget })
    sessions.set(spec.infoHash, session)
  }
  idle.delete(spec.infoHash)
  return session
}

function handle(message: ToEngine): void {
  switch (message.t) {
    case 'prepare':
      sessionOf(message.spec)
      return
    case 'fetch-metadata':
    case 'open':
    case 'open-slots': {
      const session = sessionOf(message.spec)
      sessionById.set(message.id, session)
      if (message.t === 'fetch-metadata') session.fetchMetadata(message.id)
      else if (message.t === 'open') session.open(message.id, message.place)
      else session.openSlots(message.id, message.slots)
      return
    }
    case 'trackers':
      client.addTrackers(message.urls)
      return
    case 'external-port':
      client.setExternalPort(message.port)
      return
    case 'learn':
      sessions.get(message.spec.infoHash)?.learn(message.spec)
      return
    case 'slots':
      sessionById.get(message.id)?.changeSlots(message)
      return
    case 'room':
      sessionById.get(message.id)?.giveRoom(message.id, message.bytes)
      return
    case 'readers':
      sessionById.get(message.id)?.setReaders(message.id, message.readers)
      return
    case 'close':
      void close(message.id)
      return
    case 'shutdown':
      void shutdown()
  }
}

async function close(id: number): Promise<void> {
  const ending = sessionById.get(id)?.end(id)
  sessionById.delete(id)
  const have = await ending
  send({ t: 'closed', id, ...(have && { have }) })
}

function alive(): void {
  const states = [...sessions.values()].flatMap((session) => session.states)
  const { rss } = process.memoryUsage()
  send({ t: 'alive', rss, torrents: client.torrents, peers: client.peers, files: states })
}

function tick(): void {
  const now = performance.now()
  for (const [infoHash, session] of sessions) {
    session.tick(now)
    if (session.users > 0) {
      idle.delete(infoHash)
      continue
    }
    const since = idle.get(infoHash) ?? now
    idle.set(infoHash, since)
    if (now - since < LINGER_MS) continue
    sessions.delete(infoHash)
    idle.delete(infoHash)
    void session.close()
  }
}

const timers = [setInterval(tick, TICK_MS), setInterval(alive, ALIVE_MS)]

async function shutdown(): Promise<void> {
  for (const timer of timers) clearInterval(timer)
  await Promise.race([client.close(), new Promise((resolve) => setTimeout(resolve, 1500))])
  process.exit(0)
}

process.on('message', (message) => handle(message as ToEngine))
// The main process is gone: nobody needs this one any more.
process.on('disconnect', () => process.exit(0))
// It may have gone while this module was loading.
if (!process.connected) process.exit(0)
// Ctrl-C reaches the whole process group; the main process says when to go.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})

send({ t: 'ready', port })
alive()
// Whoever plays first finds that code warm; if it fails, only slower. Who waits already goes first.
setTimeout(() => {
  if (sessions.size > 0) return
  rehearseTracker()
    .then(() => rehearseDownload(options))
    .catch(() => {})
}, REHEARSE_AFTER_MS)
