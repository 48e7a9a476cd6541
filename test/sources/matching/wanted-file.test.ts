import { describe, expect, test } from '@jest/globals'
import type { Title } from '../../../common/title.ts'
import type { TitleFacts } from '../../../sources/matching/titles/title-facts.ts'
import { wantedFile } from '../../../sources/matching/wanted-file.ts'
import { nearParser } from '../../support/names.ts'

const MB = 1_000_000
/** `name` or `name = megabytes`; 500 MB when not said. */
const files = (names: readonly string[]) =>
  names.map((name) => {
    const [path = '', size = '500'] = name.split(' = ')
    return { path, size: Number(size) * MB }
  })
const movie: Title = { type: 'movie', imdbId: 'tt1254207' }
const episode = (season: number, number: number): Title => ({
  type: 'series',
  imdbId: 'tt0903747',
  season,
  episode: number,
})

type Case = [names: string[], season: number, episode: number, wanted: string | undefined]

describe('an episode in a pack', () => {
  test.each<Case>([
    // Season and episode together.
    [['Show.S01E01.720p.HDTV.x264-GRP.mkv', 'Show.S01E02.720p.HDTV.x264-GRP.mkv'], 1, 2, 'S01E02'],
    [['show.s1e1.mkv', 'show.s1e2.mkv'], 1, 2, 's1e2'],
    [['Show S01 E01.mkv', 'Show S01 E02.mkv'], 1, 1, 'E01'],
    [['Show.S01.E01.mkv', 'Show.S01.E02.mkv'], 1, 2, 'E02'],
    [['Show - S01_E01 - Pilot.avi', 'Show - S01_E02 - Two.avi'], 1, 2, 'Two'],
    [['Show - S01 - E01.mkv', 'Show - S01 - E02.mkv'], 1, 2, 'E02'],
    [['Show.S01EP01.mkv', 'Show.S01EP02.mkv'], 1, 2, 'EP02'],
    [['Show 1x01.avi', 'Show 1x02.avi'], 1, 2, '1x02'],
    [['Show - 1x01 - Pilot.mkv', 'Show - 2x01 - Back.mkv'], 2, 1, 'Back'],
    [['Show.10x05.mkv', 'Show.1x05.mkv'], 10, 5, '10x05'],
    [['Show Season 1 Episode 1.mp4', 'Show Season 1 Episode 2.mp4'], 1, 2, 'Episode 2'],
    [['Show.S2020E05.mkv', 'Show.S2020E06.mkv'], 2020, 6, 'E06'],
    [['Show.S01E001.mkv', 'Show.S01E101.mkv'], 1, 101, 'E101'],
    [['The.4400.S01E02.mkv', 'The.4400.S01E03.mkv'], 1, 3, 'E03'],
    [['24.S01E03.mkv', '24.S01E24.mkv'], 1, 24, 'E24'],
    [['S01E01.mkv', 'S01E02.mkv'], 1, 1, 'S01E01'],
    [['Show.2009.S02E03.1080p.mkv', 'Show.2009.S02E04.1080p.mkv'], 2, 4, 'E04'],
    [['Show (2009) - 1x03 - Name (1920x1080).mkv', 'Show (2009) - 1x04 - B.mkv'], 1, 3, '1x03'],
    // Several episodes in one file.
    [['Show.S01E01-E02.mkv', 'Show.S01E03.mkv'], 1, 2, 'E01-E02'],
    [['Show.S01E01E02.mkv', 'Show.S01E03.mkv'], 1, 2, 'E01E02'],
    [['Show.S01E01-E03.mkv', 'Show.S01E04.mkv'], 1, 2, 'E01-E03'],
    [['Show.S01E01-03.mkv', 'Show.S01E04.mkv'], 1, 3, 'E01-03'],
    [['Show.S01E01-S01E02.mkv', 'Show.S01E03.mkv'], 1, 2, 'S01E01-S01E02'],
    [['Show.1x01-1x02.mkv', 'Show.1x03.mkv'], 1, 2, '1x01-1x02'],
    [['Show.2x01-02.avi', 'Show.2x03.avi'], 2, 2, '2x01-02'],
    [['Show.S01E01-E02.mkv', 'Show.S01E02.mkv'], 1, 2, 'Show.S01E02'],
    [['Show.S01E02-720p.mkv', 'Show.S01E03-720p.mkv'], 1, 3, 'E03'],
    // The season in a folder, or in the torrent's name.
    // Episodes that are called like extras.
    [['Show.S01E02.The.Interview.1080p.mkv', 'Show.S01E03.mkv'], 1, 2, 'Interview'],
    [['Show 1x02 Exit Interview.mkv', 'Show 1x03.mkv'], 1, 2, 'Interview'],
    [['Show - S01E02 - The Trailer.mkv', 'Show - S01E03.mkv'], 1, 2, 'Trailer'],
    [['Show.S01E02.The.Sample.mkv', 'Show.S01E03.mkv'], 1, 2, 'Sample'],
    [['Show.S01E02.Deleted.Scenes.mkv', 'Show.S01E03.mkv'], 1, 2, undefined],
    [['Show.S01E02.Sample.mkv', 'Show.S01E03.mkv'], 1, 2, undefined],
    [['第一季/第01集.mp4', '第二季/第01集.mp4'], 2, 1, '第二季'],
    [['Season 1/01 - Pilot.mkv', 'Season 1/02 - Two.mkv'], 1, 2, 'Two'],
    [['Season 1/02 - title.mkv', 'Season 2/02 - other.mkv'], 2, 2, 'other'],
    [['Show/Season 01/Episode 3.mp4', 'Show/Season 02/Episode 3.mp4'], 2, 3, '02/'],
    [['S01/E01.mkv', 'S01/E02.mkv', 'S02/E02.mkv'], 1, 2, 'S01/E02'],
    [['Staffel 2/01.mkv', 'Staffel 2/02.mkv'], 2, 2, '02'],
    [['Show.S02.1080p/01.mkv', 'Show.S02.1080p/02.mkv'], 2, 1, '01'],
    [['Season 1/Show 1x02.mkv', 'Season 2/Show 2x02.mkv'], 2, 2, '2x02'],
    [['Season 2/01.mkv', 'Season 2/02.mkv'], 1, 2, undefined],
    [['Season 1/02 - a.mkv', 'Season 1/02 - b.mkv'], 1, 2, undefined],
    // Anime, absolute numbers.
    [['[Grp] Show - 01 [1080p].mkv', '[Grp] Show - 02 [1080p].mkv'], 1, 2, '02'],
    [['[SubsPlease] Show - 12 (1080p) [ABCD1234].mkv'], 1, 12, '12'],
    [['[SubsPlease] One Piece - 1071 (1080p) [AB12CD34].mkv'], 1, 1071, '1071'],
    [['[SubsPlease] One Piece - 1071 (1080p) [AB12CD34].mkv'], 21, 180, undefined],
    [['[SubsPlease] One Piece - 1071 (1080p) [AB12CD34].mkv'], 10, 71, undefined],
    [['[Grp] Show S2 - 04 [720p].mkv', '[Grp] Show S2 - 05 [720p].mkv'], 2, 5, '05'],
    [['[Grp] Show 3rd Season - 04.mkv', '[Grp] Show 3rd Season - 05.mkv'], 3, 4, '04'],
    [['[Grp] Show - 13 [1080p].mkv', '[Grp] Show - 14 [1080p].mkv'], 2, 1, undefined],
    [['[Grp] Show - NCOP1.mkv', '[Grp] Show - 01.mkv'], 1, 1, '- 01'],
    // Numbers run together.
    [['show.116.hdtv.avi', 'show.117.hdtv.avi'], 1, 17, '117'],
    [['Show 0306.mkv', 'Show 0307.mkv'], 3, 7, '0307'],
    [['show.1005.avi', 'show.1006.avi'], 10, 5, '1005'],
    [['Season 3/Show 306.avi', 'Season 3/Show 307.avi'], 3, 7, '307'],
    [['Bleach 299.mkv', 'Bleach 300.mkv', 'Bleach 305.mkv'], 3, 5, undefined],
    [['Naruto 005.mkv', 'Naruto 117.mkv'], 1, 17, undefined],
    [['Show.117.avi', 'Show.S01E17.avi'], 1, 17, 'S01E17'],
    [['Show 117 a.avi', 'Show 117 b.avi'], 1, 17, undefined],
    [['Show 1080.mkv', 'Show 2010.mkv'], 20, 10, undefined],
    // Specials.
    [['Show.S00E01.Special.mkv', 'Show.S01E01.mkv'], 0, 1, 'S00E01'],
    [['Show.S00E01.Special.mkv', 'Show.S01E01.mkv'], 1, 1, 'S01E01'],
    [['Specials/01 - Making.mkv', 'Season 1/01 - Pilot.mkv'], 1, 1, 'Pilot'],
    [['Specials/01 - Story.mkv', 'Season 1/01 - Pilot.mkv'], 0, 1, 'Story'],
    [['Show - SP01.mkv', 'Show - 01.mkv'], 1, 1, 'Show - 01'],
    [['Show.S01E01.mkv', 'Show.S01E02.mkv'], 0, 1, undefined],
    // What is no episode.
    [['Show.S01E01.mkv', 'Sample/show.s01e01-sample.mkv = 900'], 1, 1, 'Show.S01E01'],
    [['Show.S01E01.sample.mkv = 900', 'Show.S01E01.mkv'], 1, 1, 'E01.mkv'],
    [['Show.S01E01.nfo = 900', 'Show.S01E01.srt = 900', 'Show.S01E01.mkv'], 1, 1, 'E01.mkv'],
    [['Featurettes/S01E01 Making.mkv = 900', 'Show.S01E01.mkv'], 1, 1, 'Show.S01E01'],
    [['Show.S01E01.Trailer.mkv = 900', 'Show.S01E01.mkv'], 1, 1, 'E01.mkv'],
    [['Trailer.Park.Boys.S01E01.mkv', 'Trailer.Park.Boys.S01E02.mkv'], 1, 2, 'E02'],
    [['Extras.S01E01.mkv', 'Extras.S01E02.mkv'], 1, 2, 'E02'],
    // Versions of one episode, and nothing to go by.
    [['Show.S01E01.480p.mkv = 200', 'Show.S01E01.1080p.mkv = 900'], 1, 1, '1080p'],
    [['Show.S01E01.mkv', 'Show.S01E02.mkv'], 1, 3, undefined],
    [['Show.S01E01.mkv'], 1, 2, undefined],
    [['The.Pilot.mkv'], 1, 1, 'The.Pilot'],
    [['The.Pilot.mkv', 'The.End.mkv'], 1, 1, undefined],
    [['readme.txt'], 1, 1, undefined],
    [[], 1, 1, undefined],
  ])('%j, %i:%i', async (names, season, number, wanted) => {
    const list = files(names)
    const at = await wantedFile(nearParser, list, episode(season, number), {})
    if (wanted === undefined) expect(at).toBeUndefined()
    else expect(list[at ?? -1]?.path).toContain(wanted)
  })

  test('takes the season from the torrent’s name', async () => {
    const list = files(['01 - Pilot.mkv', '02 - Two.mkv'])
    expect(await wantedFile(nearParser, list, episode(2, 2), {}, 'Show Season 2 (1080p)')).toBe(1)
    expect(
      await wantedFile(nearParser, list, episode(1, 2), {}, 'Show Season 2 (1080p)'),
    ).toBeUndefined()
    expect(await wantedFile(nearParser, list, episode(1, 2), {}, 'Show S01-S03 Complete')).toBe(1)
    expect(
      await wantedFile(nearParser, list, episode(2, 2), {}, 'Show S01-S03 Complete'),
    ).toBeUndefined()
  })

  test('reads a hostile name quickly', async () => {
    const list = files([
      `${'s01e'.repeat(100)}${'-e1'.repeat(30_000)}.mkv`,
      `${'['.repeat(9999)}.mkv`,
    ])
    expect(await wantedFile(nearParser, list, episode(3, 3), {})).toBeUndefined()
  })
})

