import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { FaultCode } from '../../common/errors.ts'
import type { Playable } from '../../player/files/playable.ts'
import type { PlayTrace } from '../../player/trace/play-trace.ts'
import type { ProviderCall } from '../../sources/providers/shared/questions.ts'
import type { LimitKind } from '../limits/limit-kinds.ts'
import { type WatchedCluster, watchCluster } from './cluster-metrics.ts'
import { type GaugeReadings, gauges } from './gauges.ts'
import { watchProcess } from './process-metrics.ts'
import { ProviderCounts, type ProviderFigures } from './provider-counts.ts'
import { Totals } from './totals.ts'

/** Where a play's bytes came from; `redirect`: another server has them. */
export type PlayOrigin = Extract<Playable, { kind: 'bytes' }>['from'] | 'redirect'

interface PlayOutcome {
  /** undefined: refused before that was known. */
  readonly from: PlayOrigin | undefined
  readonly status: number
  readonly bytes: number
  /** From the request to the headers, which go out with the first bytes. */
  readonly firstByteMs: number | undefined
  readonly trace: Pick<PlayTrace, 'steps' | 'took' | 'stalls' | 'stalledMs'>
  /** It began somewhere else than where the viewer's last part ended. */
  readonly seek: boolean
}

/** What /metrics tells; one registry each, so that a process can hold several (tests do). */
export interface Metrics {
  playEnded(outcome: PlayOutcome): void
  refused(code: FaultCode): void
  /** An address has reached a limit. */
  limited(kind: LimitKind): void
  providerAsked(asked: ProviderCall): void
  /** What was asked of providers so far. */
  providers(): ProviderFigures
  readonly totals: Totals
  /** Prometheus' text format. */
  text(): Promise<string>
  readonly contentType: string
  close(): void
}

/** Seconds: from a cached range to the deadline of a dead swarm. */
const FIRST_BYTE_BUCKETS = [0.002, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30]

/** Seconds: up to the eight that a provider has. */
const PROVIDER_BUCKETS = [0.01, 0.1, 0.5, 1, 2, 4, 8]

function addGauges(registry: Registry, read: () => Promise<GaugeReadings>): () => Promise<void> {
  const shown = Object.entries(gauges).map(
    ([name, help]) => [name, new Gauge({ name, help, registers: [registry] })] as const,
  )
  return async () => {
    const readings: Readonly<Record<string, number | undefined>> = await read()
    for (const [name, gauge] of shown) {
      const value = readings[name]
      if (value === undefined) gauge.remove()
      else gauge.set(value)
    }
  }
}

function addCounters(registry: Registry) {
  const registers = [registry]
  const plays = new Counter({
    name: 'playlink_plays_total',
    help: 'Answers to GET /play, ranges included, by where the bytes came from and status',
    labelNames: ['from', 'status'],
    registers,
  })
  const bytes = new Counter({
    name: 'playlink_sent_bytes_total',
    help: 'Bytes of files sent to viewers',
    labelNames: ['from'],
    registers,
  })
  const firstByte = new Histogram({
    name: 'playlink_first_byte_seconds',
    help: 'From a GET /play to its first byte',
    labelNames: ['from'],
    buckets: FIRST_BYTE_BUCKETS,
    registers,
  })
  const refusals = new Counter({
    name: 'playlink_refusals_total',
    help: 'Answers with an error, by code',
    labelNames: ['code'],
    registers,
  })
  const limited = new Counter({
    name: 'playlink_limited_total',
    help: 'Times an address had reached a limit, by what it is that is limited',
    labelNames: ['kind'],
    registers,
  })
  return { plays, bytes, firstByte, refusals, limited }
}

function addSteps(registry: Registry) {
  const registers = [registry]
  const took = new Histogram({
    name: 'playlink_play_step_seconds',
    help: 'The steps of a start, each since the one before; ranges of a play that is known left out',
    labelNames: ['step'],
    buckets: FIRST_BYTE_BUCKETS,
    registers,
  })
  const stalls = new Counter({
    name: 'playlink_play_stalls_total',
    help: 'Times a viewer of an arriving file had nothing left to play, as far as its size tells, for a quarter second or more',
    registers,
  })
  const stalled = new Counter({
    name: 'playlink_play_stall_seconds_total',
    help: 'How long those waits were, together',
    registers,
  })
  const seeks = new Counter({
    name: 'playlink_play_seeks_total',
    help: 'Parts that began somewhere else than where the viewer had been',
    registers,
  })
  return ({ trace, seek }: Pick<PlayOutcome, 'trace' | 'seek'>): void => {
    if (trace.took('sources')) {
      for (const { step, ms } of trace.steps) took.observe({ step }, ms / 1000)
    }
    if (trace.stalls > 0) {
      stalls.inc(trace.stalls)
      stalled.inc(trace.stalledMs / 1000)
    }
    if (seek) seeks.inc()
  }
}

function addProviders(registry: Registry) {
  const registers = [registry]
  const asked = new Counter({
    name: 'playlink_provider_requests_total',
    help: 'Questions to providers of sources; `resting`: not asked, because it keeps failing; `deferred`: nor, because of our own limits',
    labelNames: ['provider', 'outcome'],
    registers,
  })
  const took = new Histogram({
    name: 'playlink_provider_seconds',
    help: 'How long providers of sources took to answer or to fail',
    labelNames: ['provider'],
    buckets: PROVIDER_BUCKETS,
    registers,
  })
  return ({ provider, outcome, ms }: ProviderCall): void => {
    asked.inc({ provider, outcome })
    if (outcome === 'answered' || outcome === 'failed') took.observe({ provider }, ms / 1000)
  }
}

/**
 * @param read asked at each scrape; what it leaves out is not shown
 * @param cluster where several nodes share one cache
 */
export function createMetrics(
  read: () => Promise<GaugeReadings>,
  cluster?: WatchedCluster,
): Metrics {
  const registry = new Registry()
  const { plays, bytes, firstByte, refusals, limited } = addCounters(registry)
  const observeProvider = addProviders(registry)
  const counts = new ProviderCounts()
  const totals = new Totals()
  const explain = addSteps(registry)
  const readGauges = addGauges(registry, read)
  if (cluster) watchCluster(registry, cluster)
  const processWatch = watchProcess(registry)

  return {
    contentType: registry.contentType,
    playEnded(outcome) {
      const from = outcome.from ?? 'none'
      plays.inc({ from, status: outcome.status })
      if (outcome.bytes > 0) bytes.inc({ from }, outcome.bytes)
      explain(outcome)
      if (outcome.firstByteMs !== undefined) {
        firstByte.observe({ from }, outcome.firstByteMs / 1000)
      }
    },
    providerAsked(call) {
      observeProvider(call)
      counts.add(call)
    },
    providers: () => counts.figures,
    totals,
    refused(code) {
      refusals.inc({ code })
      totals.refused(code)
    },
    limited(kind) {
      limited.inc({ kind })
    },
    async text() {
      await readGauges()
      return registry.metrics()
    },
    close() {
      processWatch.close()
      registry.clear()
    },
  }
}
