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
const UNTAMED = 'The Untamed | 2019 | CN | 50 | aka 陈情令'
const HEXER = 'Wiedźmin | 2002 | PL | 13'
const WITCHER = 'The Witcher | 2019- | US | 8 8 8 @ 2019 2021 2023'

describe('a name of another series, season or part is not taken for the title', () => {
  test.each([
    // A number in front of the second title is the season.
    [MUSHOKU, '1:3', 'Mushoku Tensei II: Isekai Ittara - 03'],
    [MUSHOKU, '1:3', 'Mushoku.Tensei.II.Jobless.Reincarnation.S01E03'],
    [OVERLORD, '1:4', 'Overlord III S01E04'],
    ['Face | 2017 | UK | 6 6', '2:3', 'Face.2.Face.S02E03.1080p'],
    ['Lupin | 2021- | FR | 10 7 7', '3:3', 'Lupin.III.The.Woman.Called.Fujiko.Mine.S03E03'],
    ['Lupin | 2021- | FR | 10 7 7', '3:3', 'Lupin.III.Part.III.S03E03'],
    // Words of releases that name another series.
    ['Ultraman | 2019-2023 | JP | 13', '1:3', 'Ultraman Max - 03'],
    ['Fruits Basket | 2019-2021 | JP | 25 25 13', '1:3', '[Group] Fruits Basket The Final - 03'],
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
    [UNTAMED, '1:7', '陈情令 第08集 全50集'],
    ['The Jungle Book | 1967 | US', '', 'The.Jungle.Book.2.1967'],
    ['1984 | 1984 | UK', '', '1984.1984.1985'],
  ])('%s %s: %s', (header, asked, name) => {
    expect(kindOf(header, asked, name)).not.toBe('right')
  })
})

const DARK = 'Dark | 2017-2020 | DE | 10 8 8'
const POWER = 'Power | 2014-2020 | US | 8 10 10'
const CHAPTER = 'Horizon: An American Saga - Chapter 1 | 2024 | US'
const FIRST = 'Nymphomaniac: Vol. I | 2013 | DK'
const OFFICE = 'The Office | 2001-2003 | UK | 6 6'

describe('nor is one that only looks like it', () => {
  test.each([
    // A book is no season: other series are called so.
    [POWER, '1:3', 'Power.Book.2.Ghost.S01E03'],
    [POWER, '2:3', 'Power.Book.2.Ghost.S02E03'],
    [POWER, '2:3', 'Power.Book.2.Ghost.2020.1080p'],
    [POWER, '2:3', 'Power.Book.2.Ghost.Complete'],
    [POWER, '3:3', 'Power Book 3 Raising Kanan'],
    // How many there are is not which it is.
    ...['E05 全10集', '[05] 全10集', '第五集 全10集', '[全10集][05]', '更新至05集 全10集'].map(
      (said) => [DARK, '1:3', `Dark ${said}`] as const,
    ),
    [DARK, '2:3', 'Dark S02 第五集 全8集'],
    // The same name twice.
    ['Liar | 2017-2020 | UK | 6 6', '1:1', 'Liar.Liar.S01E01'],
    ['Sister | 2018 | US | 10', '1:1', 'Sister, Sister S01E01'],
    ['Girls | 2012-2017 | US | 10', '1:3', 'Girls.Girls.S01E03'],
    ['New York | 2009 | IN', '', 'New.York.New.York.2009'],
    ['Knock | 2015 | US', '', 'Knock.Knock.2015'],
    ['Liar | 2017-2020 | UK | 6 6 | aka Deceiver', '1:1', 'Liar.Deceiver.S01E01'],
    // The part stands behind the year.
    [FIRST, '', 'Nymphomaniac.2013.Vol.II.1080p'],
    [FIRST, '', 'Nymphomaniac (2013) Volume 2 1080p BluRay'],
    [FIRST, '', 'Nymphomaniac.2013.Volumes.I.and.II'],
    [CHAPTER, '', 'Horizon.An.American.Saga.2024.Chapter.2.1080p'],
    ['Gangs of Wasseypur: Part 1 | 2012 | IN', '', 'Gangs.of.Wasseypur.2012.II.1080p'],
    ['Che: Part One | 2008 | US', '', 'Che.2008.Guerrilla.1080p'],
    ['Che: Part One | 2008 | US', '', 'Che.2008.1080p.x264.II'],
    ['Kill Bill: Vol. 1 | 2003 | US', '', 'Kill.Bill.2003.Vol.2'],
    // Words and letters of other titles.
    ['Formula | 2020 | US | 8', '1:1', 'Formula.1.S01E01'],
    ['B&E | 2010 | US', '', 'Bee.2010'],
    ['The Last of Us | 2023- | US | 9 7', '1:3', 'The.Last.of.America.S01E03'],
    ['Antiques | 1979- | UK | 10 10', '1:1', 'Antiques.Roadshow.S01E01.1080p'],
    [OFFICE, '1:3', 'The.Office.S01E03.2008.720p'],
  ] as const)('%s %s: %s', (header, asked, name) => {
    expect(kindOf(header, asked, name)).not.toBe('right')
  })
})

