// `npm test`: system programs, type check, lint, then every test; the last line is the count.
// `npm test -- test/cache` runs only the tests whose path matches; other jest options work too.

import { runCommand } from './run-command.ts'
import { runJest } from './run-jest.ts'
import { ensurePrograms, thisMachine } from './system-programs.ts'
import { summarise } from './test-summary.ts'

const print = (text: string) => process.stdout.write(text)
const heading = (text: string) => print(`\n== ${text} ==\n`)

async function check(name: string, script: string, args: readonly string[]) {
  heading(name)
  const { exitCode } = await runCommand(script, args, print).ended
  print(exitCode === 0 ? `${name}: fine\n` : `${name}: FAILED\n`)
  return { name, ok: exitCode === 0 }
}

async function main(args: readonly string[]): Promise<boolean> {
  const lacking = ensurePrograms(thisMachine())
  // Whoever asks for some tests may ask for those that can do without.
  if (lacking) print(`${lacking}\n`)
  if (lacking && args.length === 0) return false
  const checks =
    args.length > 0
      ? []
      : [
          await check('Type check', 'node_modules/typescript/bin/tsc', ['--noEmit']),
          await check('Lint', 'node_modules/@biomejs/biome/bin/biome', ['check', '.']),
        ]
  heading('Tests')
  const summary = summarise(checks, await runJest(args, print))
  heading('Result')
  for (const note of summary.notes) print(`${note}\n`)
  print(`${summary.line}\n`)
  return summary.ok
}

if (!(await main(process.argv.slice(2)))) process.exitCode = 1