describe('a movie', () => {
  test.each<[string[], string | undefined]>([
    [['Big Buck Bunny.mp4 = 276', 'poster.jpg', 'Big Buck Bunny.en.srt'], 'Bunny.mp4'],
    [['film.mkv = 900', 'film-sample.mkv = 20'], 'film.mkv'],
    [['film.mkv = 900', 'Sample/film.mkv = 2000'], 'film.mkv'],
    [['Sintel.mp4 = 100', 'Sintel-trailer-1080p.mp4 = 400'], 'Sintel.mp4'],
    [['Film (2010)/Film.avi = 700', 'Film (2010)/Extras/Making of.avi = 800'], 'Film.avi'],
    [['CD1.avi = 700', 'CD2.avi = 690'], 'CD1'],
    [['film.mkv = 0', 'film.iso = 900'], undefined],
    [['film.exe', 'film.rar'], undefined],
    // Extras are left out where another video remains, and only there.
    [['The Interview.mkv = 900', 'poster.jpg'], 'The Interview.mkv'],
    [['Interview.with.the.Vampire.1994.mkv', 'Sample/vampire-sample.mkv = 20'], 'Vampire'],
    [['Frost.Nixon.Interview.1080p.mkv = 900', 'Featurettes/Making of.mkv = 90'], 'Frost.Nixon'],
    [['The.Sample.2012.mkv = 900'], 'The.Sample'],
    [['sample.mkv = 20', 'Subs.rar = 1'], 'sample.mkv'],
    [['Extras/film.avi = 700'], 'film.avi'],
    [['sample.mkv = 20', 'film.rar = 50', 'film.r00 = 50', 'film.r01 = 50'], undefined],
    [['sample.mkv = 20', 'film.7z = 900'], undefined],
    // A film in parts begins with the first one, whichever is larger.
    [['CD1.avi = 690', 'CD2.avi = 700'], 'CD1'],
    [['Film CD2.avi = 700', 'Film CD1.avi = 699', 'Film CD3.avi = 50'], 'CD1'],
    [['CD1/film.avi = 690', 'CD2/film.avi = 700'], 'CD1/'],
    [['CD 1/film-a.avi = 690', 'CD 2/film-b.avi = 700'], 'CD 1/'],
    [['CD1/film.cd1.avi = 690', 'CD2/film.cd2.avi = 700'], 'cd1'],
    [['Film (Part 2).mkv = 9', 'Film (Part 1).mkv = 8'], 'Part 1'],
    [['Film.Part.II.mkv = 9', 'Film.Part.I.mkv = 8'], 'Part.I.mkv'],
    [['Film part two.mkv = 9', 'Film part one.mkv = 8'], 'part one'],
    [['Film pt.2.mkv = 9', 'Film pt.1.mkv = 8'], 'pt.1'],
    [['Film Disc2.mkv = 9', 'Film Disc1.mkv = 8'], 'Disc1'],
    [['Film Teil 2.mkv = 9', 'Film Teil 1.mkv = 8'], 'Teil 1'],
    [['Film 2of2.avi = 9', 'Film 1of2.avi = 8'], '1of2'],
    [['VIDEO_TS/VTS_01_0.VOB = 9', 'VIDEO_TS/VTS_01_1.VOB = 8', 'VIDEO_TS/VTS_01_2.VOB = 9'], '_1'],
    // What only looks like it.
    [['Film Part 2.mkv = 900', 'Film Part 1 teaser.mkv = 30'], 'Part 2'],
    [['Film Part 2.mkv = 900', 'Film Part 1.mkv = 30'], 'Part 2'],
    [['A CD1.avi = 9', 'B CD2.avi = 10'], 'B CD2'],
    [['A/CD2/a.avi = 9', 'B/CD1/b.avi = 8'], 'A/CD2'],
    [['Party 1.mkv = 8', 'Party 2.mkv = 9'], 'Party 2'],
    [['Film Part 1 (2010).mkv = 8', 'Film Part 2 (2011).mkv = 9'], undefined],
    [['Film Part 2.mkv = 9'], 'Part 2'],
    [['Film Part 2.mkv = 9', 'Film Part 3.mkv = 8'], 'Part 2'],
  ])('%j', async (names, wanted) => {
    const list = files(names)
    const at = await wantedFile(nearParser, list, movie, {})
    if (wanted === undefined) expect(at).toBeUndefined()
    else expect(list[at ?? -1]?.path).toContain(wanted)
  })
})

