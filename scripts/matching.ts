// `npm run matching`: how often names and files are matched rightly, of the corpora in test/corpus;
// `npm run matching -- --write` puts the table into docs/matching.md.

import { readFileSync, writeFileSync } from 'node:fs'
import { figureRows } from '../test/corpus/matching/figures.ts'
import { fieldRows } from '../test/corpus/release-fields.ts'

const PAGE = 'docs/matching.md'

const lineOf = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map(lineOf).join('\n')

const tables = [
  tableOf(['Corpus', 'Cases', 'Right', 'Wrong'], await figureRows()),
  tableOf(['Field', 'Cases', 'Right'], fieldRows()),
]

/** The page with that table in the place of the one that has the same first column. */
function withTable(page: string, table: string): string {
  const start = page.indexOf(table.slice(0, table.indexOf(' |', 2)))
  if (start < 0) throw new Error(`${PAGE} has no such table: ${table.slice(0, 40)}`)
  const end = page.indexOf('\n\n', start)
  return page.slice(0, start) + table + (end < 0 ? '\n' : page.slice(end))
}

if (process.argv.includes('--write')) {
  writeFileSync(PAGE, tables.reduce(withTable, readFileSync(PAGE, 'utf8')))
}
process.stdout.write(`${tables.join('\n\n')}\n`)
