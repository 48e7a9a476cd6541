import { createHash } from 'node:crypto'
import { cp, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Title } from '../../../../common/title.ts'
import type { CatalogueTitle } from '../../../../sources/free-films.ts'
import type { Library } from '../../../../sources/providers/library/library.ts'
import { eventually } from '../../../support/wait.ts'
import { never } from '../../fakes.ts'
import { LibraryWorld } from './library-world.ts'

let world: LibraryWorld
beforeEach(async () => {
  world = await LibraryWorld.make()
})
afterEach(() => world.end())

const open = (): Library => world.open({ isNamed: true })
const list = async (type: string, library: Library): Promise<readonly CatalogueTitle[]> =>
  (await library.unknown?.list(type)) ?? []
const names = async (type: string, library: Library): Promise<string[]> =>
  (await list(type, library)).map(({ name }) => name)
const only = async (type: string, library: Library): Promise<CatalogueTitle> => {
  const [title, ...others] = await list(type, library)
  if (!title || others.length > 0) throw new Error(`${others.length + 1} titles`)
  return title
}

test.each([
  ['Holiday/MVI_0042.mov', 'MVI 0042', undefined],
  ['Wedding 12.05.mkv', 'Wedding 12 05', undefined],
  ['A Day in Rome (2019)/movie.mkv', 'A Day in Rome (2019)', undefined],
  ['Old.Film.avi', 'Old Film', undefined],
  ['Our.Garden.2019.1080p.mkv', 'Our Garden', 2019],
  ['Évènement à Orléans.mp4', 'Évènement à Orléans', undefined],
  ['日本の夏.mkv', '日本の夏', undefined],
])('%s is a film', async (path, name, year) => {
  await world.put(path)
  const library = open()
  const film = await only('movie', library)
  expect(film).toMatchObject({ name, year, description: basename(path), episodes: [] })
  const title: Title = { type: 'movie', imdbId: film.imdbId }
  expect(await world.listed(title, library)).toEqual([path])
  expect(await list('series', library)).toEqual([])
})

test.each([
  [
    'Our Show/Season 1/01 - First.mkv',
    'Our Show/Season 2/02 - Second.mkv',
    'Our Show',
    [1, 1, 2, 2],
  ],
  ['x/Our.Show.S01E01.mkv', 'x/Our.Show.S01E02.720p.mkv', 'Our Show', [1, 1, 1, 2]],
  ['Our.Show.1x01.mkv', 'Our.Show.1x02.mkv', 'Our Show', [1, 1, 1, 2]],
  ['[Sub] Our Show - 04.mkv', '[Sub] Our Show - 05 (1080p).mkv', 'Our Show', [1, 4, 1, 5]],
  ['Course/Lesson 07.mp4', 'Course/Lesson 12.mp4', 'Lesson', [1, 7, 1, 12]],
  [
    'Our Show/Specials/Our Show S00E03.mkv',
    'Our Show/Our Show S01E01.mkv',
    'Our Show',
    [0, 3, 1, 1],
  ],
])('%s and %s are of one series', async (first, second, name, [s, e, t, f]) => {
  await world.put(first as string, second as string)
  const library = open()
  const series = await only('series', library)
  const episodes = [
    [s, e],
    [t, f],
  ] as const
  expect(series).toMatchObject({ name, episodes })
  for (const [at, [season, episode]] of episodes.entries()) {
    const title = { type: 'series', imdbId: series.imdbId, season, episode } as Title
    expect(await world.listed(title, library)).toEqual([[first, second][at]])
  }
  const another: Title = { type: 'series', imdbId: series.imdbId, season: 9, episode: 9 }
  expect(await world.listed(another, library)).toEqual([])
  expect(await world.listed({ type: 'movie', imdbId: series.imdbId }, library)).toEqual([])
  expect(await list('movie', library)).toEqual([])
})

test('series whose words differ are not mixed, and two files of one episode are two sources', async () => {
  await world.put('x/One - 05.mkv', 'x/Two - 05.mkv', 'x/Two - 05 (720p).mkv')
  const library = open()
  const [one, two] = await list('series', library)
  expect([one?.name, two?.name]).toEqual(['One', 'Two'])
  const episode = (imdbId = ''): Title => ({ type: 'series', imdbId, season: 1, episode: 5 })
  expect(await world.listed(episode(one?.imdbId), library)).toEqual(['x/One - 05.mkv'])
  expect(await world.listed(episode(two?.imdbId), library)).toHaveLength(2)
})

