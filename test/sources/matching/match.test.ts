import { describe, expect, test } from '@jest/globals'
import type { Title } from '../../../common/title.ts'
import { isAccepted, match } from '../../../sources/matching/match.ts'
import type { TitleFacts } from '../../../sources/matching/titles/title-facts.ts'
import { verdictText } from '../../../sources/matching/verdict.ts'
import { nameTokens } from '../../../sources/names/name-tokens.ts'
import { plainName } from '../../../sources/names/plain-name.ts'

const FILM = { type: 'movie', imdbId: 'tt0063350' } as const
const episode = (season: number, number: number): Title => ({
  ...{ type: 'series', imdbId: 'tt1748166' },
  ...{ season, episode: number },
})
const read = (name: string) => ({ tokens: nameTokens(name) })
const told = (name: string, title: Title, facts: TitleFacts | undefined) =>
  verdictText(match(read(name), title, facts))

const amelie: TitleFacts = { name: 'Amélie & Co.', year: 2001, countries: ['fr'] }
const show: TitleFacts = { name: 'Pioneer One', year: 2010 }

test('names are compared by letters and digits, in Latin', () => {
  expect(plainName(' Amélie  &\tCo. ')).toBe(plainName('AMELIE and co'))
  expect(plainName("It's")).toBe('its')
  expect(plainName('Łódź Ørsted Straße Брат')).toBe('lodz orsted strasse brat')
  expect(plainName('火垂るの墓')).toBe('火垂るの墓'.normalize('NFKD').replace(/\p{M}/gu, ''))
})

