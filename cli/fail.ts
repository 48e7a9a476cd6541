/** EX_CONFIG of sysexits.h: the settings or the folder they name cannot be used. */
const BAD_SETTINGS = 78

/** Ends the process, with sentences that say what to do. */
export function fail(lines: readonly string[]): never {
  for (const line of lines) process.stderr.write(`playlink: ${line}\n`)
  process.exit(BAD_SETTINGS)
}
