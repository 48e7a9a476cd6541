import { describe, expect, test } from '@jest/globals'
import type { Title } from '../../../../common/title.ts'
import type { TitleFacts } from '../../../../sources/matching/titles/title-facts.ts'
import { readStream } from '../../../../sources/providers/addons/addon-format.ts'
import { judgedStreams } from '../../../../sources/providers/addons/judged-streams.ts'
import { nearParser } from '../../../support/names.ts'

const HASH = 'dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c'
const film: Title = { type: 'movie', imdbId: 'tt0063350' }
const episode = (season: number, number: number): Title => ({
  ...{ type: 'series', imdbId: 'tt0903747' },
  ...{ season, episode: number },
})
const night: TitleFacts = { name: 'Night of the Living Dead', year: 1968, countries: ['us'] }
const seasonsOf = (...counts: number[]) =>
  counts.map((episodes, at) => ({ season: at + 1, episodes, years: [] }))
const zone: TitleFacts = {
  ...{ name: 'The Twilight Zone', year: 1959, endYear: 1964, countries: ['us'] },
  seasons: seasonsOf(36, 29),
}
const anime: TitleFacts = {
  ...{ name: 'Pluribus Anime', year: 2014, countries: ['jp'], seasons: seasonsOf(24) },
}

interface Told {
  readonly debug: { name: string; verdict: string }[]
}
async function isListed(
  stream: object,
  title: Title,
  facts: TitleFacts | undefined,
  told: Told = { debug: [] },
): Promise<boolean> {
  const read = readStream({ infoHash: HASH, ...stream }, 'addon', () => true)
  const log = {
    debug: ({ name }: { name: string }, verdict: string) => told.debug.push({ name, verdict }),
  }
  const question = { provider: 'addon', title, facts, log: log as never }
  return (await judgedStreams(nearParser, read ? [read] : [], question)).length === 1
}
const file = (filename: string) => ({ behaviorHints: { filename } })

describe('a stream of another addon is listed unless its name speaks against it', () => {
  test.each<[boolean, string]>([
    [true, 'Night.of.the.Living.Dead.1968.1080p.mkv'],
    [true, 'Night.of.the.Living.Dead.1969.mkv'],
    [true, 'night of the living dead.mkv'],
    [true, 'La.noche.de.los.muertos.vivientes.1968.mkv'],
    [true, 'Night.of.the.Living.Dead.La.noche.1968.mkv'],
    [true, '1 - The Night.mkv'],
    [true, 'notld-cd1.avi'],
    [false, 'Night.of.the.Living.Dead.1990.mkv'],
    [false, 'Night.of.the.Living.Dead.S01E01.mkv'],
    [false, 'Night.of.the.Living.Dead.Part.2.1968.mkv'],
    [false, 'Dawn.of.the.Dead.1978.mkv'],
    [false, 'Dawn.of.the.Dead.1978.and.more.mp4'],
    [false, 'Some.Show.S02E03.mkv'],
  ])('of a film: %s %s', async (listed, name) => {
    expect(await isListed(file(name), film, night)).toBe(listed)
  })

  test.each<[boolean, string]>([
    [true, 'The.Twilight.Zone.S01E03.mkv'],
    [true, 'The.Twilight.Zone.1959.S01E03.mkv'],
    [true, 'La.quinta.dimension.S01E03.mkv'],
    [true, 'The.Twilight.Zone.Ai.Confini.S01E03.mkv'],
    [true, '03 - Mr. Denton.mkv'],
    [true, 'Zone - 39.mkv'],
    [false, 'The.Twilight.Zone.2019.S01E03.mkv'],
    [false, 'The.Twilight.Zone.1985.S01E03.mkv'],
    [false, 'The.Twilight.Zone.UK.S01E03.mkv'],
    [false, 'The.Twilight.Zone.S02E03.mkv'],
    [false, 'The.Twilight.Zone.S01E04.mkv'],
    [false, 'Another.Show.S05E04.mkv'],
    [false, '2x03 - Other.mkv'],
  ])('of an episode: %s %s', async (listed, name) => {
    expect(await isListed(file(name), episode(1, 3), zone)).toBe(listed)
  })

  test('seasons of anime are counted in several ways, and so is what nobody knows', async () => {
    const second = file('[Group] Pluribus Anime S02E03.mkv')
    expect(await isListed(second, episode(1, 15), anime)).toBe(true)
    expect(await isListed(second, episode(1, 15), undefined)).toBe(true)
    expect(await isListed(second, episode(2, 4), anime)).toBe(false)
    expect(await isListed(second, film, undefined)).toBe(false)
  })

  test('without a file, the text that looks like a release is judged', async () => {
    const text = (...lines: string[]) => ({ name: 'Addon 1080p', description: lines.join('\n') })
    const of = (...lines: string[]) => isListed(text(...lines), film, night)
    expect(await of('Night.of.the.Living.Dead.1990.1080p.BluRay', '👤 5 💾 2 GB')).toBe(false)
    expect(await of('⚡ cached', 'Night.of.the.Living.Dead.1990.1080p.BluRay')).toBe(false)
    expect(await of('Some.Show.S01E02.720p.HDTV')).toBe(false)
    expect(await of('Night of the Living Dead (1968) 1080p')).toBe(true)
    expect(await of('added 2024-05-01', '💾 2 GB')).toBe(true)
    expect(await of('⚡ RD+', '1080p')).toBe(true)
    expect(await isListed({}, film, night)).toBe(true)
  })

  test('what plays is the file: a text beside it does not count', async () => {
    const pack = { title: 'The.Twilight.Zone.S02.1080p', ...file('S01E03.mkv') }
    expect(await isListed(pack, episode(1, 3), zone)).toBe(true)
    const other = { title: 'The.Twilight.Zone.S01E03.1080p', ...file('S01E04.mkv') }
    expect(await isListed(other, episode(1, 3), zone)).toBe(false)
  })

  test('the log has every verdict', async () => {
    const told: Told = { debug: [] }
    await isListed(file('Night.of.the.Living.Dead.1990.mkv'), film, night, told)
    const [line] = told.debug
    expect(line).toEqual({
      name: 'Night.of.the.Living.Dead.1990.mkv',
      verdict: 'wrong: other year',
    })
  })
})