describe('a verdict says why', () => {
  test.each([
    ['Amelie.and.Co.2001.1080p.BluRay', 'right: title and year'],
    ['Amelie.Co.2001.1080p.BluRay', 'right: title and year'],
    ['Amelie.and.Co.1080p.BluRay', 'unsure: no year'],
    ['Amelie.and.Co.2011.1080p', 'wrong: other year'],
    ['Amelie.2001.1080p', 'wrong: other title'],
    ['Amelie.and.Co.S01E01.2001', 'wrong: a series'],
    ['Amelie.and.Co.2001-2004.Trilogy', 'unsure: several films'],
    ['Amelie.and.Co.OST.2001.FLAC', 'wrong: no film'],
    ['Amelie.and.Co.2001.Official.Trailer.1080p', 'wrong: no film'],
    ['Amelie and Co (2001) Deleted Scenes 1080p', 'wrong: no film'],
    ['Amelie.and.Co.2001.Sample', 'wrong: no film'],
    ['Amelie and Co (2001) The Graphic Novel', 'wrong: no film'],
    ['Amelie and Co (2001) + Extras (1080p BluRay)', 'right: title and year'],
    ['Amelie.and.Co.2001.with.Extras.1080p', 'right: title and year'],
    ['Amelie and Co 2001 Both Versions Extras 1080p', 'right: title and year'],
    ['Amelie and Co (2001) [Wersja Polska] 1080p', 'right: title and year'],
    ['Amelie and Co (2001) [Suomi] 1080p', 'right: title and year'],
    ['Amelie and Co 2001 BluRay DD 5 1 x 264', 'right: title and year'],
    ['', 'unsure: no name'],
  ])('of a film: %s', (name, verdict) => {
    expect(told(name, FILM, amelie)).toBe(verdict)
  })

  test.each([
    ['Pioneer.One.S01E02.720p', 'right: season and episode'],
    ['Pioneer.One.S01.Complete', 'right: its season'],
    ['Pioneer One (2010) S01E01-E03', 'right: season and episode'],
    ['[DMG][Pioneer One][02][1080P][GB].mp4', 'right: episode of the first season'],
    ['拓荒者 第一季.Pioneer.One.S01E02.1080p', 'right: season and episode'],
    ['Пионер 1 сезон / Pioneer One (2010)', 'right: its season'],
    ['PioneerOneS01E02.720p', 'right: season and episode'],
    ['Pioneer One 1. évad', 'right: its season'],
    ['Pioneer One עונה 1', 'right: its season'],
    ['Pioneer One New Blood [Pioneer One] S01E02', 'wrong: other title'],
    ['Pioneer One New Blood / Pioneer One S01E02', 'wrong: other title'],
    ['Pioneer.One.Ultimate.S01E02', 'wrong: other title'],
    ['Pioneer.One.Ultimate.Edition.S01E02', 'right: season and episode'],
    ['Pioneer.One.S01E02.XXX.Parody', 'wrong: a parody'],
    ['Pioneer.One.S02E02.720p', 'wrong: other season'],
    ['Pioneer.One.S01E03.720p', 'wrong: other episode'],
    ['Pioneer One 720p', 'unsure: no season'],
    ['Pioneer Two S01E02', 'wrong: other title'],
    ['Pioneer One (1985) S01E02', 'wrong: other year'],
    ['Pioneer.One.2010.05.06', 'unsure: its day is not known'],
    ['[Group] Pioneer One - OVA', 'wrong: a special'],
    ['Pioneer.One.S01.Extras.1080p', 'wrong: beside the episodes'],
    ['Pioneer One Season 1 Soundtrack (2010) FLAC', 'wrong: beside the episodes'],
    ['Pioneer One (Season 1) [Original Soundtrack]', 'wrong: beside the episodes'],
    ['Pioneer One OST Season 1', 'wrong: beside the episodes'],
    ['Pioneer One S01 + OST [BD]', 'right: its season'],
    ['Pioneer One S01 & Extras', 'right: its season'],
    ['Pioneer.One.S01E02.Behind.the.Scenes', 'right: season and episode'],
    // The extras are in the pack too.
    ['Pioneer One S01-S05 + S00 Extras 1080p', 'right: its season'],
    ['Pioneer One S01-S05 S00 Extras 1080p', 'right: its season'],
    ['Pioneer One S01-S03 All Episodes Extras 1080p', 'right: its season'],
    ['Pioneer One (2010) Extras S01-S03', 'right: its season'],
    ['Pioneer One (2010) Extras - S01E02', 'right: season and episode'],
    ['Pioneer One S00 Extras 1080p', 'wrong: other season'],
  ])('of an episode: %s', (name, verdict) => {
    expect(told(name, episode(1, 2), show)).toBe(verdict)
  })

  test.each([
    ['The.Hateful.8.2015', 'The Hateful Eight', 2015, true],
    ['Twelve.Monkeys.1995', '12 Monkeys', 1995, true],
    ['9.2009', 'Nine', 2009, false],
    ['Nine.2009', '9', 2009, false],
    ['Birdman.2014', 'Birdman or (The Unexpected Virtue of Ignorance)', 2014, true],
    ['Dr.Strangelove.1964', 'Dr. Strangelove or: How I Learned to Stop Worrying', 1964, true],
    ['10.2010', 'Ten or Twelve', 2010, false],
    ['Romeo.and.Juliet.1996', 'Romeo + Juliet', 1996, true],
    ['Star.Trek.FC.1996', 'Star Trek: First Contact', 1996, true],
    ['Star.Trek.1996', 'Star Trek: First Contact', 1996, false],
    ['Kitchen.UK.1996', 'Kitchen: Unseen Knives', 1996, false],
    ['Kitchen.TR.1996', 'Kitchen: The Return', 1996, false],
    ['Kitchen.UA.1996', 'Kitchen: Ultimate Alien', 1996, false],
    ['Hateful.8.2015.1080p', 'The Hateful Eight', 2015, true],
    ['Hateful.Eight.2015.1080p', 'The Hateful 8', 2015, true],
    ['9.2009', 'The Nine', 2009, false],
    ['Ford.vs.Ferrari.2019', 'Ford v Ferrari', 2019, true],
    ['Kramer.versus.Kramer.1979', 'Kramer vs. Kramer', 1979, true],
    ['Matrix, The (1999)', 'The Matrix', 1999, true],
    // A day that is a title.
    ['September.5.2024.1080p', 'September 5', 2024, true],
    ['22.July.2018.1080p', '22 July', 2018, true],
    ['September.5.2023.1080p', 'September 5', 2024, false],
    ['12.12.2023.1080p', '12.12: The Day', 2023, false],
    // The number of a part, where the title has none or calls it otherwise.
    ['John.Wick.3.Parabellum.2019', 'John Wick: Chapter 3 - Parabellum', 2019, true],
    ['John.Wick.3.2019', 'John Wick: Chapter 3 - Parabellum', 2019, true],
    ['John.Wick.2.2019', 'John Wick: Chapter 3 - Parabellum', 2019, false],
    ['Terminator.2.1991', 'Terminator 2: Judgment Day', 1991, true],
    ['Towers.2.The.Return.2002', 'Towers: The Return', 2002, true],
    ['Towers.2002', 'Towers: The Return', 2002, false],
    ['Towers.2.2002', 'Towers: The Return', 2002, false],
    ['Die.Hard.1.1988', 'Die Hard', 1988, true],
    ['Die.Hard.2.1988', 'Die Hard', 1988, false],
    ['If.I.Stay.2014.1080p', 'If', 2014, false],
    ['Apollo.1.The.Untold.Story.2013', 'Apollo', 2013, false],
    ['Novecento.Part.1.1976', 'Novecento', 1976, false],
    ['Road.to_Nowhere.2010', 'Nowhere', 2010, false],
    ['Road.to - Nowhere 2010', 'Road to Nowhere', 2010, true],
    ['Vs.2019.1080p', 'V', 2019, false],
    ['Lion.King.1.5.2004', 'Lion King', 2004, false],
    // It may be half of it as well.
    ['Wicked.Part.One.2024', 'Wicked', 2024, false],
    ['Wicked.Part.Two.2024', 'Wicked', 2024, false],
    ['Wicked.Part.One.2025', 'Wicked', 2024, false],
    // What stands in front.
    ['4K.Inception.2010', 'Inception', 2010, true],
    ['French.Kiss.1995', 'Kiss', 1995, false],
    ['RARBG.to - Inception 2010', 'Inception', 2010, true],
    ['1337x.to Inception 2010', 'Inception', 2010, true],
    ['torrent9.ph.Inception.2010', 'Inception', 2010, true],
    ['www_1TamilMV_com - Inception 2010', 'Inception', 2010, true],
    ['阳光电影www.ygdy8.com.Inception.2010', 'Inception', 2010, true],
    ['Back.to.the.Future.1985', 'Back to the Future', 1985, true],
    ['Back.to.the.Future.1985', 'The Future', 1985, false],
    // The other name goes on.
    ['Memento - Zapomnij / Memento (2000)', 'Memento', 2000, true],
    ['Memento - Zapomnij / Memory (2000)', 'Memento', 2000, false],
    // Two films, and one of which there are two years.
    ['Sinister 2012 + 2015 1080p', 'Sinister', 2012, false],
    ['Sinister (2012) + (2015) 1080p', 'Sinister', 2012, false],
    ['Sinister 2012 & 2015 1080p', 'Sinister', 2012, false],
    ['Sinister (2012) [2015 Remaster]', 'Sinister', 2012, true],
    ['Sinister (2012/2013) 1080p', 'Sinister', 2012, true],
    ['Sinister 2012 + Extras 1080p', 'Sinister', 2012, true],
  ])('%s may be called %s: %i, %s', (name, title, year, isRight) => {
    expect(told(name, FILM, { name: title, year })).toMatch(isRight ? /^right/ : /^wrong/)
  })

  test('of a country’s version, where the metadata knows the country', () => {
    const ofUk: TitleFacts = { name: 'Ghosts', year: 2019, countries: ['gb'] }
    expect(told('Ghosts.US.S01E02', episode(1, 2), ofUk)).toBe('wrong: other country')
    expect(told('Ghosts.UK.S01E02', episode(1, 2), ofUk)).toBe('right: season and episode')
    const others = ['(U.S.)', '.U.S.', '(New Zealand)', '(Greece)', '(Polska)', 'Singapore']
    for (const other of others) {
      const verdict = told(`Ghosts ${other} S01E02`, episode(1, 2), ofUk)
      expect([other, verdict]).toEqual([other, 'wrong: other country'])
    }
    for (const name of ['Ghosts.U.K.S01E02', 'Ghosts.S01E02.FR.1080p', 'Ghosts.1080p.FR.S01E02']) {
      expect([name, told(name, episode(1, 2), ofUk)]).toEqual([name, 'right: season and episode'])
    }
    const nowhere = { name: 'Ghosts', year: 2019 }
    expect(told('Ghosts.US.S01E02', episode(1, 2), nowhere)).toBe(
      'unsure: its country is not known',
    )
  })

  test('of a film whose country is not known, where one is in its name', () => {
    const film: TitleFacts = { name: 'Escape', year: 2019 }
    const unknown = 'unsure: its country is not known'
    expect(told('Escape Thailand 2019', FILM, film)).toBe(unknown)
    expect(told('Escape Thailand 2019', FILM, { ...film, countries: ['th'] })).toMatch(/^right/)
    expect(told('Escape 2019 [Thailand]', FILM, film)).toMatch(/^right/)
    expect(match(read('Escape Thailand 2019'), FILM, film, 'id').kind).toBe('right')
  })

  test('letters of a country that are a language too are perhaps its version', () => {
    const ofUk: TitleFacts = { name: 'Ghosts', year: 2019, countries: ['gb'] }
    const ofRussia = { ...ofUk, countries: ['ru'] }
    const perhaps = 'unsure: perhaps another country’s version'
    for (const name of [
      'Ghosts.FR.S01E02',
      'Ghosts (PL) S01E02',
      'Ghosts [BR] S01',
      'Ghosts SE S01',
    ]) {
      expect([name, told(name, episode(1, 2), ofUk)]).toEqual([name, perhaps])
      expect(match(read(name), episode(1, 2), ofUk, 'id').kind).toBe('right')
      expect(match(read(name), episode(1, 2), ofUk, 'addon').kind).toBe('right')
    }
    expect(told('Ghosts RU S01E02', episode(1, 2), ofRussia)).toBe('right: season and episode')
    expect(told('Ghosts FR S02E02', episode(1, 2), ofUk)).toBe('wrong: other season')
    // In front of an episode alone they are the language.
    for (const name of [
      '[Group] Ghosts [FR] - 02 [1080p]',
      'Ghosts [RU] [01-20]',
      'Ghosts FR - 02',
    ]) {
      const verdict = told(name, episode(1, 2), ofUk)
      expect([name, verdict]).toEqual([name, 'right: episode of the first season'])
    }
  })

  test('an episode of a later part counts on from the season, or from the part', () => {
    for (const name of ['Pioneer.One.S04.Part.2.E08.1080p', 'Pioneer.One.S04.Part2.E08']) {
      const verdict = match(read(name), episode(4, 8), show, 'id')
      expect(verdictText(verdict)).toBe('unsure: counted from a later part on')
      expect([isAccepted(verdict, 'id'), isAccepted(verdict, 'name')]).toEqual([true, false])
      for (const other of [episode(4, 7), episode(3, 8)]) {
        expect(isAccepted(match(read(name), other, show, 'id'), 'id')).toBe(false)
      }
    }
    const byNumber = match(read('Pioneer One Season 4 Part 2 - 08'), episode(4, 8), show, 'id')
    expect(isAccepted(byNumber, 'id')).toBe(false)
  })

  test('parts of a short series', () => {
    const short = { ...show, seasons: [{ season: 1, episodes: 10, years: [2010] }] }
    for (const name of ['Part 01 - 10', 'Part 1 - 10', 'Part 01 - 05']) {
      const verdict = told(`Pioneer One ${name}`, episode(1, 1), short)
      expect([name, verdict]).toEqual([name, 'right: part of a short series'])
    }
    for (const name of ['Part 1 - 05', 'Season 1 Part 1 - 10', 'Part 2 - 10']) {
      expect(told(`Pioneer One ${name}`, episode(1, 1), short)).not.toMatch(/^right/)
    }
  })

  test('extras are asked for as season 0', () => {
    expect(told('Pioneer One S00 Extras 1080p', episode(0, 1), show)).toBe('right: its season')
  })

  test('a number over all seasons needs the number of episodes before', () => {
    const name = '[Group] Pioneer One - 15'
    expect(told(name, episode(2, 3), show)).toMatch(/^unsure: the number of episodes/)
    const seasons = [12, 12].map((episodes, at) => ({ season: at + 1, episodes, years: [] }))
    expect(told(name, episode(2, 3), { ...show, seasons })).toBe('right: episode 15 of all')
    expect(told(name, episode(2, 15), { ...show, seasons })).toBe('wrong: other episode')
  })
})