const MCU = ['01. Iron Man (2008)', '03. Iron Man 2 (2010)', '04. Thor (2011)'].map(
  (n) => `${n}.mkv`,
)
const POTTER = [
  'Harry Potter and the Goblet of Fire.mkv = 2150',
  'Harry Potter and the Deathly Hallows Part 1.mkv = 2300',
  'Harry Potter and the Deathly Hallows Part 2.mkv = 2350',
]
const GODFATHERS = ['I', 'II', 'III'].map(
  (part, at) => `The Godfather Part ${part}.mkv = ${900 + at}`,
)
const DUNES = ['Dune Part One.mkv = 900', 'Dune Part Two.mkv = 901']
const BONDS = ['James Bond 01 - Dr. No (1962).mkv', 'James Bond 03 - Goldfinger (1964).mkv']
const DISCS = ['Dr. No (1962)', 'Goldfinger (1964)'].map((n) => `${n}/BDMV/STREAM/00001.m2ts`)
const LAW = ['Law.and.Order.S01E02.mkv = 800', 'Law.and.Order.SVU.S01E02.mkv = 900']

describe('a film of a collection, by its title', () => {
  test.each<[string[], string, number, string | undefined]>([
    // Parts that are films, and parts of one.
    [POTTER, 'Harry Potter and the Goblet of Fire', 2005, 'Goblet'],
    [POTTER, 'Harry Potter and the Deathly Hallows: Part 2', 2011, 'Part 2'],
    [POTTER, 'Inception', 2010, undefined],
    [GODFATHERS, 'The Godfather Part II', 1974, 'Part II.mkv'],
    [GODFATHERS, 'The Godfather', 1972, 'Part I.mkv'],
    [DUNES, 'Dune: Part Two', 2024, 'Two'],
    [DUNES, 'Dune: Part One', 2021, 'One'],
    [['Kill Bill Part 1.avi', 'Kill Bill Part 2.avi'], 'Kill Bill: Vol. 2', 2004, 'Part 2'],
    [['Gettysburg Part 2.avi = 9', 'Gettysburg Part 1.avi = 8'], 'Gettysburg', 1993, 'Part 1'],
    [['Gettysburg CD2.avi = 9', 'Gettysburg CD1.avi = 8'], 'Gettysburg', 1993, 'CD1'],
    // Their numbers in front.
    [MCU, 'Iron Man', 2008, '01.'],
    [MCU, 'Iron Man 2', 2010, '03.'],
    [MCU, 'Thor', 2011, '04.'],
    [BONDS, 'Goldfinger', 1964, 'Goldfinger'],
    [['12 Angry Men.mkv', '12 Monkeys.mkv'], '12 Monkeys', 1995, 'Monkeys'],
    // Only their folders say what they are.
    [['Thor (2011)/video.mkv', 'Iron Man (2008)/video.mkv'], 'Thor', 2011, 'Thor'],
    [DISCS, 'Goldfinger', 1964, 'Goldfinger'],
    [['Films/Black Swan.mkv', 'Films/Shutter Island.mkv'], 'Films', 2010, undefined],
    // The first has a number that it was not made with.
    [['Die Hard 1 (1988).mkv', 'Die Hard 2 (1990).mkv'], 'Die Hard', 1988, 'Hard 1'],
    [['Rocky I (1976).mkv', 'Rocky II (1979).mkv'], 'Rocky', 1976, 'Rocky I '],
    [['The Lion King.mkv = 8', 'The Lion King 1.5.mkv = 9'], 'The Lion King', 1994, 'King.mkv'],
  ])('%j: %s (%i)', async (names, name, year, wanted) => {
    const list = files(names)
    const at = await wantedFile(nearParser, list, movie, {}, '', async () => ({ name, year }))
    if (wanted === undefined) expect(at).toBeUndefined()
    else expect(list[at ?? -1]?.path).toContain(wanted)
  })
})

