import { parseArgs } from 'node:util'
import { runJest } from './run-jest.ts'
import { ensurePrograms, type SystemProgram, thisMachine } from './system-programs.ts'

/**
 * Tests of one folder that `npm test` leaves out, for they take long. Of the command's arguments `-t` is for some of them, `--write`
 * puts what was found into the docs. What cannot be installed is lacking in the tests that need it.
 * @param variable of the environment, `all` or `write`: jest.config.mjs and the tests know by it that they are meant
 */
export async function runApart(
  folder: string,
  variable: string,
  programs: readonly SystemProgram[],
): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      write: { type: 'boolean', default: false },
      testNamePattern: { type: 'string', short: 't' },
    },
  })
  const print = (text: string): void => void process.stdout.write(text)
  const lacking = ensurePrograms(thisMachine(), programs)
  if (lacking) print(`${lacking}\nIt goes on without.\n`)
  // The workers of jest inherit it.
  process.env[variable] = values.write ? 'write' : 'all'

  const paths = positionals.length > 0 ? positionals : [folder]
  const named = values.testNamePattern === undefined ? [] : ['-t', values.testNamePattern]
  const { exitCode } = await runJest([...paths, ...named], print)
  if (exitCode !== 0) process.exitCode = 1
}
