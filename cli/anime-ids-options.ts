import { parseArgs } from 'node:util'
import { type CommandNames, typed } from '../common/host/command-names.ts'
import { notACommand, whyNotParsed } from './shared/not-a-command.ts'
import type { Instead } from './shared/run-command.ts'
import { columns } from './shared/table.ts'

/** The largest of the public tables, and the one with ids of both sites. */
export const PUBLIC_TABLE =
  'https://raw.githubusercontent.com/Fribb/anime-lists/master/anime-list-full.json'

/** What `--help` prints. */
export const animeIdsHelp = (names: CommandNames = typed): string => `${columns(
  [
    [
      names.animeIds.replace(/ --$/, ''),
      'brings the public table of anime ids, and says what has changed',
    ],
    [`${names.animeIds} URL`, 'from another address'],
    [`${names.animeIds} FILE`, 'from a file that you have brought yourself'],
  ],
  0,
)}
Two tables are understood: anime-list-full.json of github.com/Fribb/anime-lists, which is asked for when none is named,
and static/data/imdb_mapping.json of github.com/TheBeastLT/stremio-kitsu-anime. ANIME_IDS names the file that is
written, in the environment or in .env; a running server reads it within seconds.

Exit codes: 0 fine, 64 not a command, 65 it is no such table, 75 it cannot be had now, 78 the settings or the
file cannot be used.
`

export interface AnimeIdsOptions {
  /** An http(s) address, or a path. */
  readonly from: string
}

const wrong = (why: string): Instead => notACommand(why, animeIdsHelp())

/** Reads the arguments. */
export function readAnimeIdsOptions(args: readonly string[]): AnimeIdsOptions | Instead {
  if (args.includes('--help') || args.includes('-h')) return { say: animeIdsHelp(), exitCode: 0 }
  try {
    const { positionals } = parseArgs({ args: [...args], allowPositionals: true, options: {} })
    const [from = PUBLIC_TABLE, ...more] = positionals
    if (more.length > 0 || from === '') return wrong('Name one address or file, or none.')
    return { from }
  } catch (error) {
    return wrong(whyNotParsed(error))
  }
}