describe('an episode of one of several series, or in halves', () => {
  const law = { name: 'Law & Order', year: 1990 }
  test.each<[string[], TitleFacts, string | undefined]>([
    [LAW, law, 'Order.S01E02'],
    [
      ['Naruto.Shippuden.S01E02.mkv = 9', 'Naruto.S01E02.mkv = 8'],
      { name: 'Naruto', year: 2002 },
      'Naruto.S',
    ],
    [
      ['SpongeBob S01E02a - Bubblestand.mkv = 100', 'SpongeBob S01E02b - Pants.mkv = 110'],
      law,
      'E02a',
    ],
    [['Bluey.1x02a.mkv = 100', 'Bluey.1x02b.mkv = 110'], law, '02a'],
    [['Bluey S01E02 Part 1.mkv = 100', 'Bluey S01E02 Part 2.mkv = 110'], law, 'Part 1'],
    [['Bluey.S01E02.CD1.avi = 100', 'Bluey.S01E02.CD2.avi = 110'], law, 'CD1'],
    [['Show.S01E02.A.Day.720p.mkv = 100', 'Show.S01E02.A.Day.1080p.mkv = 110'], law, '1080p'],
  ])('%j', async (names, facts, wanted) => {
    const list = files(names)
    const at = await wantedFile(nearParser, list, episode(1, 2), {}, '', async () => facts)
    expect(list[at ?? -1]?.path).toContain(wanted)
  })

  test('one video that is named for another day is none', async () => {
    const list = files(['the.daily.show.2024.03.06.mkv'])
    const days = new Map([[29, ['2024-03-05', '2024-03-06']]])
    const facts = async () => ({ name: 'The Daily Show', year: 1996, days })
    const torrent = 'The.Daily.Show.2024.03.06.1080p'
    const at = (number: number) =>
      wantedFile(nearParser, list, episode(29, number), {}, torrent, facts)
    expect([await at(1), await at(2)]).toEqual([undefined, 0])
  })

  test.each([
    ['2024-03-04.mkv', '2024-03-05.mkv', '2024-03-06.mkv'],
    ['20240304.mkv', '20240305.mkv', '20240306.mkv'],
    ['2024.03.04 Guest.mkv', '2024.03.05 Guest.mkv', '2024.03.06 Guest.mkv'],
  ])(
    'of files that are called by days alone (%s) the torrent says the series',
    async (...names) => {
      const days = new Map([[29, ['2024-03-04', '2024-03-05', '2024-03-06']]])
      const facts = async () => ({ name: 'The Daily Show', year: 1996, days })
      const at = (torrent: string) =>
        wantedFile(nearParser, files(names), episode(29, 2), {}, torrent, facts)
      expect(await at('The Daily Show 2024')).toBe(1)
      expect(await at('The Late Show 2024')).toBeUndefined()
    },
  )

  test('a number beyond its season counts through all of them', async () => {
    const list = files([26, 30, 37].map((n) => `[Group] Shingeki no Kyojin S2 - ${n} [1080p].mkv`))
    const seasons = [25, 12].map((episodes, at) => ({ season: at + 1, episodes, years: [] }))
    const facts = async () => ({ name: 'Shingeki no Kyojin', year: 2013, seasons })
    expect(await wantedFile(nearParser, list, episode(2, 5), {}, '', facts)).toBe(1)
  })
})

