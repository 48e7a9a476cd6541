import { describe, expect, test } from '@jest/globals'
import type { Title } from '../../../common/title.ts'
import { match } from '../../../sources/matching/match.ts'
import { readRelease } from '../../../sources/names/read-release.ts'
import { factsIn } from '../../corpus/matching/cases.ts'

/** @param asked `season:episode`; empty of a film */
function kindOf(header: string, asked: string, name: string): string {
  const [season = 0, episode = 0] = asked.split(':').map(Number)
  const title: Title =
    asked === ''
      ? { type: 'movie', imdbId: 'tt9000900' }
      : { type: 'series', imdbId: 'tt9000900', season, episode }
  return match(readRelease(name), title, factsIn(header)).kind
}

const MUSHOKU =
  'Mushoku Tensei: Jobless Reincarnation | 2021- | JP | 23 24 | aka Mushoku Tensei: Isekai Ittara'
const OVERLORD = 'Overlord | 2015-2022 | JP | 13 13 13 13'
const LONG = 'Yo soy Betty, la fea | 1999-2001 | CO | 335'
const HOBBIT = 'The Hobbit: An Unexpected Journey | 2012 | US,NZ'
const EMPIRE = 'Star Wars: Episode V - The Empire Strikes Back | 1980 | US'
const HALLOWS = 'Harry Potter and the Deathly Hallows: Part 1 | 2010 | UK,US'
const TOWERS = 'The Lord of the Rings: The Two Towers | 2002 | NZ,US'
const PARK = 'The Lost World: Jurassic Park | 1997 | US'
const WICK = 'John Wick: Chapter 4 | 2023 | US'
const HEIST = 'La casa de papel | 2017-2021 | ES | 13 9 8 8 10 | aka Money Heist'
const CLONES = 'Star Wars: The Clone Wars | 2008-2020 | US | 22 22 22'
const AVATAR = 'Avatar: The Last Airbender | 2005-2008 | US | 20 20 21'
const UNTAMED = 'The Untamed | 2019 | CN | 50 | aka 陈情令'
const HEXER = 'Wiedźmin | 2002 | PL | 13'
const WITCHER = 'The Witcher | 2019- | US | 8 8 8 @ 2019 2021 2023'

describe('a name of another series, season or part is not taken for the title', () => {
  test.each([
    // A number in front of the second title is the season.
    [MUSHOKU, '1:3', 'Mushoku Tensei II: Isekai Ittara - 03'],
    [MUSHOKU, '1:3', 'Mushoku.Tensei.II.Jobless.Reincarnation.S01E03'],
    [OVERLORD, '1:4', 'Overlord III S01E04'],
    // Words of releases that name another series.
    ['Ultraman | 2019-2023 | JP | 13', '1:3', 'Ultraman Max - 03'],
    ['Fruits Basket | 2019-2021 | JP | 25 25 13', '1:3', '[Group] Fruits Basket The Final - 03'],
    ['Pororo | 2003- | KR | 52', '1:3', 'Pororo.Special.S01E03'],
    ['Digimon Adventure | 1999-2000 | JP | 54', '1:3', 'Digimon Adventure 02 - 03'],
    // Counted on in a season of hundreds.
    [LONG, '1:20', 'Yo soy Betty la fea Cap 120'],
    // A year that the series never saw.
    [HEXER, '1:3', 'Wiedzmin.S01E03.2019.PL.1080p'],
    [WITCHER, '1:3', 'The.Witcher.S01E03.2002.PL.DVDRip'],
    [WITCHER, '1:3', 'The.Witcher.S01.2002.DVDRip'],
    // What is left out is left out of films, whose year bears them out.
    [CLONES, '1:3', 'Star.Wars.Clone.Wars.S01E03'],
    [HOBBIT, '', 'The.Hobbit.1977.1080p'],
    [HOBBIT, '', 'The.Hobbit.2.An.Unexpected.Journey.2013'],
    [EMPIRE, '', 'Star.Wars.The.Empire.Strikes.Back.1950'],
    [TOWERS, '', 'The.Lord.of.the.Rings.2002'],
    [TOWERS, '', 'Two.Towers.2002'],
    [HALLOWS, '', 'Harry.Potter.7.and.the.Deathly.Hallows.Part.2.2010'],
    ['Dune | 2021 | US', '', 'Dune.Part.Two.2021'],
    ['Dune | 2021 | US', '', 'Dune.2021.Part.1'],
    ['Dune: Part One | 2021 | US', '', 'Dune.1984'],
    ['Dune: Part Two | 2024 | US', '', 'Dune.2024'],
    ['Doctor Strange | 2016 | US', '', 'Dr.Strange.1978'],
    ["Marvel's Spider-Man | 2017-2020 | US | 25 26 6", '1:3', 'Spider-Man.S01E03'],
    [HEIST, '3:4', 'Money.Heist.Korea.S03E04'],
    ['The Last Kingdom | 2015-2022 | UK | 8 8 10', '2:3', 'The.Last.Kingdom.T3x03'],
    ['Love Island Australia | 2018- | AU | 30 30', '2:3', 'Love.Island.UK.S02E03'],
    ['Love Island USA | 2019- | US | 22 34', '2:3', 'Love.Island.S02E03'],
    ['Texas Chainsaw 3D | 2013 | US', '', 'Texas.Chainsaw.2022'],
    ['The Office | 2001-2003 | UK | 6 6', '1:2', 'The.Office.S01E02.US.1080p'],
    [AVATAR, '2:3', 'Avatar The Last Airbender Book 1 Water'],
    [UNTAMED, '1:7', '陈情令 第08集 全50集'],
    ['The Jungle Book | 1967 | US', '', 'The.Jungle.Book.2.1967'],
    ['1984 | 1984 | UK', '', '1984.1984.1985'],
  ])('%s %s: %s', (header, asked, name) => {
    expect(kindOf(header, asked, name)).not.toBe('right')
  })
})