test.each([
  // A sequel of one digit counts as a season of its own.
  ['Pioneer One 2', 1, 2],
  ['Pioneer One II [BD 1080p]', 1, 2],
  ['Pioneer One 2nd Movie', 1, 2],
  ['Pioneer One 2 x 10', 1, 2],
  ['Pioneer One 2 - 12', 1, 5],
  ['Pioneer One 0 - 12', 1, 5],
  // Between two episodes, and a day.
  ['[Group] Pioneer One - 05.5 [1080p]', 1, 5],
  ['Pioneer One - 05.5v2', 1, 5],
  ['Pioneer One S01E05.5', 1, 5],
  ['Pioneer One Episode 5.5', 1, 5],
  ['Pioneer One - 05 Dec 2010', 1, 5],
  ['Pioneer One - 05 December 2010', 1, 5],
  ['[Group] Pioneer One - 05 [1080p] - 1.5 GB', 1, 1],
  ['[Group] Pioneer One - 700 MB', 1, 700],
  // Minutes, and the sound of `5.1 x264`.
  ['Pioneer One (3 x 60 min) 1080p', 3, 60],
  ['Pioneer One 2010 6 x 50 minutes', 6, 50],
  ['Pioneer One DD 5 1 x 264', 1, 264],
  // Seasons in other scripts.
  ['Pioneer One 第三季 第5集', 1, 5],
  ['Pioneer One 第2期 第5話', 1, 5],
  ['Pioneer One 第二期 - 05', 1, 5],
  ['Pioneer One 시즌3 E05', 1, 5],
  ['Pioneer One 시즌3 4화', 3, 5],
  ['Pioneer One Сезон 3 Серії 4', 3, 5],
  ['Pioneer One 시즌3 제4회', 3, 5],
  ['Pioneer One 第三季 第1-4集', 3, 5],
  ['Pioneer One 第十三季 第5集', 3, 5],
  ['Pioneer One S03 Part 1 E01-E04', 3, 5],
  ['Pioneer One S03E04.x265', 3, 5],
  ['Pioneer One Temporada 2 Completa', 3, 5],
  ['Pioneer One All Seasons Hotel S03E05', 3, 5],
  // Counted from the beginning of a part on.
  ['[Group] Pioneer One Part 2 - 05', 1, 5],
  ['Pioneer One: Part 2 E05', 1, 5],
  ['[Group] Pioneer One 2nd Season Part 2 - 05', 2, 5],
  ['[Group] Pioneer One 2nd Season Part 2 - 05', 2, 6],
  ['[Group] Pioneer One Season 2 Cour 2 - 05', 2, 5],
])('%s is not season %i, episode %i', (name, season, number) => {
  expect(told(name, episode(season, number), show)).not.toMatch(/^right/)
})

