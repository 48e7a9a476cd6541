import type { RequestListener } from 'node:http'
import { afterEach, describe, expect, test } from '@jest/globals'
import { createArchive } from '../../../../sources/providers/archive/archive.ts'
import { createArchiveApi, lucene } from '../../../../sources/providers/archive/archive-api.ts'
import { createArchiveFilms } from '../../../../sources/providers/archive/archive-films.ts'
import { forCatalogs } from '../../../../sources/providers/archive/archive-for-catalogs.ts'
import { createArchiveIds } from '../../../../sources/providers/archive/archive-ids.ts'
import { freeLicence } from '../../../../sources/providers/archive/archive-licence.ts'
import { Questions } from '../../../../sources/providers/shared/questions.ts'
import { endAll, outbound, serve } from '../../../common/network/outbound-stage.ts'
import {
  NIGHT,
  nightsName,
  type ProviderParts,
  sourceProviderContract,
} from '../../../contracts/source-provider.ts'
import { fakeIndex, handClock, never, silent } from '../../fakes.ts'

const PD = 'http://creativecommons.org/licenses/publicdomain/'
const HASH = 'AB'.repeat(20)
type Item = Readonly<Record<string, unknown>>

const hit = (more: Item = {}): Item => ({
  identifier: 'night_of_the_living_dead',
  title: 'Night of the Living Dead',
  year: '1968',
  licenseurl: PD,
  collection: ['SciFi_Horror', 'moviesandfilms'],
  ...more,
})
const video = (more: Item = {}): Item => ({
  name: 'night_of_the_living_dead.mpeg',
  source: 'original',
  format: 'MPEG2',
  size: '3987654321',
  length: '5734.51',
  height: '480',
  ...more,
})
const torrent = { name: 'night_of_the_living_dead_archive.torrent', btih: HASH }
const small = video({
  name: 'parts of/night #1.mp4',
  source: 'derivative',
  original: 'night_of_the_living_dead.mpeg',
  format: 'h.264',
  size: '700000001',
  height: '720',
})

/** advancedsearch.php and /metadata as archive.org answers them. */
function archiveOf(hits: readonly Item[], files: readonly Item[], top: Item = {}): RequestListener {
  return (req, res) => {
    const url = new URL(req.url ?? '', 'http://archive.test')
    const id = /^\/metadata\/(.*)$/.exec(url.pathname)?.[1]
    const found = hits.find((one) => one?.identifier === id)
    if (url.pathname === '/advancedsearch.php') {
      res.end(JSON.stringify({ responseHeader: {}, response: { numFound: 1, docs: hits } }))
    } else if (id !== undefined) {
      const item = { metadata: { mediatype: 'movies', ...found }, files, ...top }
      res.end(found ? JSON.stringify(item) : '{}')
    } else res.writeHead(404).end()
  }
}
const find = ({ base, outbound: out, names }: ProviderParts, signal: AbortSignal) =>
  createArchive(createArchiveApi(base, out), names).find(NIGHT, signal)

sourceProviderContract('the Internet Archive', {
  find,
  answer: archiveOf([hit()], [video(), small, torrent]),
})

