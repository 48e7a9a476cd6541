import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Title } from '../../../../common/title.ts'
import type { TitleFacts } from '../../../../sources/matching/titles/title-facts.ts'
import type { NameParser } from '../../../../sources/names/name-parser.ts'
import { NO_NAME } from '../../../../sources/names/parsed-name.ts'
import { nearParser } from '../../../support/names.ts'
import { LibraryWorld } from './library-world.ts'

let world: LibraryWorld
beforeEach(async () => {
  world = await LibraryWorld.make()
})
afterEach(() => world.end())

const FILM: Title = { type: 'movie', imdbId: 'tt0084787' }
const THING: TitleFacts = { name: 'The Thing', year: 1982, countries: ['us'] }
const at = (season: number, episode: number): Title => ({
  type: 'series',
  imdbId: 'tt0386676',
  season,
  episode,
})
const season = (number: number, episodes: number, ...years: number[]) => ({
  season: number,
  episodes,
  years,
})
const OFFICE: TitleFacts = {
  name: 'The Office',
  year: 2005,
  endYear: 2013,
  countries: ['us'],
  seasons: [season(1, 6, 2005), season(2, 22, 2005, 2006), season(3, 23, 2006, 2007)],
}
const FRIEREN: TitleFacts = {
  name: 'Frieren: Beyond Journey’s End',
  year: 2023,
  aliases: ['Sousou no Frieren'],
  countries: ['jp'],
  seasons: [season(1, 28, 2023, 2024), season(2, 10, 2026)],
}

describe('a film', () => {
  test.each<[string, string[]]>([
    ['in its folder', ['The Thing (1982)/The Thing (1982).mkv']],
    ['whose folder alone has the year', ['The Thing (1982)/The Thing.mkv']],
    ['without a folder', ['The.Thing.1982.1080p.BluRay.x264-GRP.mkv']],
    ['in folders of kinds', ['Films/Horror/The Thing (1982)/the.thing.1982.mkv']],
    ['with its article behind', ['Thing, The (1982)/Thing, The.mkv']],
    [
      'in two versions',
      [
        'The Thing (1982)/The Thing (1982) - 1080p.mkv',
        'The Thing (1982)/The Thing (1982) - 2160p {edition-Remastered}.mkv',
      ],
    ],
    ['with an id', ['The Thing (1982) {imdb-tt0084787}/The Thing (1982) {imdb-tt0084787}.mkv']],
    ['with an id in a name that says nothing', ['Das Ding aus einer anderen Welt [tt0084787].mkv']],
    ['with the id of its folder alone', ['Das Ding {imdb-tt0084787}/Das Ding.mkv']],
    ['called movie', ['The Thing (1982)/movie.mkv']],
    ['on a DVD', ['The Thing (1982)/VIDEO_TS/VTS_01_1.VOB']],
    ['on discs', ['The Thing (1982)/The Thing CD1.avi', 'The Thing (1982)/The Thing CD2.avi']],
  ])('%s is listed', async (_, paths) => {
    world.facts = THING
    await world.put(...paths)
    const listed = await world.listed(FILM)
    expect(listed).toEqual(paths)
  })

  test.each<[string, string]>([
    ['another year', 'The Thing (2011)/The Thing (2011).mkv'],
    ['another year in its folder', 'The Thing (2011)/The Thing.mkv'],
    ['its year in a folder of another', 'The Thing (2011)/The Thing (1982).mkv'],
    ['another year in its own folder', 'The Thing (1982)/The Thing (2011).mkv'],
    ['no year at all', 'The Thing/The Thing.mkv'],
    ['a longer title', 'The Thing Called Love (1982)/The Thing Called Love (1982).mkv'],
    ['another title in its folder', 'The Thing (1982)/The Fog.mkv'],
    ['a number in its folder', 'The Thing (1982)/300.mkv'],
    ['a sequel', 'The Thing 2 (1982)/The Thing 2 (1982).mkv'],
    ['a series', 'The Thing (1982)/Season 01/The Thing S01E01.mkv'],
    ['another id', 'The Thing (1982) {imdb-tt0905372}/The Thing (1982).mkv'],
    ['another id of its own', 'The Thing (1982)/The Thing (1982) [tt0905372].mkv'],
    ['a trailer', 'The Thing (1982)/The Thing (1982)-trailer.mkv'],
    ['an extra', 'The Thing (1982)/Featurettes/The Thing (1982).mkv'],
    ['a sample', 'The Thing (1982)/Sample/the.thing.1982.sample.mkv'],
    ['a hidden file', 'The Thing (1982)/._The Thing (1982).mkv'],
    ['a hidden folder', '.Trash/The Thing (1982)/The Thing (1982).mkv'],
    ['a download that runs', 'The Thing (1982)/The Thing (1982).mkv.part'],
    ['no video', 'The Thing (1982)/The Thing (1982).iso'],
  ])('%s is not', async (_, path) => {
    world.facts = THING
    await world.put(path)
    expect(await world.listed(FILM)).toEqual([])
  })

  test('an id that a note beside it gives counts as one in its name', async () => {
    world.facts = THING
    await world.put('a/Das Ding.mkv', 'b/Das Ding.mkv', 'c/The Thing (1982).mkv')
    await world.write('a/Das Ding.nfo', '<movie><uniqueid type="imdb">tt0084787</uniqueid></movie>')
    await world.write('b/movie.nfo', 'https://www.imdb.com/title/tt0084787/')
    await world.write('c/movie.nfo', '<movie><imdbid>tt0905372</imdbid></movie>')
    expect(await world.listed(FILM)).toEqual(['a/Das Ding.mkv', 'b/Das Ding.mkv'])
  })

  test('of several in a folder with an id only those are its film that are called so', async () => {
    world.facts = THING
    await world.put('x [tt0084787]/The Thing.mkv', 'x [tt0084787]/Something.mkv')
    expect(await world.listed(FILM)).toEqual(['x [tt0084787]/The Thing.mkv'])
  })
})

