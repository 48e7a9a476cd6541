import type { Clock } from '../../common/clock.ts'
import { Fault, type FaultCode } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { EngineOptions, FromEngine, ToEngine } from '../protocol/messages.ts'
import type {
  FetchedMetadata,
  FileDownload,
  SlotFile,
  TorrentEngine,
  TorrentSpec,
} from '../protocol/torrent-engine.ts'
import { createCrashQuarantine } from './crash-quarantine.ts'
import { type SupervisionLimits, superviseEngine, usualLimits } from './engine-process.ts'
import { metadataOf, serializePlace } from './message-conversion.ts'
import { createMetadataSingleFlight } from './metadata-single-flight.ts'
import { createPendingCloses } from './pending-closes.ts'
import { createPendingReplies } from './pending-replies.ts'
import { createSupervisedDownload, type SupervisedDownload } from './supervised-download.ts'
import { openSupervisedSlotFile } from './supervised-slot-file.ts'

export interface EngineDeps {
  readonly options: EngineOptions
  readonly clock: Clock
  readonly log: Log
  readonly limits?: Partial<SupervisionLimits>
}

/** A piece is written in less, or the disk hangs. */
const CLOSE_MS = 2000

/** A content the engine works on, across its deaths. */
interface Running {
  readonly infoHash: string
  readonly file: Pick<SupervisedDownload, 'fail' | 'report' | 'progress' | 'peerConnected'> & {
    verified(pieces: readonly number[], generation: number): void
    /** The next engine has opened it, with these pieces (bitfield bytes) on disk. */
    resumed(have: Uint8Array): void
  }
  /** What an engine that knows nothing of it must be told. */
  again(): ToEngine
}

