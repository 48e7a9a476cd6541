import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from '../../cluster/cluster.ts'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { asFault } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { Downloads } from '../downloads/downloads.ts'
import type { BytesPlayable } from '../files/playable.ts'
import { type CopyParts, copyFromNode } from './copy-file.ts'

export interface SpreadParts extends Omit<CopyParts, 'client'> {
  readonly cluster: Pick<Cluster, 'nodes' | 'client' | 'counts'>
  readonly downloads: Pick<Downloads, 'fetchBeside'>
  /** SPREAD_AFTER; 0: never. */
  readonly spreadAfter: number
  /** Nothing is tried any more. */
  readonly draining: AbortSignal
  /** Until a copy that failed is tried again, milliseconds; 30 seconds. */
  readonly againMs?: number | undefined
  readonly log: Log
}

const AGAIN_MS = 30_000

/**
 * Makes this node a second holder of what many watch through it (docs/decisions/0038). One file at a time, for
 * nobody waits for it: its viewers are relayed meanwhile.
 */
export class Spread {
  readonly #parts: SpreadParts
  readonly #viewers = new Map<FileKey, number>()
  /** What is tried, and the node that had it last. */
  readonly #wanted = new Map<FileKey, string>()
  #copying = false

  constructor(parts: SpreadParts) {
    this.#parts = parts
  }

  /** Counts a viewer of a complete file of that node, for as long as the playable is not released. */
  watched(playable: BytesPlayable, key: FileKey, node: string): BytesPlayable {
    const count = (this.#viewers.get(key) ?? 0) + 1
    this.#viewers.set(key, count)
    if (this.#isWatchedByMany(key)) void this.#keepTrying(key, node)
    let released = false
    return {
      ...playable,
      release: () => {
        playable.release()
        if (released) return
        released = true
        const left = (this.#viewers.get(key) ?? 1) - 1
        if (left === 0) this.#viewers.delete(key)
        else this.#viewers.set(key, left)
      },
    }
  }

  #isWatchedByMany(key: FileKey): boolean {
    const { spreadAfter } = this.#parts
    return spreadAfter > 0 && (this.#viewers.get(key) ?? 0) > spreadAfter
  }

  /** Never rejects. */
  async #keepTrying(key: FileKey, node: string): Promise<void> {
    const { draining, againMs = AGAIN_MS } = this.#parts
    const isTried = this.#wanted.has(key)
    this.#wanted.set(key, node)
    if (isTried) return
    while (!draining.aborted && this.#isWatchedByMany(key)) {
      if (await this.#copy(key, this.#wanted.get(key) ?? node)) break
      await sleep(againMs, undefined, { ref: false, signal: draining }).catch(() => undefined)
    }
    this.#wanted.delete(key)
  }

  /** False: not now. Never rejects. */
  async #copy(key: FileKey, name: string): Promise<boolean> {
    const { cluster, downloads, log } = this.#parts
    const node = cluster.nodes.other(name)
    if (this.#copying || !node) return false
    this.#copying = true
    try {
      const done = await downloads.fetchBeside(key, (job) =>
        copyFromNode({ ...this.#parts, client: cluster.client }, node, key, job).catch(
          (error: unknown) => {
            log.debug({ key, code: asFault(error).code }, 'a file was not copied')
            throw error
          },
        ),
      )
      if (!done) return false
      cluster.counts.copies++
      log.info({ key, node: name }, 'copied a file that many watch')
      return true
    } finally {
      this.#copying = false
    }
  }
}
