/** As long as a name may be (255 and less): `token` again and again. */
const row = (begin: string, token: string, end = ''): string =>
  begin + token.repeat(Math.floor((230 - begin.length - end.length) / token.length)) + end

/** Each takes the parser of releases years, or at least seconds; found by trying. */
export const HOSTILE_RELEASES: Readonly<Record<string, string>> = {
  ampersands: row('season 1', '&', 'x'),
  slashes: row('season 1', '/', 'x'),
  backslashes: row('season 1', '\\', 'x'),
  commas: row('seasons 1', ',', 'x'),
  'separators of all kinds': row('season 1', ',&\\&', 'x'),
  'ampersands and commas': row('Show seasons 1', '&,', 'x'),
  'ampersands in Spanish': row('temporada 1', '&', 'x'),
  'slashes in Spanish': row('temporada 1', '/', 'x'),
}

/** What the parser of releases, or one that files had, never finishes; our own reader of files does. */
export const HOSTILE_FILES: Readonly<Record<string, string>> = {
  'a row of numbers': `Show ${'.01'.repeat(60)}.`,
  ampersands: row('season 1', '&', 'x'),
  backslashes: row('season 1', '\\', 'x'),
  commas: row('season 1', ',', 'x'),
  'separators of all kinds': row('season 1', ',&\\&', 'x'),
  'ampersands and commas': row('seasons 1', '&,', 'x'),
  'ampersands in Spanish': row('temporada 1', '&', 'x'),
  'commas in Spanish': row('temporada 1', ',', 'x'),
}

/** Not slow enough for the deadline of a name: all of them together are what hurts. */
export const slowNames = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => `${row('', '日')}${n}`)

/** Slow for one of the parsers alone, or made to be: they must be no worse than an ordinary name. */
export const ODD_NAMES: Readonly<Record<string, string>> = {
  'a row of episodes': row('season 1 ', 'e11-'),
  'numbers in brackets': row('Show ', '[01]('),
  'open brackets': row('', '['),
  episodes: row('', 's01e01'),
}
