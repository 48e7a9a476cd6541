import { readFile, rename, stat, writeFile } from 'node:fs/promises'
import { splitDhtNode } from '../../../common/bittorrent/dht-nodes.ts'
import { ownFile } from '../../../common/own-file.ts'
import { readPeerAddress } from '../wire/peer-address.ts'
import type { Dht } from './dht.ts'

/** Nodes that are kept: the routing table itself has some hundred. */
const MAX_NODES = 300
const MAX_BYTES = 64 * 1024
const SAVE_MS = 60_000

/** What is kept of the DHT across restarts: our node id, and nodes that answered. */
export interface DhtTable {
  /** 40 hex. */
  readonly nodeId: string
  /** `ip:port` or `[ip]:port` */
  readonly nodes: readonly string[]
}

/** Checked like anything foreign: others can write into the cache folder. Undefined when there is none. */
export async function readDhtTable(path: string): Promise<DhtTable | undefined> {
  try {
    if ((await stat(path)).size > MAX_BYTES) return undefined
    const { nodeId, nodes } = JSON.parse(
      await readFile(path, { encoding: 'utf8', flag: ownFile.read }),
    )
    if (typeof nodeId !== 'string' || !/^[0-9a-f]{40}$/.test(nodeId)) return undefined
    const found = (Array.isArray(nodes) ? nodes : []).slice(0, MAX_NODES).flatMap((node) => {
      const address = typeof node === 'string' ? readPeerAddress(node) : undefined
      return address ? [address.text] : []
    })
    return { nodeId, nodes: found }
  } catch {
    // It is a help and no more: without it the bootstrap nodes are asked.
    return undefined
  }
}

type KeptDht = Pick<Dht, 'nodeId' | 'nodes' | 'addNode'>

/** Keeps the table of a running node on disk, until it is closed. A failure to write is no news. */
export class DhtTableFile {
  readonly #path: string
  readonly #dht: KeptDht
  readonly #timer: NodeJS.Timeout
  #saved = ''

  /** @param kept what the last process left */
  constructor(path: string, dht: KeptDht, kept: DhtTable | undefined) {
    this.#path = path
    this.#dht = dht
    for (const node of kept?.nodes ?? []) dht.addNode(splitDhtNode(node))
    this.#timer = setInterval(() => void this.#save(), SAVE_MS)
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#save()
  }

  async #save(): Promise<void> {
    const { nodes } = this.#dht
    const text = JSON.stringify({
      nodeId: this.#dht.nodeId.toString('hex'),
      nodes: nodes.slice(0, MAX_NODES),
    })
    // An empty table says only that there was no network.
    if (nodes.length === 0 || text === this.#saved) return
    try {
      await writeFile(`${this.#path}.new`, text, { mode: 0o600, flag: ownFile.write })
      await rename(`${this.#path}.new`, this.#path)
      this.#saved = text
    } catch {
      // The folder may be gone or full; the next time is in a minute.
    }
  }
}
