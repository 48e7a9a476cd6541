import { markdownTable } from '../../test/docs/markdown-table.ts'
import { type Target, targets } from './targets.ts'

/** Figure -> contender -> one value a run. */
export type Measured = Map<string, Map<string, number[]>>

export function median(values: readonly number[]): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b)
  const middle = sorted.length / 2
  const low = sorted[Math.ceil(middle) - 1] ?? Number.NaN
  return (low + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2
}

const COLUMNS = [
  'webtorrent',
  'torrent-stream',
  'libtorrent',
  'express.static',
  'node loop',
  'nginx',
  'playlink',
]

/** A Markdown table of every figure: medians, what ours is held against, and whether it holds. */
export function table(measured: Measured): string {
  const known = new Map(targets.map((target) => [target.figure, target]))
  const figures = [...new Set([...known.keys(), ...measured.keys()])].filter((f) => measured.has(f))
  const measures = (name: string): boolean => figures.some((f) => measured.get(f)?.has(name))
  const columns = COLUMNS.filter(measures)
  const rows = figures.map((figure) => {
    const of = (name: string): number => median(measured.get(figure)?.get(name) ?? [])
    const cells = columns.map((name) => shown(of(name)))
    return [figure, ...cells, ...verdict(known.get(figure), of)]
  })
  const head = ['figure', ...columns, 'ratio', 'must be', 'holds']
  return markdownTable(head, rows)
}

function verdict(target: Target | undefined, of: (name: string) => number): readonly string[] {
  if (!target) return ['', '', '']
  const ours = of('playlink')
  const better = target.more ? Math.max : Math.min
  const theirs = target.of ? better(...target.of.map(of).filter((n) => !Number.isNaN(n))) : 1
  const ratio = ours / theirs
  const holds = target.more ? ratio >= target.must : ratio <= target.must
  const sign = target.more ? 'at least' : 'at most'
  const unit = target.of ? ` x ${target.of.join(' or ')}` : ''
  return [
    target.of ? ratio.toFixed(2) : '',
    `${sign} ${target.must}${unit}`,
    Number.isNaN(ratio) ? 'not measured' : holds ? 'yes' : '**no**',
  ]
}

function shown(value: number): string {
  if (Number.isNaN(value)) return ''
  return Math.abs(value) >= 20 ? value.toFixed(0) : value.toFixed(2)
}
