import type { PieceLayout } from '../../common/bittorrent/piece-layout.ts'
import { Fault, type FaultCode } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { FromEngine, ToEngine } from '../protocol/messages.ts'
import type {
  DownloadEvents,
  DownloadPlace,
  EngineState,
  FileDownload,
  SlotFile,
  TorrentEngine,
  TorrentSpec,
} from '../protocol/torrent-engine.ts'
import { CrashQuarantine } from './crash-quarantine.ts'
import { EngineProcess, type EngineProcessDeps } from './engine-process.ts'
import { resumedPlace, serializePlace } from './message-conversion.ts'
import { MetadataFetcher } from './metadata-fetcher.ts'
import { PendingCloses } from './pending-closes.ts'
import { PendingReplies } from './pending-replies.ts'
import { type RunningFile, RunningFiles } from './running-files.ts'
import { SupervisedDownload } from './supervised-download.ts'
import { openSupervisedSlotFile } from './supervised-slot-file.ts'
import { type SupervisionLimits, usualLimits } from './supervision-limits.ts'

export interface EngineDeps extends Pick<EngineProcessDeps, 'options' | 'clock' | 'log'> {
  readonly limits?: Partial<SupervisionLimits>
}

/** The engine answers a close once its piece is written; a disk that takes longer hangs. */
const CLOSE_TIMEOUT_MS = 2000

/** The torrent engine as the player sees it: its process may die at any moment. */
export class SupervisedEngine implements TorrentEngine {
  readonly #log: Log
  readonly #process: EngineProcess
  readonly #quarantine: CrashQuarantine
  readonly #metadata: MetadataFetcher
  readonly #opening = new PendingReplies()
  readonly #closing = new PendingCloses(CLOSE_TIMEOUT_MS)
  readonly #running = new RunningFiles()
  #lastId = 0
  #externalPort: number | undefined
  #counts = { torrents: 0, peers: 0 }

