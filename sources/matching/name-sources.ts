import type { Owners } from '../../common/permits/owners.ts'
import type { Title } from '../../common/title.ts'
import type { NameParser } from '../names/name-parser.ts'
import { NO_NAME, type ParsedName } from '../names/parsed-name.ts'
import type { NumberedSource, Source } from '../source.ts'
import { fileNameOf } from './file-name.ts'
import { match } from './match.ts'

/** The sources of a title with what their names say, all read at once. Never rejects. */
export async function nameSources(
  parser: NameParser,
  title: Title,
  sources: readonly NumberedSource[],
  owners?: Owners,
): Promise<readonly NumberedSource[]> {
  const series = title.type === 'series'
  const [releases, marks] = await Promise.all([
    parser.releases(
      sources.flatMap((source) => [statedName(source), fileNameOf(title, source)]),
      owners,
    ),
    parser.marks(
      series ? sources.flatMap(({ filename, label }) => [filename ?? '', label ?? '']) : [],
      '',
      owners,
    ),
  ])
  const tells = (at: number): boolean => (marks[at]?.episodes.length ?? 0) > 0
  return sources.map((source, at) => ({
    ...source,
    names: {
      stated: releases[2 * at] ?? NO_NAME,
      shown: releases[2 * at + 1] ?? NO_NAME,
      ofEpisode: tells(2 * at) || tells(2 * at + 1),
      isPack: isPack(title, source, releases[2 * at] ?? NO_NAME),
    },
  }))
}

function isPack(title: Title, { locator, selector, filename }: Source, name: ParsedName): boolean {
  const isTorrent = locator.kind === 'magnet' || locator.kind === 'torrent'
  const isChosen = selector.file !== undefined || selector.fileIdx !== undefined
  if (title.type === 'movie' || !isTorrent || isChosen || filename !== undefined) return false
  const verdict = match(name, title, undefined, 'attribute')
  return verdict.kind === 'right' && verdict.isPack
}

const statedName = ({ filename, label }: Source): string => filename ?? label ?? ''
