// `npm run matching`: how often names and files are matched rightly, of the corpora in test/corpus;
// `npm run matching -- --write` puts the tables into docs/matching.md.

import { readFileSync, writeFileSync } from 'node:fs'
import { between } from '../bench/strangers/report.ts'
import { figureRows } from '../test/corpus/matching/figures.ts'
import { fieldRows } from '../test/corpus/release-fields.ts'
import { markdownTable } from '../test/docs/markdown-table.ts'

const PAGE = 'docs/matching.md'

const corpora = markdownTable(['Corpus', 'Cases', 'Right', 'Wrong'], await figureRows())
const fields = markdownTable(['Field', 'Cases', 'Right'], fieldRows())

if (process.argv.includes('--write')) {
  const page = between(readFileSync(PAGE, 'utf8'), 'matching:corpora', corpora)
  writeFileSync(PAGE, between(page, 'matching:fields', fields))
}
process.stdout.write(`${corpora}\n\n${fields}\n`)