test('what has an IMDb id is not listed, nor what was right for a title that was asked for', async () => {
  const known = 'The Thing (1982)/The Thing.mkv'
  await world.put(known, 'Film {imdb-tt0000007}/a.mkv', 'Show [tt0000008]/S01E01.mkv', 'Garden.mkv')
  const library = open()
  // First what no title can be found by.
  expect(await names('movie', library)).toEqual(['Garden', 'The Thing'])
  const own = (await list('movie', library)).find(({ name }) => name === 'The Thing')?.imdbId ?? ''
  world.facts = { name: 'The Thing', year: 1982 }
  expect(await world.listed({ type: 'movie', imdbId: 'tt0084787' }, library)).toEqual([known])
  expect(await names('movie', library)).toEqual(['Garden'])
  // "Continue watching" goes on.
  expect(await world.listed({ type: 'movie', imdbId: own }, library)).toEqual([known])
  expect((await library.unknown?.find('movie', own))?.name).toBe('The Thing')
})

test('ids are the same after a restart and at another place, and tell nothing of it', async () => {
  await world.put('films/secret place/Garden.mkv', 'films/Show/S01E01.mkv', 'films/Show/S01E02.mkv')
  const idsAt = async (folder: string) => {
    const library = world.open({ isNamed: true, folders: [folder] })
    const both = [await only('movie', library), await only('series', library)]
    expect(JSON.stringify(both)).not.toContain('secret')
    expect(JSON.stringify(both)).not.toContain(basename(world.folder))
    return both.map(({ imdbId }) => imdbId)
  }
  const first = await idsAt(join(world.folder, 'films'))
  for (const id of first) expect(id).toMatch(/^tt98\d{8}$/)
  expect(await idsAt(join(world.folder, 'films'))).toEqual(first)
  const elsewhere = await mkdtemp(join(tmpdir(), 'playlink-elsewhere-'))
  try {
    await cp(join(world.folder, 'films'), join(elsewhere, 'films'), { recursive: true })
    expect(await idsAt(join(elsewhere, 'films'))).toEqual(first)
  } finally {
    await rm(elsewhere, { recursive: true })
  }
})

test('the list follows the folder: a file that goes plays no more, one that comes is listed', async () => {
  await world.put('Garden.mkv')
  const library = world.open({ isNamed: true, debounceMs: 5, rescanMs: 50 })
  const { imdbId } = await only('movie', library)
  await rename(join(world.folder, 'Garden.mkv'), join(world.folder, 'Orchard.mkv'))
  await eventually('it is seen', async () => {
    const [film, ...others] = await list('movie', library)
    return film?.name === 'Orchard' && others.length === 0 ? true : undefined
  })
  expect(await library.unknown?.find('movie', imdbId)).toBeUndefined()
  expect(await library.find({ type: 'movie', imdbId }, never)).toEqual([])
})

test('where nobody may be told of files they have no ids', async () => {
  await world.put('Garden.mkv')
  const { imdbId } = await only('movie', open())
  const library = world.open()
  expect(library.unknown).toBeUndefined()
  expect(await library.find({ type: 'movie', imdbId }, never)).toEqual([])
})

test('of two files whose digests give one id neither has it', async () => {
  const folder = basename(world.folder)
  const digits = (name: string) =>
    createHash('sha256').update(`library:${folder}/${name}`).digest().readUInt32BE(0) % 100_000_000
  const seen = new Map<number, string>()
  let pair: readonly string[] | undefined
  // Some ten thousand names, as birthdays go.
  for (let at = 0; !pair; at++) {
    const [name, twin] = [`v${at}x.mkv`, seen.get(digits(`v${at}x.mkv`))]
    if (twin) pair = [twin, name]
    seen.set(digits(name), name)
  }
  await world.put(...pair, 'Garden.mkv')
  expect(await names('movie', open())).toEqual(['Garden'])
})