describe('an episode', () => {
  test.each<[string, string]>([
    [
      'as people keep them',
      'The Office (2005)/Season 02/The Office (2005) - S02E03 - The Fire.mkv',
    ],
    ['without the year', 'The Office/Season 02/The Office - S02E03.mkv'],
    ['in one folder', 'The Office (2005)/The Office S02E03.mkv'],
    ['called by its number', 'The Office (2005)/Season 2/S02E03.mkv'],
    ['called by its number alone', 'The Office (2005)/Season 2/03 - The Fire.mkv'],
    ['called Episode', 'The Office (US)/Staffel 2/Episode 3.mkv'],
    ['with an x', 'The Office US/2x03 The Fire.avi'],
    ['a release', 'tv/The.Office.US.S02.1080p.WEB-DL/The.Office.US.S02E03.1080p.WEB-DL.mkv'],
    ['of two', 'The Office (2005)/Season 2/The Office - S02E03-E04.mkv'],
    ['with an id', 'Das Büro {imdb-tt0386676}/Staffel 2/Das Büro S02E03.mkv'],
    ['with an id and a number', 'Das Büro [tt0386676]/Staffel 2/03.mkv'],
    [
      'of a folder that tells where it is from',
      'series/O/The Office (US) (2005)/Season 2/S02E03.mkv',
    ],
  ])('%s is listed', async (_, path) => {
    world.facts = OFFICE
    await world.put(path)
    expect(await world.listed(at(2, 3))).toEqual([path])
    expect(await world.listed(at(2, 5))).toEqual([])
    expect(await world.listed(at(1, 3))).toEqual([])
  })

  test.each<[string, string]>([
    ['the series of another year', 'The Office (2001)/Season 02/The Office - S02E03.mkv'],
    ['that of another country', 'The Office (UK)/Season 02/The Office - S02E03.mkv'],
    ['another country, by number', 'The Office (UK)/Season 02/03.mkv'],
    ['a longer title', 'The Office Mysteries/Season 02/S02E03.mkv'],
    ['another title in its folder', 'The Office (2005)/Season 02/Parks and Recreation S02E03.mkv'],
    ['another id', 'The Office {imdb-tt0290978}/Season 02/The Office - S02E03.mkv'],
    ['a number in the root', 'Season 02/03.mkv'],
    ['a number without a season', 'The Office (2005)/03.mkv'],
    ['a film', 'The Office (2005)/The Office (2005).mkv'],
    ['a trailer', 'The Office (2005)/Season 02/The Office - S02E03-trailer.mkv'],
    ['an extra', 'The Office (2005)/Season 02/Extras/The Office - S02E03.mkv'],
    ['a folder of another season', 'The Office Season 1/The Office - S02E03.mkv'],
  ])('%s is not', async (_, path) => {
    world.facts = OFFICE
    await world.put(path)
    expect(await world.listed(at(2, 3))).toEqual([])
  })

  test('the id in a note of the episode is not that of the series', async () => {
    world.facts = OFFICE
    await world.put('Büro/Season 2/S02E03.mkv', 'The Office/Season 2/The Office S02E03.mkv')
    await world.write(
      'Büro/tvshow.nfo',
      '<uniqueid type="imdb" default="true">tt0386676</uniqueid>',
    )
    const note = '<episodedetails><uniqueid type="imdb">tt0664519</uniqueid></episodedetails>'
    await world.write('The Office/Season 2/The Office S02E03.nfo', note)
    expect(await world.listed(at(2, 3))).toEqual([
      'Büro/Season 2/S02E03.mkv',
      'The Office/Season 2/The Office S02E03.mkv',
    ])
  })

  test('numbers of anime are of the season that the folder says, never of another', async () => {
    world.facts = FRIEREN
    const paths = [
      'Frieren/Season 1/[Grp] Sousou no Frieren - 05 (1080p).mkv',
      'Frieren/Season 2/[Grp] Sousou no Frieren - 05 (1080p).mkv',
      'Frieren/Season 2/[Grp] Sousou no Frieren - 34 (1080p).mkv',
      '[Grp] Sousou no Frieren - 33 (1080p).mkv',
    ]
    await world.put(...paths)
    expect(await world.listed(at(1, 5))).toEqual([paths[0]])
    expect(await world.listed(at(2, 5))).toEqual([paths[3], paths[1]])
    expect(await world.listed(at(2, 6))).toEqual([paths[2]])
  })

  test('a number that may count in two ways is none', async () => {
    world.facts = { ...FRIEREN, seasons: [season(1, 4, 2023), season(2, 10, 2026)] }
    await world.put('Season 2/Sousou no Frieren - 06.mkv', 'Season 2/Sousou no Frieren - 03.mkv')
    expect(await world.listed(at(2, 6))).toEqual([])
    expect(await world.listed(at(2, 2))).toEqual([])
    expect(await world.listed(at(2, 3))).toEqual(['Season 2/Sousou no Frieren - 03.mkv'])
  })

  test('dailies go by their day', async () => {
    const days = new Map([[2, ['', '', '2005-10-11']]])
    world.facts = { ...OFFICE, days }
    await world.put(
      'The Office/2005/The Office 2005-10-11.mkv',
      'The Office/The.Office.2005.10.12.mkv',
    )
    expect(await world.listed(at(2, 3))).toEqual(['The Office/2005/The Office 2005-10-11.mkv'])
  })
})

