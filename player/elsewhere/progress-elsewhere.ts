import { z } from 'zod'
import type { Cluster } from '../../cluster/cluster.ts'
import { wholeAnswer } from '../../cluster/node-body.ts'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { playPath } from '../../common/title.ts'
import type { PlayStage } from '../downloads/play-stage.ts'
import type { PlayName } from '../files/play-request.ts'

export interface ProgressElsewhereParts {
  readonly cluster: Pick<Cluster, 'nodes' | 'client' | 'handed'> & {
    readonly files: Pick<Cluster['files'], 'has' | 'refresh'>
  }
}

/** Who waits asks again after a second. */
const ANSWER_MS = 1_000
/** More: who only takes its time to say it is not out of reach. */
const HEADERS_MS = 10_000
const MOST_BYTES = 16 * 1024

/** Of what another node answers: the stages of a file that comes. */
const stageShape = z.discriminatedUnion('stage', [
  z.object({ stage: z.enum(['metadata', 'waiting']) }),
  z.object({ stage: z.literal('ready'), from: z.enum(['disk', 'path', 'node']) }),
  z.object({
    stage: z.literal('arriving'),
    size: z.int().nonnegative(),
    percent: z.number().min(0).max(100).optional(),
    peers: z.int().nonnegative(),
    bytesPerSecond: z.number().nonnegative(),
    pieces: z.array(z.int().min(0).max(255)).max(1000),
  }),
])

/**
 * How far a play is at the other node that sends it, or that has its file. Undefined: none does, or it does
 * not say. Never rejects.
 * @param key of its file, where that is known
 */
export async function progressElsewhere(
  { cluster }: ProgressElsewhereParts,
  play: PlayName,
  key: FileKey | undefined,
): Promise<PlayStage | undefined> {
  await cluster.files.refresh()
  if (key && cluster.files.has(key)) return { stage: 'ready', from: 'node' }
  const target = playPath(play.title, { number: play.number, key: play.sourceKey })
  const node = cluster.nodes.other(cluster.handed.nodeOf(target) ?? '')
  if (!node) return undefined
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), ANSWER_MS)
  try {
    const answer = await cluster.client.ask(node, {
      ...{ method: 'GET', target: target.replace('/play/', '/api/play-state/'), viewer: '' },
      ...{ signal: late.signal, timeoutMs: HEADERS_MS },
    })
    const bytes = await wholeAnswer(answer, MOST_BYTES, () => new Error('too long'))
    return stageAt(stageShape.parse(JSON.parse(bytes.toString())))
  } catch {
    // It is on its way there all the same.
    return { stage: 'waiting' }
  } finally {
    clearTimeout(timer)
  }
}

/** From here it is another node's disk. */
function stageAt(stage: z.infer<typeof stageShape>): PlayStage {
  if (stage.stage === 'ready') return { stage: 'ready', from: 'node' }
  if (stage.stage !== 'arriving') return stage
  const { percent, ...rest } = stage
  return percent === undefined ? rest : { ...rest, percent }
}