test('a sequel’s number is its season', () => {
  expect(told('Pioneer One 2 - 12', episode(2, 12), show)).toBe('right: season and episode')
  expect(told('Pioneer One 02', episode(1, 2), show)).toBe('right: episode of the first season')
  expect(told('Pioneer One 1 - 12', episode(1, 5), show)).toMatch(/^right/)
})

test.each([
  ['Pioneer.One.S01E05.5.Days.Later.1080p', 1, 5],
  ['Pioneer One - 05 May Be', 1, 5],
  ['Pioneer One - 05.2010.1080p', 1, 5],
  ['Pioneer One - 05 Marvel 2010', 1, 5],
  ['[Group] Pioneer One - 05 [1080p] - 1.5 GB', 1, 5],
  ['Pioneer One S01E05.5 Minutes 1080p', 1, 5],
  ['Pioneer One 第三季', 3, 5],
  ['Pioneer One第三季第5集', 3, 5],
  ['Pioneer One 第十二季 第二十五話', 12, 25],
  ['Pioneer One 第2期 第五話', 2, 5],
  ['Pioneer One 第三季 第1-12集', 3, 5],
  ['Pioneer One 시즌3 5화', 3, 5],
  ['Pioneer One 시즌 3 제5회', 3, 5],
  ['Pioneer One Sæson 3 Afsnit 5', 3, 5],
  ['Pioneer One Sesong 3 Episode 5', 3, 5],
  ['Pioneer One Sezonul 3 Episodul 5', 3, 5],
  ['Pioneer One - 05 - The Test Part 2', 1, 5],
  ['Pioneer One Season 2 Part 1 - 05', 2, 5],
  ['Pioneer One Season 2 Part 2', 2, 15],
  // All of it, in other words.
  ['Pioneer One La Serie Completa', 3, 5],
  ['Pioneer One Die komplette Serie', 3, 5],
  ['Pioneer One Todas las Temporadas', 3, 5],
  ['Pioneer One L’intégrale', 3, 5],
  ['Pioneer One Все сезоны', 3, 5],
  ['Pioneer One All Seasons', 3, 5],
  // Spans in other ways.
  ['Pioneer One S03E03-04-05', 3, 5],
  ['Pioneer One S03E03-E04-E05', 3, 5],
  ['Pioneer One 3x04x05', 3, 5],
  ['Pioneer One 3 x 05', 3, 5],
  ['Pioneer One 3×05', 3, 5],
  ['Pioneer One 3 × 05', 3, 5],
  ['Pioneer One Сезон 3 Серії 5', 3, 5],
  ['Pioneer One Seasons 1 through 5', 3, 5],
  ['Pioneer One Season 1 - Season 5', 3, 5],
])('%s is season %i, episode %i', (name, season, number) => {
  expect(told(name, episode(season, number), show)).toMatch(/^right/)
})

