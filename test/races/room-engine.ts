import { parseMetainfo } from '../../common/bittorrent/metainfo.ts'
import type { TorrentPieces } from '../../common/bittorrent/piece-hash.ts'
import { pieceSize } from '../../common/bittorrent/piece-layout.ts'
import { type EngineFile, openEngineFile } from '../../torrent/engine/storage/engine-file.ts'
import { piecesOf } from '../../torrent/engine/storage/engine-files.ts'
import { PieceWriter } from '../../torrent/engine/storage/piece-writer.ts'
import type { SerializedPlace } from '../../torrent/protocol/messages.ts'
import type { TorrentEngine } from '../../torrent/protocol/torrent-engine.ts'
import { serializePlace } from '../../torrent/supervisor/message-conversion.ts'
import { SupervisedDownload } from '../../torrent/supervisor/supervised-download.ts'
import type { SeededRandom } from '../common/seeded-random.ts'
import type { BuiltTorrent } from '../support/swarm/torrent.ts'

/** Both sides of whole downloads without peers: real rooms and files, late messages, a process that dies. */
export class RoomEngine {
  readonly #random: SeededRandom
  readonly #torrents: readonly BuiltTorrent[]
  readonly #writer = new PieceWriter()
  readonly #running = new Set<RunningDownload>()

  constructor(random: SeededRandom, torrents: readonly BuiltTorrent[]) {
    this.#random = random
    this.#torrents = torrents
  }

  readonly open: TorrentEngine['open'] = async (spec, place, events) => {
    const torrent = this.#torrents.find(({ infoHash }) => infoHash === spec.infoHash)
    if (!torrent) throw new Error('no such torrent')
    const running = new RunningDownload(this.#writer, torrent, serializePlace(place))
    const file = new SupervisedDownload(place, events, {
      readers: (readers) => running.tell(() => running.read(readers.length > 0)),
      room: (bytes) => running.tell(() => running.engine?.giveRoom(bytes)),
      gone: async () => {
        this.#running.delete(running)
        const have = await running.close()
        if (have) file.resumed(have)
        return have ? 'told' : 'untold'
      },
    })
    running.file = file
    await running.start()
    file.opened(running.engine?.have.bytes ?? new Uint8Array())
    this.#running.add(running)
    return file
  }

  /** Some pieces come, some messages arrive; sometimes the process dies. */
  step(): void {
    for (const running of this.#running) {
      for (let n = this.#random.below(3); n > 0; n--) running.fetch(this.#random)
      running.deliver(this.#random.below(4))
    }
    if (this.#random.below(200) === 0) for (const running of this.#running) void running.die()
  }
}

class RunningDownload {
  file: SupervisedDownload | undefined
  engine: EngineFile | undefined
  readonly #writer: PieceWriter
  readonly #content: Buffer
  readonly #torrent: TorrentPieces
  readonly #asked = new Set<number>()
  #place: SerializedPlace
  #isRead = false
  #closed = false
  /** A dead process writes no more when its death is seen. */
  #dying: Promise<void> | undefined
  #toEngine: (() => void)[] = []
  #toMain: (() => void)[] = []

  constructor(writer: PieceWriter, torrent: BuiltTorrent, place: SerializedPlace) {
    this.#writer = writer
    this.#content = torrent.content
    this.#torrent = parseMetainfo(torrent.torrent(), { maxLength: 1e9 })
    this.#place = place
  }

  async start(): Promise<void> {
    const needsRoom = (bytes: number): void => {
      this.#toMain.push(() => this.file?.needsRoom(bytes))
    }
    this.engine = await openEngineFile(1, this.#place, this.#torrent, needsRoom)
  }

  tell(message: () => void): void {
    this.#toEngine.push(message)
  }

  read(isRead: boolean): void {
    this.#isRead = isRead
  }

  /** A piece that is missing comes, is written when there is room, and told. */
  fetch(random: SeededRandom): void {
    const { engine } = this
    const lacking = engine ? piecesOf(engine).filter((piece) => engine.lacks(piece)) : []
    const piece = lacking[random.below(2) === 0 ? 0 : random.below(lacking.length || 1)]
    if (!engine || piece === undefined || !this.#isRead || this.#asked.has(piece)) return
    this.#asked.add(piece)
    const start = piece * engine.layout.pieceLength
    const bytes = this.#content.subarray(start, start + pieceSize(engine.layout, piece))
    void this.#writer.write([engine], piece, bytes).then(() => {
      if (this.engine !== engine) return
      this.#asked.delete(piece)
      if (engine.has(piece)) this.#toMain.push(() => this.file?.verified([piece]))
    })
  }

  deliver(messages: number): void {
    for (let n = messages; n > 0; n--) {
      if (this.engine) this.#toEngine.shift()?.()
      this.#toMain.shift()?.()
    }
  }

  /** Messages are lost; the next process is told what the main process knows. */
  async die(): Promise<void> {
    const { file, engine } = this
    if (!file || !engine) return
    this.engine = undefined
    this.#toMain = []
    this.#toEngine = []
    this.#asked.clear()
    this.#dying = engine.close()
    await this.#dying
    // The download ended before the next process: the store looks for what was not told.
    if (this.#closed) return
    this.#place = {
      ...this.#place,
      have: file.have.bytes,
      trusted: true,
      mayHoldMore: true,
      room: file.room,
    }
    await this.start()
    const next = await this.#running()
    if (next) file.resumed(next.have.bytes)
  }

  async close(): Promise<Uint8Array | undefined> {
    this.#closed = true
    const { engine } = this
    this.engine = undefined
    await Promise.all([engine?.close(), this.#dying])
    return engine?.have.bytes
  }

  /** It may have been closed while it was being opened. */
  async #running(): Promise<EngineFile | undefined> {
    if (!this.#closed) return this.engine
    await this.close()
    return undefined
  }
}