test('a title of one short word is looked for at the beginning of names only', async () => {
  world.facts = { name: 'It', year: 2017 }
  await world.put('It (2017)/It (2017).mkv', 'Lights (2017)/Lights (2017).mkv', 'Do It (2017).mkv')
  expect(await world.listed(FILM)).toEqual(['It (2017)/It (2017).mkv'])
})

test('names in other letters are found by the ways to write them', async () => {
  world.facts = { name: 'Брат', year: 1997, aliases: ['Fast & Furious'] }
  await world.put('Brat (1997).mkv', 'Брат (1997)/Брат.mkv', 'Fast.and.Furious.1997.mkv')
  expect((await world.listed(FILM)).toSorted()).toEqual(
    ['Brat (1997).mkv', 'Fast.and.Furious.1997.mkv', 'Брат (1997)/Брат.mkv'].toSorted(),
  )
})

test('a name that could not be read in time is read once more', async () => {
  world.facts = THING
  await world.put('The Thing (1982).mkv')
  const seen = new Set<string>()
  const parser: NameParser = {
    ...nearParser,
    async releases(names) {
      const parsed = await nearParser.releases(names)
      return parsed.map((one, at) => {
        const isNew = !seen.has((names[at] ?? '').trim())
        seen.add((names[at] ?? '').trim())
        return isNew || !names[at]?.endsWith(' ') ? NO_NAME : one
      })
    },
  }
  expect(await world.listed(FILM, world.open({ parser }))).toEqual(['The Thing (1982).mkv'])
})
