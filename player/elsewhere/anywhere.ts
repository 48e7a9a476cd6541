import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from '../../cluster/cluster.ts'
import { FetchedElsewhere } from '../../cluster/fetched-elsewhere.ts'
import { NodeUnreachable } from '../../cluster/node-refusal.ts'
import type { ClusterNode } from '../../cluster/nodes.ts'
import type { Clock } from '../../common/clock.ts'
import { Fault, type FaultCode } from '../../common/errors.ts'
import type { Viewer } from '../jobs/viewer.ts'

/** Between two looks for who has it, where nobody could be reached; the lease of who died ends meanwhile. */
const LOOK_AGAIN_MS = 400
/** The other node answers at the viewer's deadline itself, and says why. */
const BEYOND_DEADLINE_MS = 2_000
/** Who says so often that it does not fit has no room: each time it looks for what it could remove. */
const MOST_FULL = 3
/** Of the other node: it does not do it, and another one may. */
const PASSING: ReadonlySet<FaultCode> = new Set(['ANOTHER_NODE', 'DRAINING', 'DOES_NOT_FIT'])

export interface AnywhereParts {
  readonly cluster: Pick<Cluster, 'nodes'>
}

/** What is done on this node, and by asking the one that has it. */
export interface HereOrThere<Found> {
  /** Throws FetchedElsewhere where another node has it. */
  here(): Promise<Found>
  /** @throws NodeUnreachable, and the Fault that the other node answers with */
  there(node: ClusterNode, found: FetchedElsewhere): Promise<Found>
}

/**
 * Does it here, or where it can be had, and looks again until the viewer's deadline where nobody can be reached
 * (docs/decisions/0029).
 * @throws what went wrong, here or at the other node; Fault NO_FIRST_BYTE
 */
export async function anywhere<Found>(
  parts: AnywhereParts,
  viewer: Viewer,
  work: HereOrThere<Found>,
): Promise<Found> {
  let late: FaultCode = 'NO_FIRST_BYTE'
  const full = new Map<string, number>()
  for (;;) {
    try {
      return await work.here()
    } catch (error) {
      if (!(error instanceof FetchedElsewhere)) throw error
      const node = parts.cluster.nodes.other(error.node)
      const passed = (fault: Fault): void => {
        if (fault.code !== 'DOES_NOT_FIT') return
        late = fault.code
        const times = (full.get(error.node) ?? 0) + 1
        full.set(error.node, times)
        if (times === MOST_FULL) throw fault
      }
      const found = node && (await atNode(viewer, () => work.there(node, error), passed))
      if (found !== undefined) return found
    }
    const pause = sleep(LOOK_AGAIN_MS, undefined, { signal: viewer.signal })
    await viewer.wait(pause, () => late)
  }
}

/** Undefined: it cannot be had there now, and perhaps elsewhere. */
async function atNode<Found>(
  viewer: Viewer,
  ask: () => Promise<Found>,
  passed: (fault: Fault) => void,
): Promise<Found | undefined> {
  try {
    return await ask()
  } catch (error) {
    const fault = error instanceof Fault ? error : undefined
    const passes = error instanceof NodeUnreachable || (fault && PASSING.has(fault.code))
    if (viewer.signal.aborted || !passes) throw error
    if (fault) passed(fault)
    return undefined
  }
}

/** What was handed over is handed over once: who was asked does it, or says that it cannot. */
export async function onlyHere<Found>(here: () => Promise<Found>): Promise<Found> {
  try {
    return await here()
  } catch (error) {
    throw error instanceof FetchedElsewhere
      ? new Fault('ANOTHER_NODE', {}, { cause: error })
      : error
  }
}

/** How long the headers of another node's answer may take, in milliseconds. */
export const answerMs = (viewer: Viewer, clock: Pick<Clock, 'steady'>): number =>
  viewer.firstByteBy - clock.steady() + BEYOND_DEADLINE_MS
