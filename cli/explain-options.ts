import { parseArgs } from 'node:util'
import { Fault } from '../common/errors.ts'
import { type CommandNames, typed } from '../common/host/command-names.ts'
import { parseTitle, type Title } from '../common/title.ts'
import { notACommand, whyNotParsed } from './shared/not-a-command.ts'
import type { Instead } from './shared/run-command.ts'
import { columns } from './shared/table.ts'

/** What `--help` prints. */
export const explainHelp = (names: CommandNames = typed): string => `${columns(
  [
    [
      `${names.explain} "RELEASE NAME" tt0903747 2 5`,
      'what is read of the name, and whether it is season 2, episode 5',
    ],
    [`${names.explain} "RELEASE NAME" tt0133093`, 'the same of a film'],
    [
      '    --title "Name" --year 1999',
      'without asking the metadata server (CINEMETA_URL) for the title',
    ],
  ],
  0,
)}

Exit codes: 0 it is, 1 it is not, or that cannot be told, 64 not a command, 75 the metadata server cannot
be asked, 78 the settings cannot be used.
`

const MAX_NAME = 2000
/** For \`--title\`: no metadata server is asked for it. */
const ANY_ID = 'tt0000000'

export interface ExplainOptions {
  readonly name: string
  readonly title: Title
  /** Given at the command line, in place of what a metadata server tells. */
  readonly facts: { readonly name: string; readonly year: number | undefined } | undefined
}

const wrong = (why: string): Instead => notACommand(why, explainHelp())

/** Reads the arguments. */
export function readExplainOptions(args: readonly string[]): ExplainOptions | Instead {
  if (args.includes('--help') || args.includes('-h')) return { say: explainHelp(), exitCode: 0 }
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { title: { type: 'string' }, year: { type: 'string' } },
    })
    const [name = '', ...rest] = positionals
    if (name === '' || name.length > MAX_NAME) return wrong('Say the name of a release first.')
    const hasId = rest[0]?.startsWith('tt') === true
    if (!hasId && values.title === undefined)
      return wrong('Say the IMDb id of a title, or --title.')
    const [id = ANY_ID, season, episode, ...more] = hasId ? rest : [ANY_ID, ...rest]
    if (more.length > 0) return wrong('Behind the id there are a season and an episode at most.')
    if (values.year !== undefined && !/^\d{4}$/.test(values.year))
      return wrong('--year has four digits.')
    if (values.year !== undefined && values.title === undefined)
      return wrong('--year is for --title.')
    const type = season === undefined ? 'movie' : 'series'
    const { title: given, year } = values
    const facts =
      given === undefined ? undefined : { name: given, year: year ? Number(year) : undefined }
    return { name, title: parseTitle(type, id, season, episode), facts }
  } catch (error) {
    if (error instanceof Fault)
      return wrong('The id is tt and digits, season and episode are numbers.')
    return wrong(whyNotParsed(error))
  }
}
