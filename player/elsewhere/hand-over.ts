import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from '../../cluster/cluster.ts'
import { FetchedElsewhere } from '../../cluster/fetched-elsewhere.ts'
import { NodeUnreachable } from '../../cluster/node-client.ts'
import type { ClusterNode } from '../../cluster/nodes.ts'
import type { Clock } from '../../common/clock.ts'
import { Fault, type FaultCode } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { PlayRequest } from '../files/play-request.ts'
import type { Playable } from '../files/playable.ts'
import { createViewer, type Viewer } from '../jobs/viewer.ts'
import { LastingPlayable } from './lasting-playable.ts'
import { openAtNode } from './node-playable.ts'
import type { Spread } from './spread.ts'

export interface HandOverParts {
  readonly cluster: Pick<Cluster, 'nodes' | 'client'>
  /** Is told who is relayed. */
  readonly spread: Pick<Spread, 'watched'>
  /** How long a read may wait for bytes after the first one, in milliseconds. */
  readonly stallMs: number
  /** From the request to the first byte, in milliseconds. */
  readonly timeoutMs: number
  readonly draining: AbortSignal
  readonly clock: Clock
  readonly log: Log
}

/** Between two looks for who has it, where nobody could be reached; the lease of who died ends meanwhile. */
const LOOK_AGAIN_MS = 400
/** Of the other node: it does not do it, and another one may. */
const PASSING: ReadonlySet<FaultCode> = new Set(['ANOTHER_NODE', 'DRAINING'])
/** Of the two nodes: until its operator mends it, no play is handed over between them. */
const MISFIT: ReadonlySet<FaultCode> = new Set(['NODE_SIGNATURE', 'NODE_CLOCK'])

type Open = (request: PlayRequest, viewer: Viewer) => Promise<Playable>

/**
 * Plays what another node has or fetches by asking that one, and goes on elsewhere when it dies in the
 * middle (docs/decisions/0029).
 * @param here the steps of a play on this node; they throw FetchedElsewhere
 */
export const withHandOver =
  (parts: HandOverParts, here: Open): Open =>
  async (request, viewer) => {
    if (request.handed) return openHanded(here, request, viewer)
    const first = await openAnywhere(parts, here, request, viewer)
    // What is on this node's own disk stays readable, whoever dies.
    if (first.kind !== 'bytes' || (first.from !== 'swarm' && first.from !== 'node')) return first
    return new LastingPlayable(first, request.signal, async () => {
      parts.draining.throwIfAborted()
      const next = createViewer(request.signal, parts.timeoutMs, parts.clock, request.asker)
      try {
        return await openAnywhere(parts, here, request, next)
      } finally {
        next.end()
      }
    })
  }

/** A play is handed over once: who was asked plays it itself, or says that it cannot. */
async function openHanded(here: Open, request: PlayRequest, viewer: Viewer): Promise<Playable> {
  try {
    return await here(request, viewer)
  } catch (error) {
    throw error instanceof FetchedElsewhere
      ? new Fault('ANOTHER_NODE', {}, { cause: error })
      : error
  }
}

async function openAnywhere(
  parts: HandOverParts,
  here: Open,
  request: PlayRequest,
  viewer: Viewer,
): Promise<Playable> {
  const { nodes } = parts.cluster
  for (;;) {
    try {
      return await here(request, viewer)
    } catch (error) {
      if (!(error instanceof FetchedElsewhere)) throw error
      const node = nodes.other(error.node)
      const found = node && (await atNode(parts, node, error, request, viewer))
      if (found) return found
    }
    const pause = sleep(LOOK_AGAIN_MS, undefined, { signal: viewer.signal })
    await viewer.wait(pause, () => 'NO_FIRST_BYTE')
  }
}

/** Undefined: it cannot be had there now, and perhaps elsewhere. @throws what the other node says went wrong */
async function atNode(
  parts: HandOverParts,
  node: ClusterNode,
  found: FetchedElsewhere,
  request: PlayRequest,
  viewer: Viewer,
): Promise<Playable | undefined> {
  const { client } = parts.cluster
  try {
    const playable = await openAtNode({ ...parts, client }, node, found, request, viewer)
    const { complete, file } = found
    return complete && file ? parts.spread.watched(playable, file.key, node.node) : playable
  } catch (error) {
    const code = error instanceof Fault ? error.code : undefined
    if (code && MISFIT.has(code)) {
      const { message: reason } = error as Fault
      parts.log.error({ node: node.node, url: node.url, reason }, 'another node refuses our plays')
    }
    const passes = error instanceof NodeUnreachable || (code && PASSING.has(code))
    if (viewer.signal.aborted || !passes) throw error
    return undefined
  }
}
