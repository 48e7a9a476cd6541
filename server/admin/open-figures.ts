import type { CleanupStack } from '../../common/cleanup-stack.ts'
import type { Questions } from '../../sources/providers/shared/questions.ts'
import { createGauges, type GaugeParts } from '../metrics/gauges.ts'
import { createMetrics, type Metrics } from '../metrics/metrics.ts'
import { History, type HistoryParts } from './history.ts'

/** What is counted of this server, and what is remembered of that for a day. */
export interface Figures {
  readonly metrics: Metrics
  readonly history: History
}

/** Counts from here on; `ends` closes it. */
export function openFigures(
  parts: GaugeParts &
    Omit<HistoryParts, 'metrics'> & {
      readonly cluster: Parameters<typeof createMetrics>[1]
      readonly questions: Pick<Questions, 'observe'>
      readonly ends: CleanupStack
    },
): Figures {
  const metrics = createMetrics(createGauges(parts), parts.cluster)
  parts.ends.defer('metrics', () => metrics.close())
  parts.questions.observe((call) => metrics.providerAsked(call))
  const history = new History({ ...parts, metrics })
  history.start()
  parts.ends.defer('history', () => history.close())
  return { metrics, history }
}
