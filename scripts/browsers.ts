// `npm run test:browsers`: every kind of film in Chromium and Firefox, which is installed where that may be.
// `-- -t 'Firefox MKV'` is for some of them, `-- --write` puts what was found into the table of docs/browsers.md.

import { parseArgs } from 'node:util'
import { runJest } from './run-jest.ts'
import { browserPrograms, ensurePrograms, systemPrograms, thisMachine } from './system-programs.ts'

const { values } = parseArgs({
  options: {
    write: { type: 'boolean', default: false },
    testNamePattern: { type: 'string', short: 't' },
  },
})
const print = (text: string): void => void process.stdout.write(text)
const lacking = ensurePrograms(thisMachine(), [...systemPrograms, ...browserPrograms])
if (lacking) print(`${lacking}\n`)
// The workers of jest inherit it.
process.env.BROWSERS = values.write ? 'write' : 'all'

const named = values.testNamePattern === undefined ? [] : ['-t', values.testNamePattern]
const { exitCode } = await runJest(['test/browsers', ...named], print)
if (lacking || exitCode !== 0) process.exitCode = 1
