import type { Instead } from './run-command.ts'

/** EX_USAGE of sysexits.h. */
const NOT_A_COMMAND = 64

/** Why the arguments are none of a command's, and what they may be. */
export const notACommand = (why: string, help: string): Instead => ({
  say: `${why}\n\n${help}`,
  exitCode: NOT_A_COMMAND,
})

/** What `parseArgs` of node:util says; advice for programmers stands behind its first line. */
export const whyNotParsed = (error: unknown): string =>
  error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''