describe('what an id stands for', () => {
  const night: TitleFacts = { name: 'Night of the Living Dead', year: 1968 }
  const accepted = (
    name: string,
    by: 'id' | 'attribute' | 'name',
    title: Title = FILM,
    facts?: TitleFacts,
  ) => isAccepted(match(read(name), title, facts, by), by)

  test.each([
    // name, found by its id, its attribute, its name
    ['La.noche.de.los.muertos.vivientes.1968', true, true, false],
    ['La.noche.de.los.muertos.vivientes', false, true, false],
    ['La.noche.de.los.muertos.vivientes.1990', false, false, false],
    ['Night.of.the.Living.Dead.1080p', true, true, false],
    ['Night.of.the.Living.Dead.1969.1080p', true, true, false],
    ['Night.of.the.Living.Dead.1970.1080p', false, false, false],
    ['Night.of.the.Living.Dead.S01E01', false, false, false],
  ])('%s', (name, id, attribute, byName) => {
    expect(accepted(name, 'id', FILM, night)).toBe(id)
    expect(accepted(name, 'attribute', FILM, night)).toBe(attribute)
    expect(accepted(name, 'name', FILM, night)).toBe(byName)
  })

  test('never of another episode, or of none', () => {
    for (const name of ['Der.Pionier.S01E03', 'Der.Pionier.2010.Doku', 'Der.Pionier.S02']) {
      expect(accepted(name, 'id', episode(1, 2), show)).toBe(false)
      expect(accepted(name, 'attribute', episode(1, 2), show)).toBe(false)
    }
    expect(accepted('Der.Pionier.S01E02', 'id', episode(1, 2), show)).toBe(true)
  })

  test('without facts: kind and episode alone', () => {
    expect(accepted('Anything.1990', 'id')).toBe(true)
    expect(accepted('Anything.S01E01', 'id')).toBe(false)
    expect(accepted('Anything.1990', 'name')).toBe(false)
  })
})
