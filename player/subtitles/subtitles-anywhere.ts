import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from '../../cluster/cluster.ts'
import { FetchedElsewhere } from '../../cluster/fetched-elsewhere.ts'
import { NodeUnreachable } from '../../cluster/node-client.ts'
import type { ClusterNode } from '../../cluster/nodes.ts'
import type { Clock } from '../../common/clock.ts'
import { Fault } from '../../common/errors.ts'
import { subtitlePath } from '../../common/title.ts'
import { MAX_SUBTITLE_BYTES } from '../../sources/matching/external-subtitles.ts'
import type { Viewer } from '../jobs/viewer.ts'
import type { SubtitleRequest } from './subtitle-request.ts'

/** Of WebVTT made of the longest file that is read: its marks take room too. */
const MOST_BYTES = 4 * MAX_SUBTITLE_BYTES
/** As for plays (hand-over.ts). */
const LOOK_AGAIN_MS = 400
const BEYOND_DEADLINE_MS = 2_000

type Read = (request: SubtitleRequest, viewer: Viewer) => Promise<string>

/**
 * Subtitles of a torrent that another node has, or has open: read there, by the same address and signed. An answer
 * that breaks off, or a node that cannot, makes this one look again, as with plays (docs/decisions/0029).
 * @param here the steps on this node; they throw FetchedElsewhere
 */
export const subtitlesAnywhere =
  (
    parts: { readonly cluster: Pick<Cluster, 'nodes' | 'client'>; readonly clock: Clock },
    here: Read,
  ): Read =>
  async (request, viewer) => {
    for (;;) {
      try {
        return await here(request, viewer)
      } catch (error) {
        if (!(error instanceof FetchedElsewhere)) throw error
        if (request.handed) throw new Fault('ANOTHER_NODE', {}, { cause: error })
        const node = parts.cluster.nodes.other(error.node)
        const text = node && (await textAt(parts, node, request, viewer))
        if (text !== undefined) return text
      }
      const pause = sleep(LOOK_AGAIN_MS, undefined, { signal: viewer.signal })
      await viewer.wait(pause, () => 'NO_FIRST_BYTE')
    }
  }

/** Undefined: not there now. @throws what the other node says went wrong */
async function textAt(
  { cluster, clock }: { readonly cluster: Pick<Cluster, 'client'>; readonly clock: Clock },
  node: ClusterNode,
  { title, number, sourceKey, track }: SubtitleRequest,
  viewer: Viewer,
): Promise<string | undefined> {
  try {
    const answer = await cluster.client.ask(node, {
      method: 'GET',
      target: subtitlePath(title, { number, key: sourceKey }, track),
      viewer: viewer.address ?? '',
      signal: viewer.signal,
      timeoutMs: viewer.firstByteBy - clock.steady() + BEYOND_DEADLINE_MS,
    })
    const chunks: Buffer[] = []
    let length = 0
    for await (const chunk of answer) {
      chunks.push(chunk)
      length += chunk.length
      if (length > MOST_BYTES) throw new Fault('UPSTREAM_FAILED')
    }
    return Buffer.concat(chunks).toString()
  } catch (error) {
    const isElsewhere =
      error instanceof Fault && (error.code === 'ANOTHER_NODE' || error.code === 'DRAINING')
    const isBroken = !(error instanceof Fault) || error instanceof NodeUnreachable
    if (viewer.signal.aborted || !(isElsewhere || isBroken)) throw error
    return undefined
  }
}
