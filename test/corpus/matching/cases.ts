import { readFileSync } from 'node:fs'
import type { Title } from '../../../common/title.ts'
import type { TitleFacts } from '../../../sources/matching/titles/title-facts.ts'

/** A name that is held against a title. */
export interface MatchCase {
  readonly name: string
  readonly title: Title
  readonly facts: TitleFacts
}

/**
 * `= name | year or span | countries | episodes of each season, of a series; @ and their years | aka others`,
 * then of a series `> season:episode`, with the day of a daily one behind it, then names.
 */
export function matchCases(file: string): MatchCase[] {
  const lines = readFileSync(new URL(`./${file}.txt`, import.meta.url), 'utf8').split('\n')
  const cases: MatchCase[] = []
  let facts: TitleFacts | undefined
  let title: Title | undefined
  for (const line of lines.filter((one) => one !== '' && !one.startsWith('#'))) {
    if (line.startsWith('= ')) {
      facts = factsIn(line.slice(2))
      title = facts.seasons ? undefined : { type: 'movie', imdbId: 'tt9000900' }
    } else if (line.startsWith('> ')) {
      const [asked = '', day] = line.slice(2).split(' ')
      const [season = 0, episode = 0] = asked.split(':').map(Number)
      title = { type: 'series', imdbId: 'tt9000900', season, episode }
      if (day && facts) facts = { ...facts, days: new Map([[season, shownOn(episode, day)]]) }
    } else if (facts && title) cases.push({ name: line, title, facts })
    else throw new Error(`${file}: nothing is asked of ${line}`)
  }
  return cases
}

const shownOn = (episode: number, day: string): string[] => [
  ...Array.from({ length: episode - 1 }, () => ''),
  day,
]

/** The facts of a title in the form of the first line. */
export function factsIn(header: string): TitleFacts {
  const [name = '', years = '', countries = '', ...rest] = header.split(' | ')
  const [first = '', last = first] = years.split('-')
  const counts = rest.find((part) => /^[\d-]/.test(part))
  const other = rest.find((part) => part.startsWith('aka '))?.slice(4)
  const [episodes = '', shown = ''] = counts?.split(' @ ') ?? []
  const perSeason = shown.split(' ').map((part) => part.split('/').map(Number))
  const seasons = episodes.split(' ').map((count, at) => {
    return {
      season: at + 1,
      episodes: Number(count) || 0,
      years: shown ? (perSeason[at] ?? []) : [],
    }
  })
  return {
    name,
    year: Number(first),
    endYear: last === '' ? undefined : Number(last),
    aliases: other?.split('; ') ?? [],
    countries: countries.split(',').map((code) => (code === 'UK' ? 'gb' : code.toLowerCase())),
    ...(counts && { seasons }),
  }
}
