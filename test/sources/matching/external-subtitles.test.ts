import { describe, expect, test } from '@jest/globals'
import type { Title } from '../../../common/title.ts'
import { externalSubtitles, namesBeside } from '../../../sources/matching/external-subtitles.ts'
import { subtitleLanguage } from '../../../sources/matching/subtitle-language.ts'
import { nearParser } from '../../support/names.ts'

const movie: Title = { type: 'movie', imdbId: 'tt1254207' }
const second: Title = { type: 'series', imdbId: 'tt0903747', season: 1, episode: 2 }
const files = (paths: readonly string[]) =>
  paths.map((path) => ({ path, size: /\.(?:mkv|mp4)$/.test(path) ? 1e9 : 40_000 }))

describe('the language of a subtitle file', () => {
  test.each([
    ['Film.2010.en.srt', 'Film.2010', 'eng'],
    ['Film.2010.eng.forced.srt', 'Film.2010', 'eng'],
    ['Film.2010.pt-BR.srt', 'Film.2010', 'pob'],
    ['Film.2010.de.hi.srt', 'Film.2010', 'ger'],
    ['Film.2010.es-419.srt', 'Film.2010', 'spa'],
    ['Film.2010.French.srt', 'Film.2010', 'fre'],
    ['Subs/2_English.srt', 'Film', 'eng'],
    ['Subs/Film.2010/12_Brazilian.srt', 'Film.2010', 'pob'],
    ['Subs/German/Film.srt', 'Film', 'ger'],
    ['eng.srt', '', 'eng'],
    ['Show S01E02 - Name_ENG.ass', 'other', 'eng'],
    ['It.2017.1080p.srt', 'It.2017.1080p', 'und'],
    ['It.2017.1080p.srt', '', 'und'],
    ['Film.srt', 'Film', 'und'],
    ['Film.2010.日本語.srt', 'Film.2010', 'und'],
  ])('%s is %s: %s', (path, video, code) => expect(subtitleLanguage(path, video)).toBe(code))
})

describe('the subtitles of a video', () => {
  const names = async (paths: readonly string[], video: number, title: Title) =>
    (await externalSubtitles(nearParser, files(paths), video, title)).map(({ at }) => paths[at])

  test('all of a torrent with one film', async () => {
    const paths = ['Film.mkv', 'Subs/2_English.srt', 'Subs/3_French.idx', 'Film.nfo', 'a.ass']
    expect(await names(paths, 0, movie)).toEqual(['Subs/2_English.srt', 'a.ass'])
  })

  test('of a pack only those of the episode', async () => {
    const paths = [
      'Show.S01E01.mkv',
      'Show.S01E02.mkv',
      'Show.S01E01.srt',
      'Show.S01E02.en.srt',
      'Subs/Show.S01E02/3_German.srt',
      'Subs/Show.S01E01/3_German.srt',
      'Other.Group.1x02.srt',
      'S01E12.srt',
    ]
    expect(await names(paths, 1, second)).toEqual([
      'Show.S01E02.en.srt',
      'Subs/Show.S01E02/3_German.srt',
      'Other.Group.1x02.srt',
    ])
  })

  test('of files of one name those of its own folder, or of its season', async () => {
    const paths = [
      ...['Season 1/02.mkv', 'Season 2/02.mkv', 'Season 1/02.srt', 'Season 2/02.srt'],
      ...['Subs/Season 1/02.de.srt', 'Subs/Season 2/02.de.srt', 'Subs/02.fr.srt'],
    ]
    expect(await names(paths, 0, second)).toEqual(['Season 1/02.srt', 'Subs/Season 1/02.de.srt'])
  })

  test('too large or empty is none, and no video has none', async () => {
    const odd = [
      { path: 'Film.mkv', size: 9 },
      { path: 'Film.srt', size: 3_000_000 },
      { path: 'Film.en.srt', size: 0 },
    ]
    expect(await externalSubtitles(nearParser, odd, 0, movie)).toEqual([])
    expect(await externalSubtitles(nearParser, odd, 7, movie)).toEqual([])
  })

  test('beside a local file: those named as it is', async () => {
    const there = ['Film.mp4', 'Film.en.srt', 'Film.srt', 'Film 2.srt', 'Film.txt', 'b.srt']
    expect(namesBeside(there, 'Film.mp4')).toEqual(['Film.en.srt', 'Film.srt'])
  })
})
