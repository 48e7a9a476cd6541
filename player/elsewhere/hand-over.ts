import type { Cluster } from '../../cluster/cluster.ts'
import type { ClusterCounts } from '../../cluster/cluster-counts.ts'
import type { FetchedElsewhere } from '../../cluster/fetched-elsewhere.ts'
import { parseEtag } from '../../common/bittorrent/file-key.ts'
import type { Clock } from '../../common/clock.ts'
import type { PlayRequest } from '../files/play-request.ts'
import type { Playable } from '../files/playable.ts'
import { createViewer, type Viewer } from '../jobs/viewer.ts'
import { anywhere, onlyHere } from './anywhere.ts'
import { counted } from './counted.ts'
import { LastingPlayable } from './lasting-playable.ts'
import { openAtNode } from './node-playable.ts'
import type { Spread } from './spread.ts'

export interface HandOverParts {
  readonly cluster: Pick<Cluster, 'nodes' | 'client' | 'handed' | 'counts' | 'findHolder'>
  /** Is told who is relayed. */
  readonly spread: Pick<Spread, 'watched'>
  /** How long a read may wait for bytes after the first one, in milliseconds. */
  readonly stallMs: number
  /** From the request to the first byte, in milliseconds. */
  readonly timeoutMs: number
  readonly draining: AbortSignal
  readonly clock: Clock
}

type Open = (request: PlayRequest, viewer: Viewer) => Promise<Playable>

/**
 * Plays what another node has or fetches by asking that one, and goes on elsewhere when it dies in the
 * middle (docs/decisions/0029).
 * @param here the steps of a play on this node; they throw FetchedElsewhere
 */
export const withHandOver =
  (parts: HandOverParts, here: Open): Open =>
  async (request, viewer) => {
    const { counts } = parts.cluster
    if (request.handed) return countedFor(counts, await onlyHere(() => here(request, viewer)))
    const first = await openAnywhere(parts, here, request, viewer)
    // What is on this node's own disk stays readable, whoever dies.
    if (first.kind !== 'bytes' || (first.from !== 'swarm' && first.from !== 'node')) return first
    return new LastingPlayable(first, request.signal, {
      async open(found) {
        parts.draining.throwIfAborted()
        const next = createViewer(request.signal, parts.timeoutMs, parts.clock, request.asker)
        try {
          return await openAnywhere(parts, foundFirst(here, found), request, next)
        } finally {
          next.end()
        }
      },
      look: () => lookFor(parts.cluster, first.etag),
      tookOver: () => counts.takeovers++,
    })
  }

/** Counts what another node is sent. */
function countedFor(counts: Pick<ClusterCounts, 'handedBytes'>, playable: Playable): Playable {
  if (playable.kind !== 'bytes') return playable
  const went = (bytes: number): void => {
    counts.handedBytes += bytes
  }
  return { ...playable, read: (range) => counted(playable.read(range), went) }
}

/** The steps on this node, after one look at where it was found. */
function foundFirst(here: Open, found: FetchedElsewhere | undefined): Open {
  let left = found
  return async (request, viewer) => {
    const first = left
    left = undefined
    if (first) throw first
    return here(request, viewer)
  }
}

/** Another node that has the file and answers. */
async function lookFor(
  cluster: Pick<Cluster, 'findHolder' | 'nodes'>,
  etag: string | undefined,
): Promise<FetchedElsewhere | undefined> {
  const key = parseEtag(etag ?? '')
  const found = key && (await cluster.findHolder(key))
  return found && cluster.nodes.other(found.node) ? found : undefined
}

function openAnywhere(
  parts: HandOverParts,
  here: Open,
  request: PlayRequest,
  viewer: Viewer,
): Promise<Playable> {
  const { client, handed, counts } = parts.cluster
  const asking = { ...parts, client, handed, counts }
  return anywhere<Playable>(parts, viewer, {
    here: () => here(request, viewer),
    async there(node, found) {
      const playable = await openAtNode(asking, node, found, request, viewer)
      const { complete, file } = found
      return complete && file ? parts.spread.watched(playable, file.key, node.node) : playable
    },
  })
}