describe('and its own names still are', () => {
  test.each([
    [MUSHOKU, '2:3', 'Mushoku Tensei II: Isekai Ittara - 03'],
    [MUSHOKU, '1:3', 'Mushoku Tensei: Isekai Ittara - 03'],
    [OVERLORD, '3:4', 'Overlord III S03E04'],
    ['Pororo | 2003- | KR | 52', '1:3', 'Pororo.EXTENDED.S01E03'],
    ['Pororo | 2003- | KR | 52', '0:3', 'Pororo.Special.S00E03'],
    ['Stargate SG-1 | 1997-2007 | US | 22', '1:5', 'Stargate SG-1 - 05'],
    ['Gundam 00 | 2007-2009 | JP | 25 25', '2:4', 'Gundam 00 - 29'],
    [LONG, '1:120', 'Yo soy Betty la fea Cap 120'],
    [LONG, '1:20', 'Yo soy Betty la fea Cap. 020'],
    ['El Internado | 2007-2010 | ES | 6 9 9', '2:5', 'El Internado Temporada 2 Cap.205'],
    [HOBBIT, '', 'The.Hobbit.1.An.Unexpected.Journey.2012'],
    ['Mission: Impossible - Fallout | 2018 | US', '', 'Mission.Impossible.6.Fallout.2018'],
    [HALLOWS, '', 'Harry.Potter.7.and.the.Deathly.Hallows.Part.1.2010'],
    [EMPIRE, '', 'Star.Wars.The.Empire.Strikes.Back.1980'],
    [EMPIRE, '', 'Star.Wars.V.The.Empire.Strikes.Back.1980'],
    [TOWERS, '', 'Lord.of.the.Rings.Two.Towers.2002'],
    [PARK, '', 'Jurassic.Park.2.The.Lost.World.1997'],
    [PARK, '', 'Jurassic.Park.The.Lost.World.1997'],
    [WICK, '', 'John.Wick.Kapitel.4.2023.German'],
    ['Dune: Part One | 2021 | US', '', 'Dune.2021.2160p'],
    ['Doctor Strange | 2016 | US', '', 'Dr.Strange.2016'],
    ['Doctor Who | 2005-2022 | UK | 13 13 13', '2:3', 'Dr.Who.S02E03'],
    ["Marvel's Agents of S.H.I.E.L.D. | 2013-2020 | US | 22 22", '2:3', 'Agents.of.SHIELD.S02E03'],
    ['Law & Order: Special Victims Unit | 1999- | US | 22 21', '2:3', 'Law.Order.SVU.S02E03'],
    [HEIST, '3:4', 'La.Casa.De.Papel.Money.Heist.S03E04'],
    ['Spirited Away | 2001 | JP | aka Sen to Chihiro', '', 'Sen to Chihiro - Spirited Away (2001)'],
    ['1984 | 1984 | UK', '', '1984.1984.1080p'],
    // Words of other languages and countries.
    ['Love Island Australia | 2018- | AU | 30 30', '2:3', 'Love.Island.AU.S02E03'],
    ['Love Island USA | 2019- | US | 22 34', '2:3', 'Love.Island.US.S02E03'],
    [
      'Astérix & Obélix: Mission Cléopâtre | 2002 | FR',
      '',
      'Asterix.et.Obelix.Mission.Cleopatre.2002',
    ],
    ['Texas Chainsaw 3D | 2013 | US', '', 'Texas.Chainsaw.2013'],
    ['The Office | 2001-2003 | UK | 6 6', '1:2', 'The.Office.S01E02.UK.1080p'],
    // Seasons and episodes in other ways.
    ['The Last Kingdom | 2015-2022 | UK | 8 8 10', '2:3', 'The.Last.Kingdom.T2x03'],
    ['El Internado | 2007-2010 | ES | 6 9 9', '2:5', 'El Internado T2 Cap 5'],
    ['El Internado | 2007-2010 | ES | 6 9 9', '2:5', 'El Internado T2 Cap.205'],
    [AVATAR, '2:3', 'Avatar The Last Airbender - Book 2 Episode 3'],
    [AVATAR, '2:3', 'Avatar The Last Airbender Book 2 Earth 1080p'],
    [UNTAMED, '1:7', '[陈情令][The.Untamed][全50集][国语中字]'],
    [UNTAMED, '1:7', '陈情令 1-50集全 720p'],
    [UNTAMED, '1:7', '陈情令 第07集 全50集'],
    ['The Jungle Book 2 | 2003 | US', '', 'The.Jungle.Book.2.2003.1080p'],
    ['The Jungle Book | 2016 | US', '', 'The.Jungle.Book.2016.1080p'],
    ['The Book of Boba Fett | 2021-2022 | US | 7', '1:3', 'The.Book.of.Boba.Fett.S01E03'],
    // Editions between the title and its year.
    ['Mad Max: Fury Road | 2015 | AU', '', 'Mad.Max.Fury.Road.Black.and.Chrome.2015'],
    ['Almost Famous | 2000 | US', '', 'Almost.Famous.The.Bootleg.Cut.2000'],
    [WITCHER, '1:3', 'The.Witcher.S01E03.1080p.2020.BluRay'],
    [WITCHER, '1:3', 'The.Witcher.S01E03.1998.Was.Good.1080p'],
    [WITCHER, '1:3', 'The.Witcher.S01E03.2019.1080p'],
  ])('%s %s: %s', (header, asked, name) => {
    expect(kindOf(header, asked, name)).toBe('right')
  })
})
