import { readPeerAddress } from '../wire/peer-address.ts'
import type { DhtAnswer, DhtContact } from './dht-query.ts'
import { byDistanceTo } from './node-table.ts'

/** Nodes that are looked for, and announced to (BEP 5). */
export const K = 8
const AT_ONCE = 4
/** Whatever the nodes tell, it comes to an end. */
const MAX_QUERIES = 60
const MAX_CANDIDATES = 200

export interface LookUpTools {
  readonly target: Buffer
  ask(address: string): Promise<DhtAnswer | undefined>
  /** Whether we may send there. @param address as readPeerAddress spells it */
  mayAsk(address: string): boolean
  peersFound(peers: readonly string[]): void
}

/** A node that lets us announce. */
export interface AnsweredNode extends DhtContact {
  readonly token: Uint8Array | undefined
}

/**
 * Goes to the nodes that are nearest to a torrent, each telling of nearer ones (BEP 5).
 * @param start addresses to begin with
 * @returns the nearest that answered
 */
export async function lookUp(
  tools: LookUpTools,
  start: readonly string[],
): Promise<readonly AnsweredNode[]> {
  const { target, ask, peersFound } = tools
  const nearer = byDistanceTo(target)
  const seen = new Set<string>()
  // Their ids are not known: they are asked first.
  const first = start.filter((address) => unseen(tools, seen, address))
  let candidates: DhtContact[] = []
  const answered: AnsweredNode[] = []
  let queries = 0

  const next = (): string | undefined => {
    if (queries >= MAX_QUERIES) return undefined
    const known = first.shift()
    if (known !== undefined) return known
    const [nearest] = candidates
    const last = answered.toSorted(nearer)[K - 1]
    // Eight have answered, and nobody knows of a nearer one.
    if (!nearest || (last && nearer(nearest, last) > 0)) return undefined
    candidates.shift()
    return nearest.address
  }
  const askOne = async (address: string): Promise<void> => {
    queries++
    const answer = await ask(address)
    if (!answer) return
    answered.push({ id: answer.id, address, token: answer.token })
    if (answer.peers.length > 0) peersFound(answer.peers)
    const told = answer.nodes
      .filter((node) => unseen(tools, seen, node.address))
      .map((node) => ({ ...node, address: readPeerAddress(node.address)?.text ?? '' }))
    candidates = [...candidates, ...told].sort(nearer).slice(0, MAX_CANDIDATES)
  }
  const running = new Set<Promise<void>>()
  for (;;) {
    while (running.size < AT_ONCE) {
      const address = next()
      if (address === undefined) break
      const asking = askOne(address).finally(() => running.delete(asking))
      running.add(asking)
    }
    if (running.size === 0) break
    await Promise.race(running)
  }
  return answered.sort(nearer).slice(0, K)
}

function unseen(tools: LookUpTools, seen: Set<string>, text: string): boolean {
  const address = readPeerAddress(text)
  if (!address?.text.startsWith('[') || seen.has(address.text)) return false
  seen.add(address.text)
  return tools.mayAsk(address.text)
}