describe('the Internet Archive', () => {
  afterEach(endAll)

  async function sourcesOf(hits: readonly Item[], files: readonly Item[], top?: Item) {
    const base = `http://127.0.0.1:${await serve(archiveOf(hits, files, top))}`
    const parts = { base, outbound: outbound(), clock: handClock(), names: nightsName }
    return { base, sources: await find(parts, never) }
  }

  test('lists each version by the item’s torrent and by its address, with the licence', async () => {
    const { base, sources } = await sourcesOf([hit()], [video(), small, torrent])
    expect(sources.map(({ locator, selector }) => ({ ...locator, ...selector }))).toEqual([
      {
        kind: 'torrent',
        from: `${base}/download/night_of_the_living_dead/night_of_the_living_dead_archive.torrent`,
        infoHash: HASH.toLowerCase(),
        file: 'parts of/night #1.mp4',
      },
      {
        kind: 'url',
        url: `${base}/download/night_of_the_living_dead/parts%20of/night%20%231.mp4`,
      },
      expect.objectContaining({ kind: 'torrent', file: 'night_of_the_living_dead.mpeg' }),
      expect.objectContaining({ kind: 'url' }),
    ])
    expect(sources[0]).toMatchObject({
      provider: 'archive.org',
      licence: 'public domain',
      quality: '720p',
      size: 700000001,
      filename: 'night #1.mp4',
    })
  })

  test('finds an id of our own by its item, whatever its name', async () => {
    const base = `http://127.0.0.1:${await serve(archiveOf([hit()], [video(), small, torrent]))}`
    const api = createArchiveApi(base, outbound())
    const [index, clock] = [fakeIndex(), handClock()]
    const films = createArchiveFilms(api)
    const ids = createArchiveIds(index, clock)
    const [film] = await films.popular(1, never)
    const imdbId = (film && (await ids.idOf(film))) ?? ''
    const archive = createArchive(
      api,
      { ...nightsName, find: async () => undefined },
      { films, ids },
    )
    const found = await archive.find({ type: 'movie', imdbId }, never)
    expect(found.map(({ locator }) => locator.kind)).toEqual(['torrent', 'url', 'torrent', 'url'])
    expect(await archive.find({ type: 'movie', imdbId: 'tt9900000000' }, never)).toEqual([])
  })

  test('any field may be a number, a list or missing', async () => {
    const odd = [
      { identifier: 5, title: ['x'], licenseurl: 7 },
      { title: 'no identifier' },
      null,
      hit({ title: ['Night of the Living Dead (1968)'], year: undefined, collection: 'prelinger' }),
    ]
    const { sources } = await sourcesOf(odd as Item[], [video({ size: 12, length: '1:35:34' })])
    expect(sources).toHaveLength(1)
  })

  test.each<[string, Item]>([
    ['a remake', { year: '1990' }],
    ['no year at all', { year: undefined }],
    ['a trailer', { title: 'Night of the Living Dead Trailer' }],
    ['the title within another', { title: 'Return to Night of the Living Dead' }],
    ['another year in its title', { title: 'Night of the Living Dead (1990)' }],
    ['no licence, and chosen by nobody', { licenseurl: undefined }],
    ['somebody’s own licence', { licenseurl: 'http://example.org/mine' }],
    ['stream only', { collection: ['stream_only', 'feature_films'] }],
    ['restricted', { 'access-restricted-item': 'true' }],
    ['an identifier with a path', { identifier: '../../etc' }],
  ])('%s is not the film', async (_what, more) => {
    expect((await sourcesOf([hit(more)], [video(), torrent])).sources).toEqual([])
  })

  test.each<[string, readonly Item[], Item]>([
    ['no files', [], {}],
    ['no video', [torrent, { name: 'cover.jpg' }], {}],
    ['two parts', [video({ name: 'part1.avi' }), video({ name: 'part2.avi' })], {}],
    ['dark', [video()], { is_dark: true }],
    ['empty', [video({ size: '0' })], {}],
  ])('an item that is %s has none', async (_what, files, top) => {
    expect((await sourcesOf([hit()], files, top)).sources).toEqual([])
  })

  test('a trailer beside the film is left out', async () => {
    const trailer = video({ name: 'trailer.mp4', length: '120' })
    const { sources } = await sourcesOf([hit()], [trailer, video()])
    expect(sources.map(({ filename }) => filename)).toEqual(['night_of_the_living_dead.mpeg'])
  })

  test('a name with a broken character is asked for without it', async () => {
    const { sources } = await sourcesOf([hit()], [video({ name: 'half \ud83d.mp4' })])
    expect(sources.map(({ locator }) => locator)).toEqual([
      { kind: 'url', url: expect.stringMatching(/half%20%EF%BF%BD\.mp4$/) },
    ])
  })

  test('characters of Lucene’s syntax become spaces', () => {
    expect(lucene('Mission: (Im)possible? "A" && B\\C [to] x^2~ *')).toBe(
      'Mission Im possible A B C to x 2',
    )
  })

  test('licences in a few words', () => {
    const of = (licenceUrl?: string, ...collections: string[]) =>
      freeLicence({ identifier: 'x', title: 'x', year: 1, licenceUrl, collections })
    expect(of('https://creativecommons.org/licenses/by-nc-sa/3.0/us/')).toBe('CC-BY-NC-SA-3.0')
    expect(of('http://creativecommons.org/publicdomain/zero/1.0/')).toBe('CC0')
    expect(of('http://creativecommons.org/publicdomain/mark/1.0/')).toBe('public domain')
    expect(of('http://creativecommons.org.evil.example/licenses/by/3.0/')).toBeUndefined()
    expect(of(undefined, 'feature_films')).toContain('feature_films')
    expect(of(undefined, 'opensource_movies')).toBeUndefined()
  })

  test('two films with the same number, written at the same moment, get an id each', async () => {
    const index = fakeIndex()
    const ids = createArchiveIds(index, handClock())
    const film = { identifier: 'one', title: 'One', year: 1950, licence: 'CC0' }
    const first = (await ids.idOf(film)) ?? ''
    const stored = index.values.get(`archive-id:${first}`)
    index.values.clear()
    const other = { ...(stored?.value as object), identifier: 'other', title: 'Other' }
    index.beforeWrite = () => {
      index.values.set(`archive-id:${first}`, { value: other, revision: 1 })
    }
    const again = createArchiveIds(index, handClock())
    const second = (await again.idOf(film)) ?? ''
    expect(second).not.toBe(first)
    expect(await again.filmOf(second)).toEqual(film)
    expect(await again.filmOf(first)).toMatchObject({ identifier: 'other' })
  })

  test('popular films, and one by its identifier', async () => {
    const answer = archiveOf([hit(), hit({ identifier: 'x', licenseurl: 'nobody' })], [video()])
    let searches = 0
    const counted: RequestListener = (req, res) => {
      if (req.url?.startsWith('/advancedsearch')) searches++
      answer(req, res)
    }
    const base = `http://127.0.0.1:${await serve(counted)}`
    const clock = handClock()
    const questions = new Questions({ clock, log: silent })
    const api = forCatalogs(createArchiveApi(base, outbound()), { questions, clock })
    const films = createArchiveFilms(api)
    const film = { title: 'Night of the Living Dead', year: 1968, licence: 'public domain' }
    const identifier = 'night_of_the_living_dead'
    const asked = await Promise.all([films.popular(1, never), films.popular(1, never)])
    expect(asked).toEqual([[{ identifier, ...film }], [{ identifier, ...film }]])
    expect(searches).toBe(1)
    expect(await films.read(identifier, never)).toMatchObject({
      film: { identifier, ...film },
      sources: [{ provider: 'archive.org' }],
    })
    expect(await films.read('not-there', never)).toBeUndefined()
    expect(await films.read('../x', never)).toBeUndefined()
  })
})
