import { appendFile } from 'node:fs/promises'
import { cpus, loadavg } from 'node:os'

const PAGE = new URL('../docs/performance.md', import.meta.url)

/** What a table says of a target. */
export const met = (is: boolean): string => (is ? 'yes' : '**no**')

/** Of the last minute, as the system has it. */
export const loadNow = (): string => (loadavg()[0] ?? 0).toFixed(1)

export interface Reported {
  /** As it is typed, without its options. */
  readonly command: string
  readonly runs: number | string
  /** `loadNow()` when it began; undefined: nothing is said of the load. */
  readonly loadBefore?: string
  /** Markdown, a section each. */
  readonly sections: readonly string[]
  /** Adds it to docs/performance.md too. */
  readonly write: boolean
}

/** Prints what was measured under a heading with the day, the command and the machine. */
export async function report(reported: Reported): Promise<void> {
  const { command, runs, loadBefore, sections, write } = reported
  const day = new Date().toISOString().slice(0, 10)
  const load = loadBefore === undefined ? '' : `, load ${loadBefore} before, ${loadNow()} after`
  const heading = `## ${day}, by \`${command}\`, medians of ${runs}, ${cpus().length} cores${load}`
  const text = [heading, ...sections].join('\n\n')
  process.stdout.write(`\n${text}\n`)
  if (write) await appendFile(PAGE, `\n${text}\n`)
}
