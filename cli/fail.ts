import { inspect } from 'node:util'

/** EX_CONFIG of sysexits.h: the settings or the folder they name cannot be used. */
const BAD_SETTINGS = 78
/** As Node ends for an error that nobody caught. */
const UNCAUGHT = 1

/** Ends the process, with sentences that say what to do. */
export function fail(lines: readonly string[]): never {
  for (const line of lines) process.stderr.write(`playlink: ${line}\n`)
  process.exit(BAD_SETTINGS)
}

/**
 * An error that nobody caught ends the process as ever, but what is told of it is covered like a line of
 * the log: Node's own print of it has every address that stands in the error or its causes.
 */
export function tellCrashes(covered: (text: string) => string): void {
  process.on('uncaughtException', (error: unknown) => {
    process.stderr.write(`${covered(inspect(error, { depth: 5 }))}\n`)
    process.exit(UNCAUGHT)
  })
}
