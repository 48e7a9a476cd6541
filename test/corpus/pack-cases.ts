import { readFileSync } from 'node:fs'
import type { Title } from '../../common/title.ts'
import type { TitleFacts } from '../../sources/matching/titles/title-facts.ts'
import type { FileEntry } from '../../sources/matching/wanted-file.ts'

export interface PackCase {
  readonly torrent: string
  readonly files: readonly FileEntry[]
  readonly title: Title
  /** Part of the one path that is meant; undefined: none. */
  readonly wanted: string | undefined
  readonly facts?: TitleFacts
}

const MB = 1_000_000
const IMDB = 'tt9000900'

/** `{01-07}` counts, with the digits it is written with. */
function expanded(line: string): string[] {
  const range = /\{(\d+)-(\d+)\}/.exec(line)
  if (!range) return [line]
  const [written, from = '', to = ''] = range
  return Array.from({ length: Number(to) - Number(from) + 1 }, (_, n) =>
    line.replace(written, String(Number(from) + n).padStart(from.length, '0')),
  ).flatMap(expanded)
}

function fileOf(line: string): FileEntry {
  const [path = '', size = '700'] = line.split('  ')
  return { path, size: Number(size) * MB }
}

function titleOf(asked: string): Title {
  const [season = '', episode] = asked.split(':')
  if (episode === undefined) return { type: 'movie', imdbId: IMDB }
  return { type: 'series', imdbId: IMDB, season: Number(season), episode: Number(episode) }
}

/** The format is told at the top of packs.txt. */
export function packCases(file = 'packs', factsIn?: (header: string) => TitleFacts): PackCase[] {
  const text = readFileSync(new URL(`./${file}.txt`, import.meta.url), 'utf8')
  return text
    .split(/^= /m)
    .slice(1)
    .flatMap((block) => {
      const header = /^@ (.*)$/m.exec(block)?.[1]
      const facts = header === undefined ? undefined : factsIn?.(header)
      return casesOf(block.replace(/^@ .*$/m, '')).map((one) => ({
        ...one,
        ...(facts && { facts }),
      }))
    })
}

function casesOf(block: string): PackCase[] {
  const [torrent = '', ...lines] = block.split('\n').filter((line) => line.trim() !== '')
  const files = lines
    .filter((line) => !line.startsWith('> '))
    .flatMap(expanded)
    .map(fileOf)
  const asked = lines.filter((line) => line.startsWith('> ')).flatMap(expanded)
  return asked.map((line) => {
    const [title = '', part = '-'] = line.slice(2).split('  ')
    const episode = title.split(':')[1] ?? ''
    const wanted = part.replace(/\{(\d)\}/, (_, width) => episode.padStart(Number(width), '0'))
    return { torrent, files, title: titleOf(title), wanted: wanted === '-' ? undefined : wanted }
  })
}
