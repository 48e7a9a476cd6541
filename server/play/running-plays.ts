import type { IncomingMessage, ServerResponse } from 'node:http'
import { LRUCache } from 'lru-cache'
import { cleanText } from '../../common/clean-text.ts'
import type { Clock } from '../../common/clock.ts'
import { Fault } from '../../common/errors.ts'
import { addressGroup } from '../../common/network/address-group.ts'
import { type ShownAddresses, shownAddress } from '../../common/network/short-address.ts'
import { type Title, titleId } from '../../common/title.ts'
import type { PlayRequest } from '../../player/files/play-request.ts'
import type { BytesPlayable, Origin } from '../../player/files/playable.ts'
import { handedOf } from '../http/handed-check.ts'
import type { ClientAddress } from '../http/trusted-proxy.ts'
import type { PlayRecord } from './play-record.ts'

/** What one viewer plays now. Administrators only get to see it. */
export interface PlayView {
  readonly id: number
  readonly title: Title
  /** Number of the source in the title's list. */
  readonly number: number
  /** File name, cleaned; may be empty. */
  readonly name: string
  readonly from: Origin
  /** Bytes of the file, and bytes sent so far. */
  readonly size: number
  readonly bytes: number
  readonly bytesPerSecond: number
  readonly stalls: number
  readonly stalledMs: number
  /** User-Agent, cleaned; may be empty. */
  readonly client: string
  /** Shortened (common/network/short-address.ts). */
  readonly address: string
  readonly seconds: number
}

type Counted = Pick<PlayRecord, 'bytes'> & {
  readonly trace: Pick<PlayRecord['trace'], 'stalls' | 'stalledMs'>
}

interface OpenResponse {
  readonly res: ServerResponse
  readonly counted: Counted
}

interface Row {
  readonly id: number
  readonly viewer: string
  readonly about: Pick<PlayView, 'title' | 'number' | 'client' | 'address'>
  readonly startedAt: number
  playable: Pick<BytesPlayable, 'name' | 'from' | 'size'>
  /** Of responses that have closed. */
  bytes: number
  stalls: number
  stalledMs: number
  closedAt: number
  /** A list: a map that ranges come to and go from leaves a chain of old tables, which only a full collection ends. */
  readonly open: OpenResponse[]
  readonly sample: { at: number; bytes: number; perSecond: number }
}

/** A player asks for one range after the other: between two it still plays. */
const BETWEEN_RANGES_MS = 10_000
const MOST_ROWS = 1000
const SAMPLE_MS = 1000
/** Players come back at once when their connection is cut. */
const STOPPED_MS = 60_000
const MOST_CLIENT = 120

export interface RunningPlaysParts {
  readonly clock: Pick<Clock, 'steady'>
  readonly clientAddress: ClientAddress
  /** How much of a viewer's address the operator sees. */
  readonly logIp: ShownAddresses
}

/**
 * The plays that run, for the operator: one row for each viewer and source, however many ranges are open.
 * What nginx sends in our place (SENDFILE) is not seen, nor segments for browsers.
 */
export class RunningPlays {
  readonly #clock: Pick<Clock, 'steady'>
  readonly #clientAddress: ClientAddress
  readonly #logIp: ShownAddresses
  readonly #rows = new LRUCache<string, Row>({ max: MOST_ROWS })
  /** Until when. */
  readonly #stopped = new LRUCache<string, number>({ max: MOST_ROWS })
  #lastId = 0

  constructor(parts: RunningPlaysParts) {
    this.#clock = parts.clock
    this.#logIp = parts.logIp
    this.#clientAddress = parts.clientAddress
  }

  /** @throws Fault STOPPED */
  expectNotStopped(req: IncomingMessage, request: PlayRequest): void {
    if (this.#stopped.size === 0) return
    const until = this.#stopped.get(this.#viewerOf(req, request))
    if (until !== undefined && this.#clock.steady() < until) throw new Fault('STOPPED')
  }

  /** Counts the response to its play until it closes. */
  begin(
    req: IncomingMessage,
    res: ServerResponse,
    request: PlayRequest,
    playable: Row['playable'],
    counted: Counted,
  ): void {
    if (res.destroyed) return
    const viewer = this.#viewerOf(req, request)
    let row = this.#rows.get(viewer)
    if (!row || !this.#isNow(row)) {
      row = this.#newRow(viewer, req, request, playable)
      this.#rows.set(viewer, row)
    }
    const { open } = row
    row.playable = playable
    const one: OpenResponse = { res, counted }
    open.push(one)
    res.on('close', () => {
      open.splice(open.indexOf(one), 1)
      row.bytes += counted.bytes
      row.stalls += counted.trace.stalls
      row.stalledMs += counted.trace.stalledMs
      row.closedAt = this.#clock.steady()
    })
  }

  /** The latest first. */
  views(): readonly PlayView[] {
    const rows = [...this.#rows.values()].filter((row) => this.#isNow(row))
    return rows.sort((a, b) => b.id - a.id).map((row) => this.#viewOf(row))
  }

  /**
   * Cuts that viewer's responses, and refuses the same play to the same viewer for a minute.
   * @returns false when it is over
   */
  stop(id: number): boolean {
    const row = [...this.#rows.values()].find((one) => one.id === id && this.#isNow(one))
    if (!row) return false
    this.#stopped.set(row.viewer, this.#clock.steady() + STOPPED_MS)
    for (const { res } of [...row.open]) res.destroy()
    this.#rows.delete(row.viewer)
    return true
  }

  #viewerOf(req: IncomingMessage, { title, number }: PlayRequest): string {
    return `${addressGroup(this.#addressOf(req))} ${titleId(title)} ${number}`
  }

  #addressOf(req: IncomingMessage): string {
    return handedOf(req)?.viewer ?? this.#clientAddress(req)
  }

  #newRow(
    viewer: string,
    req: IncomingMessage,
    { title, number }: PlayRequest,
    playable: Row['playable'],
  ): Row {
    const now = this.#clock.steady()
    const client = cleanText(req.headers['user-agent'] ?? '', MOST_CLIENT)
    const address = shownAddress(this.#addressOf(req), this.#logIp)
    return {
      id: ++this.#lastId,
      ...{ viewer, playable, about: { title, number, client, address } },
      ...{ startedAt: now, closedAt: now, bytes: 0, stalls: 0, stalledMs: 0 },
      open: [],
      sample: { at: now, bytes: 0, perSecond: 0 },
    }
  }

  #isNow({ open, closedAt }: Row): boolean {
    return open.length > 0 || this.#clock.steady() - closedAt < BETWEEN_RANGES_MS
  }

  #viewOf(row: Row): PlayView {
    const { id, about, playable, startedAt } = row
    let { bytes, stalls, stalledMs } = row
    for (const { counted } of row.open) {
      bytes += counted.bytes
      stalls += counted.trace.stalls
      stalledMs += counted.trace.stalledMs
    }
    const { name, from, size } = playable
    const bytesPerSecond = this.#speedOf(row, bytes)
    const seconds = Math.round((this.#clock.steady() - startedAt) / 1000)
    return { id, ...about, name, from, size, bytes, bytesPerSecond, stalls, stalledMs, seconds }
  }

  /** Since it was last looked at, but over a second at least: several may look. */
  #speedOf({ sample }: Row, bytes: number): number {
    const passed = this.#clock.steady() - sample.at
    if (passed >= SAMPLE_MS) {
      sample.perSecond = Math.round(((bytes - sample.bytes) * 1000) / passed)
      sample.at += passed
      sample.bytes = bytes
    }
    return sample.perSecond
  }
}
