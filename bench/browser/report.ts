import { markdownTable } from '../../test/docs/markdown-table.ts'
import { met } from '../performance-page.ts'
import { median } from '../streaming/report.ts'
import { type Figures, VIEWERS } from './measures.ts'

/** What two figures of the same runs differ by, as a figure of its own. */
const DIFFERENCES = [
  {
    figure: 'start, converted: later than plain (ms)',
    of: 'start, converted: first picture and sound (ms)',
    less: 'start, plain: first byte (ms)',
  },
  {
    figure: 'jump to what has not arrived, converted: later than plain (ms)',
    of: 'jump to what has not arrived, converted (ms)',
    less: 'jump to what has not arrived, plain: first byte (ms)',
  },
] as const

/** The most that a figure may be. */
const MOST: Readonly<Record<string, number>> = {
  'start, converted: later than plain (ms)': 1000,
  'jump to what has arrived (ms)': 700,
  'jump to what has not arrived, converted: later than plain (ms)': 500,
  'one viewer at 1x: cores a viewer': 0.06,
  [`${VIEWERS} viewers at 1x: cores a viewer`]: 0.06,
  [`${VIEWERS} viewers at 1x: segments too late`]: 0,
  'memory of a job, together (MiB)': 120,
}

const shown = (value: number): string =>
  Math.abs(value) >= 20 || Number.isInteger(value) ? value.toFixed(0) : value.toPrecision(2)

/** A Markdown table of all figures: medians of the runs, the worst of them, and what they must be. */
export function browserTable(runs: readonly Figures[]): string {
  const all = runs.map((run) => {
    const more = DIFFERENCES.flatMap(({ figure, of, less }) => {
      const [late, plain] = [run[of], run[less]]
      return late === undefined || plain === undefined ? [] : [[figure, late - plain] as const]
    })
    return { ...run, ...Object.fromEntries(more) }
  })
  const rows = Object.keys(all[0] ?? {}).map((figure) => {
    const values = all.map((run: Figures) => run[figure] ?? Number.NaN)
    const middle = median(values)
    const most = MOST[figure]
    const verdict = most === undefined ? ['', ''] : [`at most ${most}`, met(middle <= most)]
    return [figure, shown(middle), values.map(shown).join(', '), ...verdict]
  })
  const head = ['Figure', 'Median', 'Runs', 'Target', 'Met']
  return markdownTable(head, rows)
}
