import type { Clock } from '../common/clock.ts'
import { Fault, type FaultCode } from '../common/errors.ts'
import type { Log } from '../common/log.ts'
import { parseMetainfo } from '../common/metainfo.ts'
import { type ArrivingContent, createArrivingContent } from './arriving-content.ts'
import { createCulprits } from './culprits.ts'
import type { EngineOptions, FromEngine, WirePlace } from './engine/messages.ts'
import { type SupervisionLimits, superviseEngine, usualLimits } from './engine-process.ts'
import type {
  ArrivingFile,
  Description,
  Place,
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

/** A content the engine is to work on, across its deaths. */
interface Arriving {
  readonly spec: TorrentSpec
  readonly content: ArrivingContent
}

/** The torrent engine as the player sees it: a child process that may die at any moment. */
export function createTorrentEngine(deps: EngineDeps): TorrentEngine {
  const { log, options } = deps
  const describing = new Map<number, Asked<Uint8Array>>()
  const opening = new Map<number, Asked<Uint8Array>>()
  const contents = new Map<number, Arriving>()
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
      runs.map(([, { spec }]) => spec.infoHash),
    )
    for (const { reject } of asked) reject(new Fault('ENGINE_DIED'))
    for (const [id, { spec, content }] of runs) {
      if (culprits.refused(spec.infoHash)) giveUp(id, new Fault('ENGINE_DIED'))
      else resume(id, spec, content)
    }
  }

  function giveUp(id: number, fault: Fault): void {
    contents.get(id)?.content.fail(fault)
    contents.delete(id)
  }

  function resume(id: number, spec: TorrentSpec, content: ArrivingContent): void {
    const { place } = content
    log.info({ infoHash: spec.infoHash, pieces: content.have.count }, 'arrival resumed')
    // What the old process said was written stays written: the system holds it, not the process.
    const now = { ...wirePlace(place), have: content.have.bytes, trusted: true }
    engine.send({ t: 'open', id, spec, place: now })
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
      refuseCulprit(spec.infoHash)
      if (signal.aborted) throw new Fault('NO_PEERS')
      const id = ++lastId
      const content = createArrivingContent(
        place,
        events,
        (readers) => engine.send({ t: 'readers', id, readers }),
        () => {
          contents.delete(id)
          engine.send({ t: 'close', id })
        },
      )
      contents.set(id, { spec, content })
      try {
        const have = await ask(opening, id, spec.infoHash, signal, () => {
          engine.send({ t: 'open', id, spec, place: wirePlace(place) })
        })
        content.opened(have)
        return content
      } catch (err) {
        await content.close()
        throw err
      }
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