describe('a selector', () => {
  const list = files(['a/one.mkv', 'a/two.mkv', 'b/two.mkv', 'notes.txt'])
  test.each<[object, number | undefined]>([
    [{ fileIdx: 1 }, 1],
    [{ fileIdx: 3 }, undefined],
    [{ fileIdx: 9 }, undefined],
    [{ file: 'b/two.mkv' }, 2],
    [{ file: './a/one.mkv' }, 0],
    [{ file: 'one.mkv' }, 0],
    [{ file: 'two.mkv' }, undefined],
    [{ file: 'notes.txt' }, undefined],
    [{ file: 'three.mkv' }, undefined],
    [{ file: 'One.MKV' }, 0],
    // Both: the file at the index if it is called so, else the one that is, else none.
    [{ file: 'two.mkv', fileIdx: 2 }, 2],
    [{ file: 'two mkv', fileIdx: 1 }, 1],
    [{ file: 'one.mkv', fileIdx: 1 }, 0],
    [{ file: 'three.mkv', fileIdx: 1 }, undefined],
    [{ file: 'one.mkv', fileIdx: 9 }, 0],
  ])('%j wins over every name', async (selector, wanted) => {
    expect(await wantedFile(nearParser, list, episode(1, 1), selector)).toBe(wanted)
  })
})

