// `npm run test:interop`: BitTorrent clients of others, each in every situation of test/interop. What is not
// there is installed where that may be, else left out. `-- -t Transmission` is for one of them, `-- --write`
// puts what was found into the table of docs/swarms.md; what was left out stays there as it was.

import { parseArgs } from 'node:util'
import { runJest } from './run-jest.ts'
import { ensurePrograms, interopPrograms, thisMachine } from './system-programs.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    write: { type: 'boolean', default: false },
    testNamePattern: { type: 'string', short: 't' },
  },
})
const print = (text: string): void => void process.stdout.write(text)
const lacking = ensurePrograms(thisMachine(), interopPrograms)
if (lacking) print(`${lacking}\nIt goes on without.\n`)
// The workers of jest inherit it.
process.env.INTEROP = values.write ? 'write' : 'all'

const paths = positionals.length > 0 ? positionals : ['test/interop']
const named = values.testNamePattern === undefined ? [] : ['-t', values.testNamePattern]
const { exitCode } = await runJest([...paths, ...named], print)
if (exitCode !== 0) process.exitCode = 1
