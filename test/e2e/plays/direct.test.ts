import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { cacheStats, errorCode } from '../../support/facts.ts'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB, payload, sha256 } from '../../support/swarm/payload.ts'
import { movie, playMovie, streamsOf } from '../../support/titles.ts'
import { fixed, startWeb, type Web } from '../../support/web.ts'

const [DIRECT, LOCAL, BY_URL, SEEDED, ESCAPE, LINK, MISSING] = [
  'tt9000501',
  'tt9000502',
  'tt9000503',
  'tt9000504',
  'tt9000505',
  'tt9000506',
  'tt9000507',
] as const
const ADDRESS = 'https://media.example.org/a%20film.mp4?x=1&y=%2F'
/** Addresses that no answer of ours may carry: [name, address]. */
const BAD: readonly (readonly [string, string])[] = [
  ['with a user and a password', 'https://user:secret@media.example.org/x.mp4'],
  ['of another scheme', 'ftp://media.example.org/x.mp4'],
  ['that runs a script', 'javascript:alert(1)'],
  ['with a line break', 'https://media.example.org/x\r\nSet-Cookie: a=b'],
  ['longer than 8 KiB', `https://media.example.org/${'x'.repeat(8200)}`],
]
const badId = (i: number): string => `tt900052${i}`

describe('sources that are no swarm', () => {
  let stage: Stage<'film' | 'seeded'>
  let web: Web
  const local = payload('a local film', 400_001)
  const files: Record<string, Buffer> = {}
  const get = (path: string, headers = {}): ReturnType<typeof ask> =>
    ask(stage.server.base + path, { headers })

  beforeAll(async () => {
    web = await startWeb(fixed(files))
    stage = await openStage({
      torrents: {
        film: { name: 'By.Url.2001.mkv', size: 500_000, pieceLength: 32 * KiB },
        seeded: { name: 'Web.Seed.2001.mp4', size: 600_001, pieceLength: 64 * KiB },
      },
      titles: ({ torrents }) => [
        movie(DIRECT, 'Direct', { url: ADDRESS }),
        movie(LOCAL, 'Local', { path: './films/local film.mp4' }),
        movie(BY_URL, 'By URL', { torrent: `${web.base}/by-url.torrent` }),
        movie(SEEDED, 'Web seed', { torrent: `${web.base}/seeded.torrent` }),
        movie(ESCAPE, 'Escape', { path: '../outside.mp4' }),
        movie(LINK, 'Link', { path: './films/link.mp4' }),
        movie(MISSING, 'Missing', { torrent: `${web.base}/not-there.torrent` }),
        ...BAD.map(([name, url], i) => movie(badId(i), name, { url })),
        // one good source beside a bad one: the good one stays
        movie('tt9000510', 'Both', { url: 'ftp://x.example.org/a' }, { url: ADDRESS }),
        movie('tt9000511', torrents.film.name, { path: './films/not-there.mp4' }),
      ],
    })
    stage.own(() => web.close())
    const { film, seeded } = stage.torrents
    files['/by-url.torrent'] = film.torrent({ announce: stage.tracker.url })
    files['/Web.Seed.2001.mp4'] = seeded.content
    // its tracker knows nobody: every byte has to come from the web server
    stage.tracker.peers(seeded.infoHash, [])
    files['/seeded.torrent'] = seeded.torrent({
      announce: stage.tracker.url,
      webSeeds: [`${web.base}/Web.Seed.2001.mp4`],
    })
    const folder = join(stage.catalogue, '..')
    await mkdir(join(folder, 'films'))
    await writeFile(join(folder, 'films', 'local film.mp4'), local)
    await writeFile(join(folder, '..', 'outside.mp4'), 'outside')
    await symlink(join(folder, '..', 'outside.mp4'), join(folder, 'films', 'link.mp4'))
  })
  afterAll(() => stage.end())

  test.each(['GET', 'HEAD'])('%s of a direct address is a redirect', async (method) => {
    const answer = await ask(stage.server.base + playMovie(DIRECT), { method })
    expect(answer.status).toBe(302)
    expect(answer.headers.location).toBe(ADDRESS)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.headers['referrer-policy']).toBe('no-referrer')
    expect(answer.headers['access-control-allow-origin']).toBe('*')
  })

  test.each(BAD.map(([name], i) => [name, i] as const))(
    'an address %s is neither listed nor handed out',
    async (_, i) => {
      const list = await get(streamsOf(badId(i)))
      expect(list.json()).toEqual(expect.objectContaining({ streams: [] }))
      const answer = await get(playMovie(badId(i)))
      // refused when the catalogue was read (404), or when it would have been handed out (502)
      expect([404, 502]).toContain(answer.status)
      expect(answer.headers.location).toBeUndefined()
      expect(answer.body.toString()).not.toMatch(/secret|media\.example/)
    },
  )

  test('a bad source takes no good one with it', async () => {
    const list = await get(streamsOf('tt9000510'))
    const streams = (list.json() as { streams: { url: string }[] }).streams
    expect(streams).toHaveLength(1)
    const answer = await ask(streams[0]?.url ?? '')
    expect([answer.status, answer.headers.location]).toEqual([302, ADDRESS])
  })

  test('a local file plays with ranges and a validator, outside the cache', async () => {
    const whole = await get(playMovie(LOCAL))
    expect(whole.status).toBe(200)
    expect(sha256(whole.body)).toBe(sha256(local))
    expect(whole.headers['content-type']).toBe('video/mp4')
    expect(whole.headers['content-disposition']).toMatch(/^inline; filename="?local film\.mp4"?/)
    const part = await get(playMovie(LOCAL), {
      Range: 'bytes=100-199',
      'If-Range': whole.headers.etag ?? '',
    })
    expect(part.status).toBe(206)
    expect(part.body.equals(local.subarray(100, 200))).toBe(true)
    expect((await cacheStats(stage.server.base)).disk.usedBytes).toBe(0)
    const etag = whole.headers.etag ?? ''
    const tail = await get(playMovie(LOCAL), { Range: 'bytes=-10' })
    expect([tail.status, tail.body.equals(local.subarray(-10))]).toEqual([206, true])
    expect(tail.headers['content-range']).toBe(`bytes 399991-400000/${local.length}`)
    const past = await get(playMovie(LOCAL), { Range: `bytes=${local.length}-` })
    expect([past.status, past.headers['content-range']]).toEqual([416, `bytes */${local.length}`])
    expect((await get(playMovie(LOCAL), { 'If-None-Match': etag })).status).toBe(304)
    const other = await get(playMovie(LOCAL), { Range: 'bytes=0-1', 'If-Range': '"other"' })
    expect([other.status, other.body.length]).toEqual([200, local.length])
    const head = await ask(stage.server.base + playMovie(LOCAL), { method: 'HEAD' })
    const said = { 'content-length': `${local.length}`, 'accept-ranges': 'bytes', etag }
    expect([head.status, head.body.length]).toEqual([200, 0])
    expect(head.headers).toMatchObject(said)
    // another time of change is another validator
    await writeFile(join(stage.catalogue, '..', 'films', 'local film.mp4'), payload('new', 400_001))
    const changed = await ask(stage.server.base + playMovie(LOCAL), { method: 'HEAD' })
    expect(changed.headers.etag).not.toBe(whole.headers.etag)
  })

  test.each([
    ['a path above the catalogue', ESCAPE],
    ['a link out of the catalogue', LINK],
    ['a file that is not there', 'tt9000511'],
  ])('%s is 404', async (_, id) => {
    const answer = await get(playMovie(id))
    expect(answer.status).toBe(404)
    expect(errorCode(answer.body)).toMatch(/^(UNKNOWN_TITLE|UNKNOWN_SOURCE|FILE_MISSING)$/)
  })

  test('a .torrent file plays by its address', async () => {
    const answer = await get(playMovie(BY_URL))
    expect(answer.status).toBe(200)
    expect(sha256(answer.body)).toBe(sha256(stage.torrents.film.content))
  })

  test('a .torrent that another server does not have is 502', async () => {
    const answer = await get(playMovie(MISSING))
    expect(answer.status).toBe(502)
    expect(errorCode(answer.body)).toBe('UPSTREAM_FAILED')
  })

  test('a torrent with nothing but a web seed plays', async () => {
    const answer = await get(playMovie(SEEDED))
    expect(answer.status).toBe(200)
    expect(sha256(answer.body)).toBe(sha256(stage.torrents.seeded.content))
    expect(web.requests.filter((one) => one.includes('Web.Seed')).length).toBeGreaterThan(0)
  })
})
