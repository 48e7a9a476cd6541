import type { Cluster } from '../../cluster/cluster.ts'
import { wholeAnswer } from '../../cluster/node-body.ts'
import { NodeUnreachable } from '../../cluster/node-refusal.ts'
import type { ClusterNode } from '../../cluster/nodes.ts'
import type { Clock } from '../../common/clock.ts'
import { Fault } from '../../common/errors.ts'
import { subtitlePath } from '../../common/title.ts'
import { MAX_SUBTITLE_BYTES } from '../../sources/matching/external-subtitles.ts'
import { type AnywhereParts, answerMs, anywhere, onlyHere } from '../elsewhere/anywhere.ts'
import type { Viewer } from '../jobs/viewer.ts'
import { SUBTITLES_STAY, type SubtitleRequest, type SubtitleText } from './subtitle-request.ts'

/** Of WebVTT made of the longest file that is read: its marks take room too. */
const MOST_BYTES = 4 * MAX_SUBTITLE_BYTES

type Read = (request: SubtitleRequest, viewer: Viewer) => Promise<SubtitleText>

interface Parts extends AnywhereParts {
  readonly cluster: Pick<Cluster, 'nodes' | 'client'>
  readonly clock: Clock
}

/**
 * Subtitles of a torrent that another node has, or has open: read there, by the same address and signed. An answer
 * that breaks off, or a node that cannot, makes this one look again, as with plays (docs/decisions/0029).
 * @param here the steps on this node; they throw FetchedElsewhere
 */
export const subtitlesAnywhere =
  (parts: Parts, here: Read): Read =>
  (request, viewer) => {
    const work = {
      here: () => here(request, viewer),
      there: (node: ClusterNode) => textAt(parts, node, request, viewer),
    }
    return request.handed ? onlyHere(work.here) : anywhere(parts, viewer, work)
  }

/** @throws NodeUnreachable, also where the answer breaks off; what the other node says went wrong */
async function textAt(
  { cluster, clock }: Parts,
  node: ClusterNode,
  { title, number, sourceKey, track }: SubtitleRequest,
  viewer: Viewer,
): Promise<SubtitleText> {
  const answer = await cluster.client.ask(node, {
    method: 'GET',
    target: subtitlePath(title, { number, key: sourceKey }, track),
    viewer: viewer.address ?? '',
    signal: viewer.signal,
    timeoutMs: answerMs(viewer, clock),
  })
  try {
    const text = await wholeAnswer(answer, MOST_BYTES, () => new Fault('UPSTREAM_FAILED'))
    const isWhole = answer.headers['cache-control'] === SUBTITLES_STAY
    return { text: text.toString(), isWhole }
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    throw new NodeUnreachable(`node ${node.node} broke off`, { cause })
  }
}
