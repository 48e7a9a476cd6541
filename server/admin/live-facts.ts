import type { DownloadView } from '../../player/downloads/download-view.ts'
import type { PlayerStatus } from '../../player/status.ts'
import type { ExplainedStart, FirstByte } from '../../player/trace/recent-first-bytes.ts'
import type { ProviderTrouble } from '../../sources/providers/shared/provider-breaker.ts'
import type { Questions } from '../../sources/providers/shared/questions.ts'
import type { Limits } from '../limits/limits.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { ProviderFigures } from '../metrics/provider-counts.ts'
import type { Admins } from './admin-guard.ts'

/** One line of GET /api/live. */
export interface LiveLine {
  /** `sums` for everybody; `all` for administrators, who see names too. */
  readonly access: 'sums' | 'all'
  /** How one becomes administrator. */
  readonly adminBy: Admins['by']
  /** As GET /api/cache-stats. */
  readonly stats: object
  readonly firstBytes: readonly FirstByte[]
  readonly starts: readonly ExplainedStart[]
  /** Questions to providers since the start, by name and outcome; held back ones are `deferred`. */
  readonly providers: ProviderFigures
  /** Of those whose last question failed, by name: the status that said no, and when it is asked again. */
  readonly troubles: Readonly<Record<string, ProviderTrouble>>
  /** What an address may have, and how often one wanted more. Without limits there is none. */
  readonly limits?: Pick<Limits, 'figures' | 'reached'>
  /** Only with access `all`. */
  readonly arrivals?: readonly DownloadView[]
  /** Where the nodes of the cluster reach each other, by id. Only with access `all`. */
  readonly nodeUrls?: Readonly<Record<string, string>>
}

export interface LiveFacts {
  /** Without its line end. Rejects when the report does. */
  line(all: boolean): Promise<string>
}

/** The nodes of a cluster, as this one knows them. */
export interface KnownNodes {
  readonly nodes: { readonly all: readonly { readonly node: string; readonly url: string }[] }
}

const urlsOf = ({ nodes }: KnownNodes): Record<string, string> =>
  Object.fromEntries(nodes.all.map(({ node, url }) => [node, url]))

/** Lines made for one listener serve all who ask while they are made: the report looks at the disk. */
export function createLiveFacts(deps: {
  readonly report: { stats(): Promise<object> }
  readonly status: Pick<PlayerStatus, 'downloads' | 'firstBytes' | 'starts'>
  readonly adminBy: Admins['by']
  readonly metrics: Pick<Metrics, 'providers'>
  readonly questions: Pick<Questions, 'troubles'>
  readonly limits?: Pick<Limits, 'figures' | 'reached'> | undefined
  /** Where several nodes share one cache. */
  readonly cluster?: KnownNodes | undefined
}): LiveFacts {
  const { report, status, adminBy, limits, metrics, questions, cluster } = deps
  let asking: Promise<object> | undefined

  function stats(): Promise<object> {
    asking ??= report.stats().finally(() => {
      asking = undefined
    })
    return asking
  }

  return {
    async line(all) {
      const sums: LiveLine = {
        access: all ? 'all' : 'sums',
        adminBy,
        stats: await stats(),
        firstBytes: status.firstBytes(),
        starts: status.starts(),
        providers: metrics.providers(),
        troubles: Object.fromEntries(questions.troubles()),
        ...(limits && { limits: { figures: limits.figures, reached: limits.reached } }),
      }
      if (!all) return JSON.stringify(sums)
      const names = { arrivals: status.downloads(), ...(cluster && { nodeUrls: urlsOf(cluster) }) }
      return JSON.stringify({ ...sums, ...names })
    },
  }
}
