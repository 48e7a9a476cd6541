// `npm run matching`: how often names and files are matched rightly, of the corpora in test/corpus;
// `npm run matching -- --write` puts the table into docs/matching.md.

import { readFileSync, writeFileSync } from 'node:fs'
import { figureRows } from '../test/corpus/matching/figures.ts'

const PAGE = 'docs/matching.md'
const HEAD = ['| Corpus | Cases | Right | Wrong |', '| --- | --- | --- | --- |']
const table = [...HEAD, ...(await figureRows()).map((row) => `| ${row.join(' | ')} |`)].join('\n')

if (process.argv.includes('--write')) {
  const page = readFileSync(PAGE, 'utf8')
  writeFileSync(
    PAGE,
    page.replace(/\| Corpus \|.*?(?=\n\n|\n?$)/s, () => table),
  )
}
process.stdout.write(`${table}\n`)
