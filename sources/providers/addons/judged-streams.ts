import type { Owners } from '../../../common/permits/owners.ts'
import { match } from '../../matching/match.ts'
import type { NameParser } from '../../names/name-parser.ts'
import { NO_NAME, type ParsedName } from '../../names/parsed-name.ts'
import { readTokens } from '../../names/read-tokens.ts'
import type { Source } from '../../source.ts'
import { judged, type Question } from '../shared/judged-names.ts'
import type { StreamSource } from './addon-format.ts'

/**
 * The sources whose names do not speak against the title, in their order. A stream's name is its file's, else
 * the first of its texts that looks like a release's; one without any is listed, as its addon says.
 */
export async function judgedStreams(
  parser: NameParser,
  streams: readonly StreamSource[],
  question: Question,
  owners?: Owners,
): Promise<readonly Source[]> {
  const parsed = await parser.releases(
    streams.flatMap(({ names }) => names),
    owners,
  )
  let at = 0
  const items = streams.map(({ source, names }) => {
    const read = names.map((title) => ({ title, parsed: parsed[at++] ?? NO_NAME }))
    const isFile = read.length === 1 && source.filename === read[0]?.title
    const telling = isFile ? read[0] : read.find((name) => isRelease(name.parsed, question))
    return { source, ...(telling ?? { title: '', parsed: NO_NAME }) }
  })
  return judged(items, question, () => 'addon').map(({ source }) => source)
}

/** Dates of uploads, sizes and opinions stand in texts too: only what has the title, or is built like a release, counts. */
function isRelease(parsed: ParsedName, { title, facts }: Question): boolean {
  if (facts && match(parsed, title, facts).kind === 'right') return true
  const kinds = new Set(readTokens(parsed.tokens).map(({ kind }) => kind))
  return kinds.has('word') && kinds.has('technical') && (kinds.has('year') || kinds.has('mark'))
}
