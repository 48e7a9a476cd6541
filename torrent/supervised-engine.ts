import type { Clock } from '../common/clock.ts'
import { Fault, type FaultCode } from '../common/errors.ts'
import type { Log } from '../common/log.ts'
import { parseMetainfo } from '../common/metainfo.ts'
import { type ArrivingContent, createArrivingContent } from './arriving-content.ts'
import { createCulprits } from './culprits.ts'
import type { EngineOptions, FromEngine, ToEngine, WirePlace } from './engine/messages.ts'
import { type SupervisionLimits, superviseEngine, usualLimits } from './engine-process.ts'
import { openSlotContent } from './slot-content.ts'
import type {
  ArrivingFile,
  Description,
  Place,
  SlotFile,
  TorrentEngine,
  TorrentSpec,
} from './torrent-engine.ts'

export interface EngineDeps {
  readonly options: EngineOptions
  readonly clock: Clock
  readonly log: Log
  readonly limits?: Partial<SupervisionLimits>
}

/** Something the engine was asked for and has not answered. */
interface Asked<T> {
  readonly infoHash: string
  resolve(value: T): void
  reject(fault: Fault): void
}

/** A content the engine works on, across its deaths. */
interface Running {
  readonly infoHash: string
  readonly content: Pick<
    ArrivingContent,
    'verified' | 'fail' | 'report' | 'stateReaders' | 'progress'
  >
  /** What an engine that knows nothing of it must be told. */
  again(): ToEngine
}

/** The torrent engine as the player sees it: a child process that may die at any moment. */
export function createTorrentEngine(deps: EngineDeps): TorrentEngine {
  const { log, options } = deps
  const describing = new Map<number, Asked<Uint8Array>>()
  const opening = new Map<number, Asked<Uint8Array>>()
  const contents = new Map<number, Running>()
  const culprits = createCulprits(deps.clock)
  const flights = new Map<string, Flight>()
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
    for (const asked of [...describing.values(), ...opening.values()]) asked.reject(fault)
    for (const { content } of contents.values()) content.fail(fault)
  }

  /**
   * What was being opened is the likely reason and ends; what ran goes on where its piece map says,
   * unless it was there at the last death too. Viewers see a pause (design idea 3).
   */
  function onDeath(): void {
    const asked = [...describing.values(), ...opening.values()]
    const runs = [...contents].filter(([id]) => !opening.has(id))
    torrents = peers = 0
    culprits.died(
      asked.map((a) => a.infoHash),
      runs.map(([, { infoHash }]) => infoHash),
    )
    for (const { reject } of asked) reject(new Fault('ENGINE_DIED'))
    for (const [id, { infoHash, again }] of runs) {
      if (culprits.refused(infoHash)) {
        giveUp(id, new Fault('ENGINE_DIED'))
        continue
      }
      log.info({ infoHash }, 'arrival resumed')
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
        describing.get(message.id)?.resolve(message.metainfo)
        return
      case 'opened':
        if (opening.has(message.id)) opening.get(message.id)?.resolve(message.have)
        // Of a resumed one nobody waits for the answer, but its readers were not listened to until now.
        else contents.get(message.id)?.content.stateReaders()
        return
      case 'verified':
        contents.get(message.id)?.content.verified(message.pieces)
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
    describing.get(id)?.reject(fault)
    opening.get(id)?.reject(fault)
    giveUp(id, fault)
  }

  /** Sends a question and waits; the signal or a death ends the waiting. */
  async function ask(
    kind: Map<number, Asked<Uint8Array>>,
    id: number,
    infoHash: string,
    signal: AbortSignal,
    put: () => void,
  ): Promise<Uint8Array> {
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
    const abort = (): void => reject(new Fault('NO_PEERS'))
    kind.set(id, { infoHash, resolve, reject })
    signal.addEventListener('abort', abort, { once: true })
    try {
      put()
      return await promise
    } finally {
      kind.delete(id)
      signal.removeEventListener('abort', abort)
    }
  }

  /** One question to the swarm per info hash, ended when the last who waits has gone. */
  interface Flight {
    readonly answer: Promise<Description>
    readonly abort: AbortController
    waiting: number
  }

  function describeOnce(spec: TorrentSpec): Flight {
    let flight = flights.get(spec.infoHash)
    if (!flight) {
      const abort = new AbortController()
      const id = ++lastId
      const answer = ask(describing, id, spec.infoHash, abort.signal, () => {
        engine.send({ t: 'describe', id, spec })
      })
        .then((metainfo) => descriptionOf(metainfo, options.maxLength))
        .finally(() => {
          if (flights.get(spec.infoHash)?.abort === abort) flights.delete(spec.infoHash)
          engine.send({ t: 'close', id })
        })
      answer.catch(() => {})
      flight = { answer, abort, waiting: 0 }
      flights.set(spec.infoHash, flight)
    }
    return flight
  }

  function ended(id: number): void {
    contents.delete(id)
    engine.send({ t: 'close', id })
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
      if (signal.aborted) throw new Fault('NO_PEERS')
      return await ask(opening, id, running.infoHash, signal, () => engine.send(message))
    } catch (err) {
      await close()
      throw err
    }
  }

  return {
    get state() {
      let bytesPerSecond = 0
      for (const { content } of contents.values()) bytesPerSecond += content.progress.bytesPerSecond
      const { running, restarts } = engine
      return { running, restarts, torrents, peers, bytesPerSecond }
    },
    async describe(spec, signal) {
      if (spec.metainfo) return descriptionOf(spec.metainfo, options.maxLength)
      refuseCulprit(spec.infoHash)
      if (signal.aborted) throw new Fault('NO_PEERS')
      const flight = describeOnce(spec)
      flight.waiting++
      const left = Promise.withResolvers<never>()
      const leave = (): void => left.reject(new Fault('NO_PEERS'))
      signal.addEventListener('abort', leave, { once: true })
      try {
        return await Promise.race([flight.answer, left.promise])
      } finally {
        signal.removeEventListener('abort', leave)
        left.promise.catch(() => {})
        if (--flight.waiting === 0) {
          // Whoever asks from now on must not join a question that is being given up.
          if (flights.get(spec.infoHash) === flight) flights.delete(spec.infoHash)
          flight.abort.abort()
        }
      }
    },
    async open(spec, place, events, signal): Promise<ArrivingFile> {
      const id = ++lastId
      const content = createArrivingContent(
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
        gone: () => ended(id),
      })
      const { infoHash } = spec
      const again = (): ToEngine => {
        const slots = { path, layout, assigned: content.map.all() }
        return { t: 'open-slots', id, spec, slots }
      }
      await begin(id, { infoHash, content, again }, again(), signal, () => content.close())
      return content
    },
    async close() {
      failAll(new Fault('DRAINING'))
      await engine.close()
    },
  }
}

function wirePlace(place: Place): WirePlace {
  const { folder, fileIdx, layout, have, trusted, fill } = place
  return { folder, fileIdx, layout, have: have.bytes, trusted, fill }
}

/** The engine's gate has seen these bytes already; the limits are the same. */
function descriptionOf(metainfo: Uint8Array, maxLength: number): Description {
  const meta = parseMetainfo(metainfo, { maxLength })
  const files = meta.files.map((file, index) => ({ index, ...file }))
  const { infoHash, name, pieceLength, length } = meta
  return { infoHash, name, pieceLength, length, files, metainfo }
}
