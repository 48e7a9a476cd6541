import type { CacheIndex } from '../cache/index/cache-index.ts'
import { inParallel } from '../cache/store/in-parallel.ts'
import { type FileKey, parseFileKey } from '../common/bittorrent/file-key.ts'
import type { Clock } from '../common/clock.ts'
import type { Log } from '../common/log.ts'
import type { NodeClient } from './node-client.ts'
import type { Nodes } from './nodes.ts'

export interface FilesElsewhereParts {
  readonly index: Pick<CacheIndex, 'leastRecent'>
  readonly nodes: Pick<Nodes, 'others' | 'other'>
  readonly client: Pick<NodeClient, 'saidNo'>
  readonly clock: Pick<Clock, 'steady'>
  readonly log: Log
}

/** Complete files of another node, as the index said. */
interface Copy {
  readonly keys: ReadonlySet<FileKey>
  /** Of their torrents. */
  readonly infoHashes: ReadonlySet<string>
  /** Steady clock: then it is asked again. */
  readonly until: number
}

/** Of one node. */
const MOST_FILES = 20_000
const BELIEVED_MS = 5_000
/** A node with many files is asked less often: so the index gives at most a hundred entries a second for it. */
const MS_EACH = 10
const MOST_NODES = 50
const WIDTH = 4

/**
 * Which files other nodes have whole. A list asks it for each of its sources, so it answers from what the
 * index said a moment ago: a copy that is made anew only while somebody asks for it. Plays ask the index itself.
 */
export class FilesElsewhere {
  readonly #parts: FilesElsewhereParts
  readonly #copies = new Map<string, Copy>()
  #asking: Promise<void> | undefined

  constructor(parts: FilesElsewhereParts) {
    this.#parts = parts
  }

  /** Another node that is there and begins plays has it whole. */
  has(key: FileKey): boolean {
    const { nodes, client } = this.#parts
    for (const [node, { keys }] of this.#copies) {
      const other = keys.has(key) && nodes.other(node)
      if (other && !other.draining && !client.saidNo(node, key)) return true
    }
    return false
  }

  /** Some file of the torrent is there whole. */
  hasTorrent(infoHash: string): boolean {
    return [...this.#copies.values()].some(({ infoHashes }) => infoHashes.has(infoHash))
  }

  /** Nothing is known to be there. */
  get isEmpty(): boolean {
    return [...this.#copies.values()].every(({ keys }) => keys.size === 0)
  }

  /** To be called before `has`. Waits for the index only where nothing is known of a node. Never rejects. */
  async refresh(): Promise<void> {
    const now = this.#parts.clock.steady()
    const others = this.#parts.nodes.others.slice(0, MOST_NODES)
    const names = new Set(others.map(({ node }) => node))
    for (const node of this.#copies.keys()) if (!names.has(node)) this.#copies.delete(node)
    const old = [...names].filter((node) => (this.#copies.get(node)?.until ?? 0) <= now)
    if (old.length === 0) return
    const isNew = old.some((node) => !this.#copies.has(node))
    this.#asking ??= inParallel(old, WIDTH, (node) => this.#copy(node)).finally(() => {
      this.#asking = undefined
    })
    if (isNew) await this.#asking
  }

  /** Never rejects: what was known stays. */
  async #copy(node: string): Promise<void> {
    const { index, clock, log } = this.#parts
    let keys = this.#copies.get(node)?.keys ?? new Set()
    try {
      const entries = await index.leastRecent(node, MOST_FILES)
      keys = new Set(entries.filter(({ complete }) => complete).map(({ key }) => key))
    } catch (error) {
      log.debug({ err: error }, 'the index did not say what another node has')
    }
    const until = clock.steady() + Math.max(BELIEVED_MS, keys.size * MS_EACH)
    const infoHashes = new Set([...keys].map((key) => parseFileKey(key)?.infoHash ?? ''))
    this.#copies.set(node, { keys, infoHashes, until })
  }
}
