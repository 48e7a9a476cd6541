import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { formatTable } from '../../../sources/anime/anime-table.ts'
import { cacheStats, errorCode } from '../../support/facts.ts'
import { makeFilm } from '../../support/films/make-film.ts'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { payload, sha256 } from '../../support/swarm/payload.ts'
import { playEpisode, playMovie, streamsOf } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'
import { startWeb } from '../../support/web.ts'

const [FILM, LINKED, SERIES, LATER] = ['tt9000701', 'tt9000702', 'tt9000703', 'tt9000704'] as const
const META: Readonly<Record<string, object>> = {
  [`movie/${FILM}`]: { name: 'Kept Film', year: '2001', releaseInfo: '2001' },
  [`movie/${LINKED}`]: { name: 'Linked Film', year: '2002', releaseInfo: '2002' },
  [`movie/${LATER}`]: { name: 'Later Film', year: '2003', releaseInfo: '2003' },
  [`series/${SERIES}`]: {
    name: 'Kept Show',
    releaseInfo: '2008-2010',
    videos: [{ season: 1, episode: 2, released: '2008-02-01T00:00:00.000Z' }],
  },
}
const SUBTITLES = '1\n00:00:00,500 --> 00:00:03,000\nWas sie sagen\n'
const PATH = 'films/Kept Film (2001)/Kept.Film.2001.1080p.mkv'

interface Stream {
  readonly url: string
  readonly name: string
  readonly description: string
  readonly subtitles?: readonly { readonly url: string; readonly lang: string }[]
  readonly behaviorHints: { readonly filename: string; readonly videoSize: number }
}