test('a season that is no longer than the number: it counts on, however long a later one is', () => {
  const header =
    'One Piece | 1999- | JP | 61 16 15 39 13 52 33 35 73 45 26 14 101 58 62 50 118 36 14 197'
  expect(kindOf(header, '1:5', 'One Piece [Cap.105]')).toBe('right')
})

describe('and its own names still are', () => {
  test.each([
    [MUSHOKU, '2:3', 'Mushoku Tensei II: Isekai Ittara - 03'],
    [MUSHOKU, '1:3', 'Mushoku Tensei: Isekai Ittara - 03'],
    [OVERLORD, '3:4', 'Overlord III S03E04'],
    ['Pororo | 2003- | KR | 52', '1:3', 'Pororo.EXTENDED.S01E03'],
    ['Pororo | 2003- | KR | 52', '0:3', 'Pororo.Special.S00E03'],
    ['Stargate SG-1 | 1997-2007 | US | 22', '1:5', 'Stargate SG-1 - 05'],
    // A batch from 00 on ends with 10 or more.
    ['Dark | 2017-2020 | JP | 12', '1:3', '[G] Dark 00 - 12 [BD 1080p]'],
    ['Gundam 00 | 2007-2009 | JP | 25 25', '1:4', 'Gundam 00 - 04'],
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
    [UNTAMED, '1:7', '[陈情令][The.Untamed][全50集][国语中字]'],
    [UNTAMED, '1:7', '陈情令 1-50集全 720p'],
    [UNTAMED, '1:7', '陈情令 第07集 全50集'],
    ['The Jungle Book 2 | 2003 | US', '', 'The.Jungle.Book.2.2003.1080p'],
    ['The Jungle Book | 2016 | US', '', 'The.Jungle.Book.2016.1080p'],
    ['The Book of Boba Fett | 2021-2022 | US | 7', '1:3', 'The.Book.of.Boba.Fett.S01E03'],
    [DARK, '1:5', 'Dark E05 全10集'],
    [DARK, '2:5', 'Dark S02 第五集 全8集'],
    [DARK, '1:3', 'Dark T01 Cap 01-05'],
    [DARK, '2:3', 'Dark T02 Capitulos 01-08'],
    [DARK, '1:3', 'Dark T1 Cap 102-104'],
    // Words that are no season.
    ...['3D', '4K'].map((how) => [
      'The Jungle Book | 2016 | US',
      '',
      `The.Jungle.Book.${how}.2016`,
    ]),
    ['Green Book | 2018 | US', '', 'Green Book 10bit 2018'],
    ['Mockingjay | 2014 | US', '', 'Mockingjay (The Hunger Games Book 3) 2014'],
    ['Heidi | 2015- | CH | 39', '1:3', 'Heidi E03 The Book Two'],
    // Where it was shown, how it was made, when it was sold.
    [DARK, '1:3', 'Dark.S01E03.USA.NF.WEB-DL'],
    [DARK, '1:3', 'Dark.S01E03.US.1080p'],
    ['Pororo | 2003- | KR | 52', '1:3', 'Pororo.Special.S01E03'],
    ['Dollhouse | 2009-2010 | US | 13 13', '1:3', 'Dollhouse.S01.2012.1080p.BluRay'],
    ['Dollhouse | 2009-2010 | US | 13 13', '1:3', 'Dollhouse.S01E03.2014.1080p.BluRay'],
    [OFFICE, '1:3', 'The.Office.S01.2008.DVDRip'],
    ['Dune: Part One | 2021 | US', '', 'Dune.2021.2160p.WEB-DL.DDP5.1.H.265-FLUX'],
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
