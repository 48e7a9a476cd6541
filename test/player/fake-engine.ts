import { firstPiece, pieceAt, pieceCount, pieceSize } from '../../common/bittorrent/piece-layout.ts'
import type { ByteRange, ByteReader } from '../../common/byte-reader.ts'
import { Fault } from '../../common/errors.ts'
import type {
  DownloadEvents,
  DownloadPlace,
  FileDownload,
  TorrentEngine,
  TorrentSpec,
} from '../../torrent/protocol/torrent-engine.ts'
import type { BuiltTorrent } from '../support/swarm/torrent.ts'

/** One opened download, and the hand that feeds it. */
export interface FakeDownload extends FileDownload {
  readonly spec: TorrentSpec
  readonly place: DownloadPlace
  readonly closed: boolean
  readonly openReaders: number
  /** The next `count` pieces of the file verify. */
  deliver(count: number): void
  /** All the rest, and `finished`. */
  finish(): void
  die(): void
  lose(piece: number): void
}

export interface FakeEngine extends TorrentEngine {
  readonly described: string[]
  readonly opened: FakeDownload[]
  /** What was learnt of torrents that may be running. */
  readonly learnt: TorrentSpec[]
  /** What fetchMetadata and open wait for; resolved unless a test holds it. */
  gate: { describe: Promise<void>; open: Promise<void> }
  fail: { describe?: Fault; open?: Fault }
  /** Swarms without anybody. */
  readonly dead: Set<string>
}

export function createFakeEngine(torrents: readonly BuiltTorrent[]): FakeEngine {
  const byHash = new Map(torrents.map((torrent) => [torrent.infoHash, torrent]))
  const engine: FakeEngine = {
    described: [],
    opened: [],
    learnt: [],
    gate: { describe: Promise.resolve(), open: Promise.resolve() },
    fail: {},
    dead: new Set(),
    state: {
      running: true,
      restarts: 0,
      away: false,
      torrents: 0,
      peers: 0,
      port: undefined,
      externalPort: undefined,
    },
    started: async () => {},
    prepare: () => {},
    setExternalPort: () => {},
    async fetchMetadata({ infoHash }, signal) {
      engine.described.push(infoHash)
      const nobody = engine.dead.has(infoHash) ? new Promise<void>(() => {}) : undefined
      await unlessAborted(nobody ?? engine.gate.describe, signal)
      if (engine.fail.describe) throw engine.fail.describe
      const torrent = byHash.get(infoHash)
      if (!torrent) throw new Fault('NO_PEERS')
      return torrent.torrent()
    },
    async open(spec, place, events, signal) {
      await unlessAborted(engine.gate.open, signal)
      if (engine.fail.open) throw engine.fail.open
      const content = byHash.get(spec.infoHash)?.content ?? Buffer.alloc(0)
      const download = createDownload(spec, place, events, content)
      engine.opened.push(download)
      return download
    },
    addTrackers: () => {},
    learn: (spec) => void engine.learnt.push(spec),
    openSlots: () => Promise.reject(new Fault('DOES_NOT_FIT')),
    close: async () => {},
  }
  return engine
}

function unlessAborted(wait: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new Fault('NO_PEERS', {}, { cause: signal.reason }))
    if (signal.aborted) return stop()
    signal.addEventListener('abort', stop, { once: true })
    wait.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

function createDownload(
  spec: TorrentSpec,
  place: DownloadPlace,
  events: DownloadEvents,
  content: Buffer,
): FakeDownload {
  const { layout, have } = place
  const total = pieceCount(layout)
  const finished = Promise.withResolvers<void>()
  const readers = new Set<{ wake(): void }>()
  let failure: Fault | undefined
  let closed = false
  let room = place.room
  /** Pieces that were to come when room ran out. */
  let waiting = 0
  const taken = () => {
    let bytes = 0
    for (let i = 0; i < total; i++)
      if (have.has(i)) bytes += pieceSize(layout, firstPiece(layout) + i)
    return bytes
  }
  const wakeAll = () => {
    for (const reader of readers) reader.wake()
  }

  function deliver(count: number): void {
    if (closed || failure) return
    for (let i = 0; i < total && count > 0; i++) {
      if (have.has(i)) continue
      const needed = taken() + pieceSize(layout, firstPiece(layout) + i)
      if (needed > room) {
        waiting = count
        events.needsRoom(needed)
        break
      }
      events.verified([firstPiece(layout) + i])
      have.set(i)
      count--
    }
    wakeAll()
    if (have.complete) finished.resolve()
  }
  const fail = (fault: Fault) => {
    failure ??= fault
    finished.reject(failure)
    wakeAll()
  }

  function reader(range: ByteRange): ByteReader {
    let at = range.start
    let ended = false
    let woken = Promise.withResolvers<void>()
    const me = {
      wake() {
        woken.resolve()
        woken = Promise.withResolvers()
      },
    }
    readers.add(me)
    return {
      async read(into) {
        for (;;) {
          if (ended) throw new Error('the reader was closed')
          if (at > range.end) return 0
          const piece = pieceAt(layout, at)
          if (have.has(piece - firstPiece(layout))) {
            const end = Math.min(range.end + 1, (piece + 1) * layout.pieceLength - layout.offset)
            const from = layout.offset + at
            const got = content.copy(into, 0, from, from + Math.min(into.length, end - at))
            at += got
            return got
          }
          // What is on disk can be read whatever became of the download.
          if (failure) throw failure
          if (closed) throw new Error('the download was closed')
          await woken.promise
        }
      },
      close() {
        ended = true
        readers.delete(me)
        me.wake()
      },
    }
  }

  return {
    spec,
    place,
    have,
    progress: { peers: 1, bytesPerSecond: 1000 },
    times: { peer: undefined, piece: undefined },
    finished: finished.promise,
    get closed() {
      return closed
    },
    get openReaders() {
      return readers.size
    },
    reader,
    deliver,
    giveRoom(bytes) {
      room = Math.max(room, bytes)
      const count = waiting
      waiting = 0
      if (count > 0) deliver(count)
    },
    finish: () => deliver(total),
    die: () => fail(new Fault('ENGINE_DIED')),
    lose(piece) {
      have.clear(piece)
      events.missing([firstPiece(layout) + piece])
    },
    async close() {
      closed = true
      wakeAll()
      return failure ? 'untold' : 'told'
    },
  }
}
