import { afterAll, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { newCounts } from '../../cluster/cluster-counts.ts'
import { HandedPlays } from '../../cluster/handed-plays.ts'
import { gauges } from '../../server/metrics/gauges.ts'
import { createMetrics } from '../../server/metrics/metrics.ts'
import { tableRows } from './markdown-table.ts'
import { read } from './project-files.ts'

/** Every metric, each with a sample that has its labels. */
const metrics = createMetrics(
  async () => Object.fromEntries(Object.keys(gauges).map((name) => [name, 1])),
  {
    ...{ nodes: { all: [], others: [], stateOf: () => 'there' }, torrents: { count: 0 } },
    ...{ handed: new HandedPlays(), counts: newCounts() },
  },
)
metrics.playEnded({
  ...{ from: 'disk', status: 200, bytes: 5, firstByteMs: 3, seek: true },
  trace: { steps: [{ step: 'sources', ms: 1 }], took: () => true, stalls: 1, stalledMs: 250 },
})
metrics.refused('NO_PEERS')
metrics.limited('lists')
metrics.providerAsked({ provider: 'indexer', outcome: 'answered', ms: 1 })
const text = await metrics.text()
afterAll(() => metrics.close())

interface Told {
  readonly name: string
  readonly type: string
  readonly labels: readonly string[]
  readonly help: string
}

const told: readonly Told[] = [...text.matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ (\w+)$/gm)].map(
  ([, name = '', help = '', type = '']) => {
    const sample = new RegExp(`^${name}(?:_bucket)?\\{([^}]*)\\}`, 'm').exec(text)?.[1] ?? ''
    const labels = [...sample.matchAll(/(\w+)="/g)].map(([, label = '']) => label)
    return { name, type, help, labels: labels.filter((label) => label !== 'le') }
  },
)

/** Names that may stand in an expression: a histogram has three. */
const series = new Set(
  told.flatMap(({ name, type }) =>
    type === 'histogram' ? ['_bucket', '_count', '_sum'].map((end) => name + end) : [name],
  ),
)
const labelsByName = new Map(told.map(({ name, labels }) => [name, labels]))
/** Of a metric, or of one of the three of a histogram; with what Prometheus puts to each series. */
const labelsOf = (name: string): readonly string[] => [
  ...(labelsByName.get(name) ?? labelsByName.get(name.replace(/_(bucket|count|sum)$/, '')) ?? []),
  ...['job', 'instance', 'le'],
]

const dashboard = JSON.parse(read('deploy/grafana.json'))
const rules: readonly Record<string, string>[] = parse(read('deploy/alerts.yaml')).groups.flatMap(
  (group: { rules: Record<string, string>[] }) => group.rules,
)
const panels: readonly { title: string; description: string; targets?: { expr: string }[] }[] =
  dashboard.panels
const expressions = [
  ...panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const)),
  ...rules.map(({ alert = '', expr = '' }) => [alert, expr] as const),
]

/** Metrics in an expression, each with the labels that it is chosen by. */
const selectors = (expr: string): { name: string; labels: string[] }[] =>
  [...expr.matchAll(/\b((?:playlink|nodejs|process)_\w+)(?:\{([^}]*)\})?/g)].map(
    ([, name = '', chosen = '']) => ({
      name,
      labels: [...chosen.matchAll(/(\w+)\s*[=!]/g)].map(([, label = '']) => label),
    }),
  )

test('docs/metrics.md names every metric as the server tells it', () => {
  expect(told.length).toBeGreaterThan(30)
  expect(tableRows('docs/metrics.md', 'Name')).toEqual(
    told.map(({ name, type, labels, help }) => [
      `\`${name}\``,
      type,
      labels.map((label) => `\`${label}\``).join(', '),
      help,
    ]),
  )
})

describe('the dashboard and the alerts', () => {
  test.each(expressions)('%s: %s', (_, expr) => {
    const used = selectors(expr)
    expect(used.length + Number(expr.startsWith('up{'))).toBeGreaterThan(0)
    for (const { name, labels } of used) {
      expect([name, series.has(name)]).toEqual([name, true])
      expect(labels.filter((label) => !labelsOf(name).includes(label))).toEqual([])
    }
    const known = used.flatMap(({ name }) => labelsOf(name))
    for (const [, grouped = ''] of expr.matchAll(/\bby \(([^)]*)\)/g)) {
      expect(grouped.split(/,\s*/).filter((label) => !known.includes(label))).toEqual([])
    }
    const count = (sign: string): number => expr.split(sign).length
    expect([count('('), count('{'), count('[')]).toEqual([count(')'), count('}'), count(']')])
  })

  test('show every metric of ours somewhere', () => {
    const used = new Set(expressions.flatMap(([, expr]) => selectors(expr).map(({ name }) => name)))
    const isUsed = (name: string): boolean =>
      [name, `${name}_bucket`, `${name}_sum`].some((one) => used.has(one))
    expect(told.map(({ name }) => name).filter((name) => !isUsed(name))).toEqual([])
  })

  test('say what to do', () => {
    for (const rule of rules) {
      const { annotations, labels } = rule as unknown as Record<string, Record<string, string>>
      expect([rule.alert, annotations?.summary, annotations?.look]).toEqual([
        expect.stringMatching(/^Playlink\w+$/),
        expect.stringMatching(/\.$/),
        expect.stringMatching(/\.$/),
      ])
      expect(['page', 'ticket']).toContain(labels?.severity)
    }
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
  })

  test('panels have ids of their own and lie beside each other', () => {
    const places: { id: number; gridPos: { x: number; y: number; w: number; h: number } }[] =
      dashboard.panels
    expect(new Set(places.map(({ id }) => id)).size).toBe(places.length)
    for (const { gridPos: a, id } of places) {
      expect(a.x + a.w).toBeLessThanOrEqual(24)
      const overlapping = places.filter(
        ({ gridPos: b, id: other }) =>
          other !== id && a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h,
      )
      expect(overlapping).toEqual([])
    }
  })
})
