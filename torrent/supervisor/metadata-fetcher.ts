import { Fault } from '../../common/errors.ts'
import { SingleFlight } from '../../common/single-flight.ts'
import type { ToEngine } from '../protocol/messages.ts'
import type { TorrentSpec } from '../protocol/torrent-engine.ts'
import { PendingReplies } from './pending-replies.ts'

interface Deps {
  nextId(): number
  send(message: ToEngine): void
}

/** Has the engine fetch the metadata of torrents from peers (BEP 9), once at a time per info hash. */
export class MetadataFetcher {
  readonly #deps: Deps
  readonly #flights = new SingleFlight<Uint8Array>({ whenAbandoned: 'abort' })
  readonly #replies = new PendingReplies()

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** @throws Fault NO_PEERS when the signal fires first, and the fault given to fail() */
  async fetch(spec: TorrentSpec, signal: AbortSignal): Promise<Uint8Array> {
    try {
      return await this.#flights.join(spec.infoHash, signal, (abandoned) =>
        this.#request(spec, abandoned),
      )
    } catch (err) {
      throw signal.aborted && err === signal.reason ? new Fault('NO_PEERS') : err
    }
  }

  /** The engine has sent the metadata. */
  answer(id: number, metainfo: Uint8Array): void {
    this.#replies.answer(id, metainfo)
  }

  /** Does nothing when the id is not of a fetch that runs. */
  fail(id: number, fault: Fault): void {
    this.#replies.fail(id, fault)
  }

  failAll(fault: Fault): void {
    this.#replies.failAll(fault)
  }

  infoHashes(): readonly string[] {
    return this.#replies.infoHashes()
  }

  async #request(spec: TorrentSpec, signal: AbortSignal): Promise<Uint8Array> {
    const { nextId, send } = this.#deps
    const id = nextId()
    try {
      return await this.#replies.request(id, spec.infoHash, signal, () =>
        send({ t: 'fetch-metadata', id, spec }),
      )
    } finally {
      send({ t: 'close', id })
    }
  }
}