/** The torrent engine as the player sees it: a child process that may die at any moment. */
export function createTorrentEngine(deps: EngineDeps): TorrentEngine {
  const { log, options } = deps
  const fetching = createPendingReplies()
  const opening = createPendingReplies()
  const pendingCloses = createPendingCloses(CLOSE_MS)
  const files = new Map<number, Running>()
  const quarantine = createCrashQuarantine(deps.clock)
  const describeOnce = createMetadataSingleFlight(askDescription)
  let lastId = 0
  let torrents = 0
  let peers = 0

  const engine = superviseEngine({
    options,
    limits: { ...usualLimits, ...deps.limits },
    clock: deps.clock,
    log,
    onMessage,
    onDeath,
  })

  function failAll(fault: Fault): void {
    fetching.failAll(fault)
    opening.failAll(fault)
    for (const { file } of files.values()) file.fail(fault)
  }

  /**
   * What was being opened is the likely reason and ends; what ran goes on where its piece map says,
   * unless it was there at the last death too. Viewers see a pause (design idea 3).
   * @param heard false: it died before it was told of any torrent, so none of them is the reason
   */
  function onDeath(_why: string, heard: boolean): void {
    if (!heard) return
    const runs = [...files].filter(([id]) => !opening.has(id) && !pendingCloses.has(id))
    pendingCloses.died()
    torrents = peers = 0
    quarantine.died(
      [...fetching.infoHashes(), ...opening.infoHashes()],
      runs.map(([, { infoHash }]) => infoHash),
    )
    fetching.failAll(new Fault('ENGINE_DIED'))
    opening.failAll(new Fault('ENGINE_DIED'))
    for (const [id, { infoHash, file, again }] of runs) {
      if (quarantine.refused(infoHash)) {
        giveUp(id, new Fault('ENGINE_DIED'))
        continue
      }
      log.info({ infoHash }, 'download resumed')
      file.report({ peers: 0, bytesPerSecond: 0 })
      engine.send(again())
    }
  }

  function giveUp(id: number, fault: Fault): void {
    files.get(id)?.file.fail(fault)
    files.delete(id)
  }

  function refuseCulprit(infoHash: string): void {
    if (!quarantine.refused(infoHash)) return
    throw new Fault('HOSTILE_TORRENT', { message: 'This torrent ended the engine; try it later.' })
  }

  function onMessage(message: FromEngine): void {
    switch (message.t) {
      case 'metadata':
        fetching.answer(message.id, message.metainfo)
        return
      case 'opened':
        if (opening.has(message.id)) opening.answer(message.id, message.have)
        else files.get(message.id)?.file.resumed(message.have)
        return
      case 'verified':
        files.get(message.id)?.file.verified(message.pieces, message.generation)
        return
      case 'closed':
        pendingCloses.answered(message.id, message.have)
        return
      case 'first-peer':
        files.get(message.id)?.file.peerConnected()
        return
      case 'failed':
        failOne(message.id, message.code, message.why)
        return
      case 'alive':
        torrents = message.torrents
        peers = message.peers
        for (const state of message.files) files.get(state.id)?.file.report(state)
        return
      case 'log':
        log[message.level](message.facts ?? {}, message.message)
    }
  }

  function failOne(id: number, code: FaultCode, why: string): void {
    log.info({ code, why }, 'a torrent was given up')
    const fault = new Fault(code, {}, { cause: new Error(why) })
    fetching.fail(id, fault)
    opening.fail(id, fault)
    giveUp(id, fault)
  }

  async function askDescription(spec: TorrentSpec, signal: AbortSignal): Promise<FetchedMetadata> {
    const id = ++lastId
    try {
      const metainfo = await fetching.ask(id, spec.infoHash, signal, () =>
        engine.send({ t: 'fetch-metadata', id, spec }),
      )
      return metadataOf(metainfo, options.maxLength)
    } finally {
      engine.send({ t: 'close', id })
    }
  }

  /** What it wrote meanwhile counts: only then does the store's map say what is on disk. */
  async function ended(id: number): Promise<void> {
    // One that is only starting has written nothing.
    const answer = engine.running && pendingCloses.wait(id)
    engine.send({ t: 'close', id })
    const have = await answer
    if (have) files.get(id)?.file.resumed(have)
    files.delete(id)
  }

  /** Opens a content in the engine; resolves with the bitfield of what is on disk. */
  async function begin(
    id: number,
    running: Running,
    message: ToEngine,
    signal: AbortSignal,
    close: () => Promise<void>,
  ): Promise<Uint8Array> {
    files.set(id, running)
    try {
      refuseCulprit(running.infoHash)
      return await opening.ask(id, running.infoHash, signal, () => engine.send(message))
    } catch (err) {
      await close()
      throw err
    }
  }

  return {
    get state() {
      let bytesPerSecond = 0
      for (const { file } of files.values()) bytesPerSecond += file.progress.bytesPerSecond
      const { running, restarts } = engine
      return { running, restarts, torrents, peers, bytesPerSecond }
    },
    started: engine.started,
    async fetchMetadata(spec, signal) {
      if (spec.metainfo) return metadataOf(spec.metainfo, options.maxLength)
      refuseCulprit(spec.infoHash)
      return describeOnce(spec, signal)
    },
    async open(spec, place, events, signal): Promise<FileDownload> {
      const id = ++lastId
      const file = createSupervisedDownload(
        place,
        events,
        (readers) => engine.send({ t: 'readers', id, readers }),
        () => ended(id),
      )
      const { infoHash } = spec
      // What an old process said was written stays written: the system holds it, not the process.
      const now = () => ({ ...serializePlace(place), have: file.have.bytes, trusted: true })
      const again = (): ToEngine => ({ t: 'open', id, spec, place: now() })
      const first: ToEngine = { t: 'open', id, spec, place: serializePlace(place) }
      const have = await begin(id, { infoHash, file, again }, first, signal, () => file.close())
      file.opened(have)
      return file
    },
    async openSlots(spec, layout, path, signal): Promise<SlotFile> {
      const id = ++lastId
      const file = await openSupervisedSlotFile(path, layout, {
        readers: (readers) => engine.send({ t: 'readers', id, readers }),
        slots: (changes) => engine.send({ t: 'slots', id, ...changes }),
        gone: () => void ended(id),
      })
      const { infoHash } = spec
      const again = (): ToEngine => {
        const slots = { path, layout, generation: file.map.generation, assigned: file.map.all() }
        return { t: 'open-slots', id, spec, slots }
      }
      await begin(id, { infoHash, file, again }, again(), signal, () => file.close())
      return file
    },
    async close() {
      failAll(new Fault('DRAINING'))
      await engine.close()
      pendingCloses.died()
    },
  }
}