describe('a file that another addon names', () => {
  const list = files([
    ...['Season 1/Episode 1.mkv', 'Season 1/Episode 2.mkv', 'Season 2/Episode 1.mkv'],
    ...['Season 2/Episode 2.mkv', 'Sample/sample.mkv = 20', 'Season 2/Episode 2.srt', 'Bonus.mkv'],
  ])
  test.each<[{ file?: string; fileIdx?: number }, number, number, number | undefined]>([
    // An index alone, which the names bear out or not.
    [{ fileIdx: 2 }, 2, 1, 2],
    [{ fileIdx: 3 }, 2, 1, 2],
    [{ fileIdx: 4 }, 2, 1, 2],
    [{ fileIdx: 5 }, 2, 1, 2],
    [{ fileIdx: 99 }, 2, 1, 2],
    [{ fileIdx: 3 }, 2, 3, undefined],
    [{ fileIdx: 6 }, 2, 3, 6],
    // Another season: counted in another way, as far as nobody knows better.
    [{ fileIdx: 1 }, 3, 9, 1],
    // Several are called so.
    [{ file: 'Episode 1.mkv' }, 2, 1, 2],
    [{ file: 'Episode 1.mkv', fileIdx: 2 }, 2, 1, 2],
    [{ file: 'Episode 1.mkv', fileIdx: 0 }, 2, 1, 2],
    [{ file: 'Episode 1.mkv', fileIdx: 0 }, 3, 9, 0],
    [{ file: 'Episode 1.mkv' }, 3, 9, undefined],
  ])('%j of %i:%i', async (told, season, number, wanted) => {
    const selector = { ...told, isHint: true as const }
    expect(await wantedFile(nearParser, list, episode(season, number), selector, 'Show')).toBe(
      wanted,
    )
  })

  test('by an index that is of another film, or an extra', async () => {
    const films = files(['Dune.1984.mkv = 900', 'Dune.2021.mkv = 950', 'Trailer.mkv = 20'])
    const facts = async () => ({ name: 'Dune', year: 2021 })
    for (const fileIdx of [0, 1, 2]) {
      const selector = { fileIdx, isHint: true as const }
      expect(await wantedFile(nearParser, films, movie, selector, 'Dune', facts)).toBe(1)
    }
    // Who runs the server is believed.
    expect(await wantedFile(nearParser, films, movie, { fileIdx: 0 }, 'Dune', facts)).toBe(0)
  })
})

describe('a name that cannot be read in time', () => {
  const unread = {
    ...nearParser,
    marks: async (paths: readonly string[]) => {
      const marks = await nearParser.marks(paths)
      return marks.map((one, at) => (paths[at]?.includes('slow') ? undefined : one))
    },
  }
  test.each<[string[], string | undefined]>([
    [['slow.mkv', 'Show.S01E02.mkv'], 'S01E02'],
    // It may be the wanted one.
    [['slow.mkv', '02 - Two.mkv'], undefined],
    [['slow.mkv'], 'slow'],
    [['slow.mkv', 'slower.mkv'], undefined],
  ])('%j', async (names, wanted) => {
    const list = files(names)
    const at = await wantedFile(unread, list, episode(1, 2), {})
    expect(at === undefined ? undefined : list[at]?.path).toEqual(
      wanted === undefined ? undefined : expect.stringContaining(wanted),
    )
  })
})