describe('a library', () => {
  let stage: Stage<never>
  let folder: string
  const asked: string[] = []
  const bytes = payload('a film of the library', 400_001)
  const put = async (path: string, content: Buffer | string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  const get = (path: string, headers = {}) => ask(stage.server.base + path, { headers })
  const listed = async (path: string) => {
    const list = await get(path)
    return (list.json() as { streams: readonly Stream[] }).streams
  }

  /** A busy machine may be late with a list, and with reading the folder. */
  const onceListed = (id: string) =>
    eventually('it is listed', async () => {
      const streams = await listed(streamsOf(id))
      return streams.length > 0 ? streams : undefined
    })

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'playlink-library-'))
    await put(PATH, bytes)
    await put('series/Kept Show (2008)/Season 01/02 - Second.mkv', 'an episode')
    await put('outside/secret.mkv', 'a secret')
    await put('films/2019/MVI_0042.mov', 'a birthday')
    await put('series/Our Garden/01 - Seeds.mp4', 'a garden')
    await put('series/Our Garden/02 - Rain.mp4', 'some rain')
    await symlink('../outside/secret.mkv', join(folder, 'films', 'Linked Film (2002).mkv'))
    const web = await startWeb((req, res) => {
      asked.push(req.url ?? '')
      const meta = META[/\/meta\/(.+)\.json/.exec(req.url ?? '')?.[1] ?? '']
      if (!meta) return void res.writeHead(404).end()
      res.end(JSON.stringify({ meta }))
    })
    const ANIME_IDS = join(folder, 'anime-ids.json')
    const row = { kitsu: 5, mal: 50, imdbId: SERIES, kind: 'series', season: 1 } as const
    await put('anime-ids.json', formatTable([{ ...row, before: 1, last: undefined }], 'a test'))
    const LIBRARY = [join(folder, 'films'), join(folder, 'series')].join(' ')
    stage = await openStage({
      env: { LIBRARY, ANIME_IDS, CINEMETA_URL: web.base, CATALOGS: 'all' },
    })
    stage.own(() => web.close())
  })
  afterAll(async () => {
    await stage?.end()
    await rm(folder, { recursive: true })
  })

  test('lists a film with its size and height, and where it is from', async () => {
    const [stream, ...others] = await onceListed(FILM)
    expect(others).toEqual([])
    expect(stream?.name).toBe('Playlink\n1080p')
    expect(stream?.description).toMatch(/^From: library$/m)
    expect(stream?.description).toMatch(/^Ready on this server$/m)
    expect(stream?.behaviorHints).toMatchObject({
      filename: 'Kept.Film.2001.1080p.mkv',
      videoSize: bytes.length,
    })
    const whole = await ask(stream?.url ?? '')
    expect([whole.status, sha256(whole.body)]).toEqual([200, sha256(bytes)])
  })

  test('lists and plays an episode that has its number alone, and no other', async () => {
    expect(await listed(`/stream/series/${SERIES}:1:2.json`)).toHaveLength(1)
    expect((await get(playEpisode(SERIES, 0, 1, 2))).body.toString()).toBe('an episode')
    expect(await listed(`/stream/series/${SERIES}:1:1.json`)).toEqual([])
  })

  test('lists the same by ids of anime, and nothing by those that the table does not have', async () => {
    const manifest = (await get('/manifest.json')).json() as { idPrefixes: readonly string[] }
    expect(manifest.idPrefixes).toEqual(['tt', 'kitsu:', 'mal:'])
    const [stream] = await listed(`/stream/series/${SERIES}:1:2.json`)
    for (const id of ['kitsu:5:1', 'kitsu%3A5%3A1', 'mal:50:1']) {
      expect((await listed(`/stream/series/${id}.json`)).map(({ url }) => url)).toEqual([
        stream?.url,
      ])
    }
    for (const id of ['kitsu:6:1', 'kitsu:5:0', 'kitsu:abc:1', 'mal:5:1', 'kitsu:5']) {
      expect(await listed(`/stream/series/${id}.json`)).toEqual([])
    }
    // A play is told by its IMDb id alone.
    const play = await get('/play/series/kitsu:5/0/1/2')
    expect([play.status, errorCode(play.body)]).toEqual([400, 'BAD_IMDB_ID'])
  })

  test('plays with ranges and a validator from where it is, outside the cache', async () => {
    const whole = await get(playMovie(FILM))
    const etag = whole.headers.etag ?? ''
    expect(whole.headers['content-type']).toBe('video/x-matroska')
    const part = await get(playMovie(FILM), { Range: 'bytes=100-199', 'If-Range': etag })
    expect([part.status, part.body.equals(bytes.subarray(100, 200))]).toEqual([206, true])
    const tail = await get(playMovie(FILM), { Range: 'bytes=-10' })
    expect([tail.status, tail.body.equals(bytes.subarray(-10))]).toEqual([206, true])
    const other = await get(playMovie(FILM), { Range: 'bytes=0-1', 'If-Range': '"other"' })
    expect([other.status, other.body.length]).toEqual([200, bytes.length])
    expect((await get(playMovie(FILM), { Range: `bytes=${bytes.length}-` })).status).toBe(416)
    expect((await get(playMovie(FILM), { 'If-None-Match': etag })).status).toBe(304)
    const head = await ask(stage.server.base + playMovie(FILM), { method: 'HEAD' })
    expect(head.headers).toMatchObject({ 'content-length': `${bytes.length}`, etag })
    expect(await cacheStats(stage.server.base)).toMatchObject({
      files: { count: 0 },
      disk: { usedBytes: 0 },
    })
  })

  test('a link out of it is neither listed nor played', async () => {
    expect(await listed(streamsOf(LINKED))).toEqual([])
    const answer = await get(playMovie(LINKED))
    expect(answer.status).toBe(404)
    expect(answer.body.toString()).not.toContain('secret')
  })

  test('a file that has gone is 404, and has its number again when it is back', async () => {
    const [before] = await listed(streamsOf(FILM))
    await rename(join(folder, PATH), join(folder, 'away.mkv'))
    const gone = await ask(before?.url ?? '')
    expect([gone.status, errorCode(gone.body)]).toEqual([404, 'SOURCE_GONE'])
    await rename(join(folder, 'away.mkv'), join(folder, PATH))
    // The folder may have been read while it was away, and is read again a moment later.
    await eventually('it is back', async () => (await ask(before?.url ?? '')).status === 200)
    const [after] = await onceListed(FILM)
    expect(after?.url).toBe(before?.url)
  })

  test('a file that was replaced keeps its number, and has another validator', async () => {
    const [before] = await listed(streamsOf(FILM))
    const etag = (await get(playMovie(FILM))).headers.etag ?? ''
    // Whole from its first moment, as whoever reads the folder meanwhile sees it.
    await writeFile(join(folder, 'another.mkv'), payload('another cut', 300_000))
    await rename(join(folder, 'another.mkv'), join(folder, PATH))
    const resumed = await get(playMovie(FILM), { Range: 'bytes=100-', 'If-Range': etag })
    expect([resumed.status, resumed.body.length]).toEqual([200, 300_000])
    const [after] = await listed(streamsOf(FILM))
    expect(after?.url).toBe(before?.url)
  })

  test('a film that comes is listed soon, with its subtitles, and is made ready for browsers', async () => {
    expect(await listed(streamsOf(LATER))).toEqual([])
    await put('films/Later Film (2003)/Later.Film.de.srt', SUBTITLES)
    const away = join(folder, 'later.mkv')
    await makeFilm(away, { seconds: 6, audio: ['-c:a', 'ac3', '-b:a', '96k'] })
    await rename(away, join(folder, 'films/Later Film (2003)/Later.Film.mkv'))
    const [stream] = await onceListed(LATER)
    const [track] = stream?.subtitles ?? []
    expect(track?.lang).toBe('ger')
    expect((await ask(track?.url ?? '')).body.toString()).toMatch(/^WEBVTT[\s\S]*Was sie sagen/)
    const hls = (part: string) => get(`/hls/movie/${LATER}/0/${part}`)
    expect((await hls('master.m3u8')).body.toString()).toContain('audio-')
    for (const part of ['video-init.mp4', 'video-0.m4s']) expect((await hls(part)).status).toBe(200)
    const page = await get(`/watch/movie/${LATER}/0`)
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
    // Nothing of it but what was made for browsers.
    const { disk, files } = await cacheStats(stage.server.base)
    expect([files.count, disk.usedBytes - disk.segmentBytes]).toEqual([0, 0])
  })

  test('a file that is no known title is in a catalog, and plays from there', async () => {
    const listing = async (path: string) =>
      (await get(path)).json() as { metas: { id: string; name: string }[] }
    const { metas } = await listing('/catalog/movie/playlink-library/search=mvi.json')
    expect(metas.map(({ name }) => name)).toEqual(['MVI 0042'])
    const id = metas[0]?.id ?? ''
    const { meta } = (await get(`/meta/movie/${id}.json`)).json() as { meta: { name: string } }
    expect(meta.name).toBe('MVI 0042')
    const [stream, ...others] = await listed(streamsOf(id))
    expect(others).toEqual([])
    expect((await ask(stream?.url ?? '')).body.toString()).toBe('a birthday')
    expect((await get(`/watch/movie/${id}/0`)).status).toBe(200)
    const series = await listing('/catalog/series/playlink-library.json')
    const garden = series.metas.find(({ name }) => name === 'Our Garden')?.id ?? ''
    const { meta: show } = (await get(`/meta/series/${garden}.json`)).json() as {
      meta: { videos: { id: string }[] }
    }
    expect(show.videos.map((video) => video.id)).toEqual([`${garden}:1:1`, `${garden}:1:2`])
    expect((await get(playEpisode(garden, 0, 1, 2))).body.toString()).toBe('some rain')
    expect(asked.filter((url) => url.includes('tt98'))).toEqual([])
  })

  test('nothing of the way to it is told', async () => {
    const catalogs = ['movie', 'series'].map((type) => `/catalog/${type}/playlink-library.json`)
    const texts = [
      ...catalogs,
      streamsOf(FILM),
      '/test-source-selection',
      '/api/cache-stats',
      '/metrics',
    ]
    for (const path of texts) expect((await get(path)).body.toString()).not.toContain(folder)
  })
})
