import type { Clock } from '../../common/clock.ts'
import { Fault, type FaultCode } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { EngineOptions, FromEngine, ToEngine } from '../protocol/messages.ts'
import type {
  FileDownload,
  SlotFile,
  TorrentEngine,
  TorrentSpec,
} from '../protocol/torrent-engine.ts'
import { createClosings } from './closings.ts'
import { createCulprits } from './culprits.ts'
import { createDescriptionFlights } from './description-flights.ts'
import { createEngineDownload, type EngineDownload } from './engine-download.ts'
import { type SupervisionLimits, superviseEngine, usualLimits } from './engine-process.ts'
import { wirePlace } from './engine-words.ts'
import { createQuestions } from './questions.ts'
import { openSlotContent } from './slot-content.ts'

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
  readonly content: Pick<EngineDownload, 'fail' | 'report' | 'met'> & {
    verified(pieces: readonly number[], turn: number): void
    /** The next engine has opened it, with these pieces (bitfield bytes) on disk. */
    resumed(have: Uint8Array): void
  }
  /** What an engine that knows nothing of it must be told. */
  again(): ToEngine
}

/** The torrent engine as the player sees it: a child process that may die at any moment. */
export function createTorrentEngine(deps: EngineDeps): TorrentEngine {
  const { log, options } = deps
  const describing = createQuestions()
  const opening = createQuestions()
  const closings = createClosings(CLOSE_MS)
  const contents = new Map<number, Running>()
  const culprits = createCulprits(deps.clock)
  const describeOnce = createDescriptionFlights(askDescription)
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
    describing.failAll(fault)
    opening.failAll(fault)
    for (const { content } of contents.values()) content.fail(fault)
  }

  /**
   * What was being opened is the likely reason and ends; what ran goes on where its piece map says,
   * unless it was there at the last death too. Viewers see a pause (docs/decisions/0005).
   * @param heard false: it died before it was told of any torrent, so none of them is the reason
   */
  function onDeath(_why: string, heard: boolean): void {
    if (!heard) return
    const runs = [...contents].filter(([id]) => !opening.has(id) && !closings.has(id))
    closings.died()
    torrents = peers = 0
    culprits.died(
      [...describing.infoHashes(), ...opening.infoHashes()],
      runs.map(([, { infoHash }]) => infoHash),
    )
    describing.failAll(new Fault('ENGINE_DIED'))
    opening.failAll(new Fault('ENGINE_DIED'))
    for (const [id, { infoHash, content, again }] of runs) {
      if (culprits.refused(infoHash)) {
        giveUp(id, new Fault('ENGINE_DIED'))
        continue
      }
      log.info({ infoHash }, 'arrival resumed')
      content.report({ peers: 0, bytesPerSecond: 0 })
      engine.send(again())
    }
  }

  function giveUp(id: number, fault: Fault): void {
    contents.get(id)?.content.fail(fault)
    contents.delete(id)
  }

  function refuseCulprit(infoHash: string): void {
    if (!culprits.refused(infoHash)) return
    throw new Fault('HOSTILE_TORRENT', { message: 'This torrent ended the engine; try it later.' })
  }

  function onMessage(message: FromEngine): void {
    switch (message.t) {
      case 'described':
        describing.answer(message.id, message.metainfo)
        return
      case 'opened':
        if (opening.has(message.id)) opening.answer(message.id, message.have)
        else contents.get(message.id)?.content.resumed(message.have)
        return
      case 'verified':
        contents.get(message.id)?.content.verified(message.pieces, message.turn)
        return
      case 'closed':
        closings.answered(message.id, message.have)
        return
      case 'met':
        contents.get(message.id)?.content.met()
        return
      case 'failed':
        failOne(message.id, message.code, message.why)
        return
      case 'alive':
        torrents = message.torrents
        peers = message.peers
        for (const state of message.contents) contents.get(state.id)?.content.report(state)
        return
      case 'log':
        log[message.level](message.facts ?? {}, message.message)
    }
  }

  function failOne(id: number, code: FaultCode, why: string): void {
    log.info({ code, why }, 'a torrent was given up')
    const fault = new Fault(code, {}, { cause: new Error(why) })
    describing.fail(id, fault)
    opening.fail(id, fault)
    giveUp(id, fault)
  }

  async function askDescription(spec: TorrentSpec, signal: AbortSignal): Promise<Uint8Array> {
    const id = ++lastId
    try {
      return await describing.ask(id, spec.infoHash, signal, () =>
        engine.send({ t: 'describe', id, spec }),
      )
    } finally {
      engine.send({ t: 'close', id })
    }
  }

  /** What it wrote meanwhile counts: only then does the store's map say what is on disk. */
  async function ended(id: number): Promise<void> {
    // One that is only starting has written nothing.
    const answer = engine.running && closings.wait(id)
    engine.send({ t: 'close', id })
    const have = await answer
    if (have) contents.get(id)?.content.resumed(have)
    contents.delete(id)
  }

  /** Opens a content in the engine; resolves with the bitfield of what is on disk. */
  async function begin(
    id: number,
    running: Running,
    message: ToEngine,
    signal: AbortSignal,
    close: () => Promise<void>,
  ): Promise<Uint8Array> {
    contents.set(id, running)
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
      const { running, restarts } = engine
      return { running, restarts, torrents, peers }
    },
    started: engine.started,
    async describe(spec, signal) {
      refuseCulprit(spec.infoHash)
      return describeOnce(spec, signal)
    },
    async open(spec, place, events, signal): Promise<FileDownload> {
      const id = ++lastId
      const content = createEngineDownload(
        place,
        events,
        (readers) => engine.send({ t: 'readers', id, readers }),
        () => ended(id),
      )
      const { infoHash } = spec
      // What an old process said was written stays written: the system holds it, not the process.
      const now = () => ({ ...wirePlace(place), have: content.have.bytes, trusted: true })
      const again = (): ToEngine => ({ t: 'open', id, spec, place: now() })
      const first: ToEngine = { t: 'open', id, spec, place: wirePlace(place) }
      const have = await begin(id, { infoHash, content, again }, first, signal, () =>
        content.close(),
      )
      content.opened(have)
      return content
    },
    async openSlots(spec, layout, path, signal): Promise<SlotFile> {
      const id = ++lastId
      const content = await openSlotContent(path, layout, {
        readers: (readers) => engine.send({ t: 'readers', id, readers }),
        slots: (changes) => engine.send({ t: 'slots', id, ...changes }),
        gone: () => void ended(id),
      })
      const { infoHash } = spec
      const again = (): ToEngine => {
        const slots = { path, layout, turn: content.map.turn, assigned: content.map.all() }
        return { t: 'open-slots', id, spec, slots }
      }
      await begin(id, { infoHash, content, again }, again(), signal, () => content.close())
      return content
    },
    async close() {
      failAll(new Fault('DRAINING'))
      await engine.close()
      closings.died()
    },
  }
}