  constructor({ options, clock, log, limits }: EngineDeps) {
    this.#log = log
    this.#quarantine = new CrashQuarantine(clock)
    this.#metadata = new MetadataFetcher({
      nextId: () => ++this.#lastId,
      send: (message) => this.#process.send(message),
    })
    this.#process = new EngineProcess({
      options,
      limits: { ...usualLimits, ...limits },
      clock,
      log,
      onMessage: (message) => this.#onMessage(message),
      onDeath: (_why, wasReady, isAway) => this.#onDeath(wasReady, isAway),
    })
  }

  get state(): EngineState {
    const { running, restarts, away, listensAt: port } = this.#process
    return { running, restarts, away, port, externalPort: this.#externalPort, ...this.#counts }
  }

  started(ms: number): Promise<void> {
    return this.#process.started(ms)
  }

  async fetchMetadata(spec: TorrentSpec, signal: AbortSignal): Promise<Uint8Array> {
    this.#refuse(spec.infoHash)
    return this.#metadata.fetch(spec, signal)
  }

  addTrackers(urls: readonly string[]): void {
    this.#process.sendToEach({ t: 'trackers', urls })
  }

  setExternalPort(port: number | undefined): void {
    this.#externalPort = port
    this.#process.sendToEach({ t: 'external-port', port })
  }

  learn(spec: TorrentSpec): void {
    this.#running.learn(spec)
    if (!this.#process.away) this.#process.send({ t: 'learn', spec })
  }

  prepare(spec: TorrentSpec): void {
    if (this.#process.away || this.#quarantine.refused(spec.infoHash)) return
    this.#process.send({ t: 'prepare', spec })
  }

  async open(
    spec: TorrentSpec,
    place: DownloadPlace,
    events: DownloadEvents,
    signal: AbortSignal,
  ): Promise<FileDownload> {
    const id = ++this.#lastId
    const file = new SupervisedDownload(place, events, {
      readers: (readers) => this.#process.send({ t: 'readers', id, readers }),
      room: (bytes) => this.#process.send({ t: 'room', id, bytes }),
      gone: () => this.#end(id),
    })
    const openMessage = (spec: TorrentSpec): ToEngine => {
      return { t: 'open', id, spec, place: resumedPlace(place, file) }
    }
    const first: ToEngine = { t: 'open', id, spec, place: serializePlace(place) }
    file.opened(await this.#begin(id, { spec, file, openMessage }, first, signal))
    return file
  }

  async openSlots(
    spec: TorrentSpec,
    layout: PieceLayout,
    path: string,
    signal: AbortSignal,
  ): Promise<SlotFile> {
    const id = ++this.#lastId
    const file = await openSupervisedSlotFile(path, layout, {
      readers: (readers) => this.#process.send({ t: 'readers', id, readers }),
      slots: (changes) => this.#process.send({ t: 'slots', id, ...changes }),
      gone: () => void this.#end(id),
    })
    const openMessage = (spec: TorrentSpec): ToEngine => {
      const slots = { path, layout, generation: file.map.generation, assigned: file.map.all() }
      return { t: 'open-slots', id, spec, slots }
    }
    await this.#begin(id, { spec, file, openMessage }, openMessage(spec), signal)
    return file
  }

  async close(): Promise<void> {
    const fault = new Fault('DRAINING')
    this.#metadata.failAll(fault)
    this.#opening.failAll(fault)
    this.#running.failAll(fault)
    await this.#process.close()
    this.#closing.died()
  }

  /** Opens a file in the engine; resolves with the bitfield bytes of the pieces on disk. */
  async #begin(
    id: number,
    running: RunningFile,
    message: ToEngine,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const { infoHash } = running.spec
    this.#running.add(id, running)
    try {
      this.#refuse(infoHash)
      return await this.#opening.request(id, infoHash, signal, () => this.#process.send(message))
    } catch (err) {
      await running.file.close()
      throw err
    }
  }

  /** Pieces written until the end count: only with them the store's piece map is that of the disk. */
  async #end(id: number): Promise<'told' | 'untold'> {
    const answer = this.#process.running && this.#closing.wait(id)
    this.#process.send({ t: 'close', id })
    const have = await answer
    if (have) this.#running.get(id)?.resumed(have)
    this.#running.remove(id)
    return have ? 'told' : 'untold'
  }

  /**
   * What was being opened is the likely reason and fails. Files that were running are opened again in
   * the next process, from their piece maps, unless the quarantine refuses their torrent now: viewers
   * see a pause (docs/decisions/0005).
   * @param wasReady false: the process was told of no torrent, so none is the reason; nor if `isAway`
   */
  #onDeath(wasReady: boolean, isAway: boolean): void {
    if (!wasReady) return
    const isOpen = (id: number): boolean => !this.#opening.has(id) && !this.#closing.has(id)
    const files = this.#running.entries().filter(([id]) => isOpen(id))
    this.#closing.died()
    this.#counts = { torrents: 0, peers: 0 }
    const opening = [...this.#metadata.infoHashes(), ...this.#opening.infoHashes()]
    const open = files.map(([, { spec }]) => spec.infoHash)
    if (!isAway) this.#quarantine.died(opening, open)
    const fault = new Fault(isAway ? 'TORRENT_NETWORK_AWAY' : 'ENGINE_DIED')
    this.#metadata.failAll(fault)
    this.#opening.failAll(fault)
    for (const [id, { spec, file, openMessage }] of files) {
      if (this.#quarantine.refused(spec.infoHash)) {
        this.#running.giveUp(id, new Fault('ENGINE_DIED'))
        continue
      }
      this.#log.info({ infoHash: spec.infoHash }, 'download resumed')
      file.report({ peers: 0, bytesPerSecond: 0 })
      this.#process.send(openMessage(spec))
    }
  }

  #onMessage(message: FromEngine): void {
    switch (message.t) {
      case 'metadata':
        this.#metadata.answer(message.id, message.metainfo)
        break
      case 'opened':
        if (this.#opening.has(message.id)) this.#opening.answer(message.id, message.have)
        else this.#running.get(message.id)?.resumed(message.have)
        break
      case 'verified':
        this.#running.get(message.id)?.verified(message.pieces, message.generation)
        break
      case 'needs-room':
        this.#running.get(message.id)?.needsRoom(message.bytes)
        break
      case 'closed':
        this.#closing.answered(message.id, message.have)
        break
      case 'first-peer':
        this.#running.get(message.id)?.peerConnected()
        break
      case 'failed':
        this.#failOne(message.id, message.code, message.why)
        break
      case 'alive':
        this.#counts = { torrents: message.torrents, peers: message.peers }
        for (const state of message.files) this.#running.get(state.id)?.report(state)
        break
      case 'log':
        this.#log[message.level](message.facts ?? {}, message.message)
    }
  }

  #failOne(id: number, code: FaultCode, why: string): void {
    this.#log.info({ code, why }, 'a torrent was given up')
    const fault = new Fault(code, {}, { cause: new Error(why) })
    this.#metadata.fail(id, fault)
    this.#opening.fail(id, fault)
    this.#running.giveUp(id, fault)
  }

  #refuse(infoHash: string): void {
    if (this.#process.away) throw new Fault('TORRENT_NETWORK_AWAY', { retryAfterSeconds: 5 })
    if (!this.#quarantine.refused(infoHash)) return
    throw new Fault('HOSTILE_TORRENT', { message: 'This torrent ended the engine; try it later.' })
  }
}
