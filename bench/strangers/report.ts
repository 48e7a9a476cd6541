import { markdownTable } from '../../test/docs/markdown-table.ts'
import { median } from '../streaming/report.ts'
import type { Row } from './measure-row.ts'

/**
 * What must be. Films: what an address has not read may take the room of one film that it asked for, which
 * is as large as ten of the honest viewer's (strangers-stage.ts).
 */
const targets = { firstByteRatio: 2, holdMs: 20, mainMiB: 512, filmsGone: 10 } as const

const HEAD = [
  'attack',
  'lists',
  'cold plays',
  'first byte quiet, attacked (ms)',
  'ratio',
  'playing stream (MB)',
  'longest gap quiet, attacked (ms)',
  'longest hold quiet, attacked (ms)',
  'of it own work (ms)',
  'longest by one quiet, attacked (ms)',
  'peak RSS, with engine (MiB)',
  'films gone',
  'answers to the attack',
  'misses',
] as const

const whole = (value: number): string => value.toFixed(0)
const share = ({ succeeded, of }: { succeeded: number; of: number }): string =>
  `${succeeded} of ${of}`

/** A Markdown table, a row for each attack. */
export const strangersTable = (rows: readonly Row[]): string =>
  markdownTable(HEAD, rows.map(cellsOf))

function ratioOf({ quiet, attacked }: Row): number {
  return median(attacked.firstBytes) / median(quiet.firstBytes)
}

function cellsOf(row: Row): readonly string[] {
  const { quiet, attacked } = row.inside
  const answers = Object.entries(row.outcomes).map(([outcome, times]) => `${outcome}: ${times}`)
  return [
    row.name,
    share(row.attacked.lists),
    share(row.attacked.plays),
    `${whole(median(row.quiet.firstBytes))}, ${whole(median(row.attacked.firstBytes))}`,
    ratioOf(row).toFixed(1),
    Number.isNaN(row.playedBytes) ? 'lost' : (row.playedBytes / 1e6).toFixed(1),
    `${whole(row.gaps.quietMs)}, ${whole(row.gaps.attackedMs)}`,
    `${whole(quiet.longestHoldMs)}, ${whole(attacked.longestHoldMs)}`,
    `${whole(quiet.longestCpuMs)}, ${whole(attacked.longestCpuMs)}`,
    `${whole(quiet.longestOne.cpuMs)}, ${whole(attacked.longestOne.cpuMs)} (${attacked.longestOne.what})`,
    `${whole(row.peaks.main)}, ${whole(row.peaks.all)}`,
    String(row.evicted),
    answers.join(', ') || 'none',
    missesOf(row).join(', ') || 'none',
  ]
}

/** The figures of a row that are not what they must be. */
export function missesOf(row: Row): readonly string[] {
  const { lists, plays } = row.attacked
  const fails: Readonly<Record<string, boolean>> = {
    lists: lists.succeeded < lists.of,
    'cold plays': plays.succeeded < plays.of,
    'first byte': !(ratioOf(row) <= targets.firstByteRatio),
    'playing stream': Number.isNaN(row.playedBytes),
    hold: row.inside.attacked.longestOne.cpuMs > targets.holdMs,
    RSS: row.peaks.main > targets.mainMiB,
    'films gone': row.evicted > targets.filmsGone,
  }
  return Object.keys(fails).filter((name) => fails[name])
}

/** Puts the text between the page's two marker comments. @throws Error when they are not there */
export function between(page: string, name: string, text: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`]
  const [from, to] = [page.indexOf(open), page.indexOf(close)]
  if (from < 0 || to < from) throw new Error(`there is no ${open} with its ${close}`)
  return `${page.slice(0, from + open.length)}\n\n${text}\n\n${page.slice(to)}`
}
