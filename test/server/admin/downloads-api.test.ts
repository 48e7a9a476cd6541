import { afterEach, describe, expect, test } from '@jest/globals'
import type { FileOnDisk } from '../../../cache/disk/file-store.ts'
import { Bitfield } from '../../../common/bittorrent/bitfield.ts'
import type { Wish } from '../../../player/prefetch/wish.ts'
import { type Answer, ask } from '../ask.ts'
import { startServer, type TestServer } from '../fakes.ts'

const PATH = '/api/downloads'
const JSON_TYPE = { 'Content-Type': 'application/json' }
const HASH = 'a'.repeat(40)
const keyOf = (fileIdx: number) => `${HASH}/${fileIdx}` as const

let server: TestServer
let asked: [Wish, boolean][]
let kept: [string, boolean][]
afterEach(() => server.stop())

const file = (fileIdx: number, keep: boolean): FileOnDisk => ({
  key: keyOf(fileIdx),
  name: `film ${fileIdx}`,
  layout: { pieceLength: 1024, torrentLength: 2000, offset: 0, size: 2000 },
  pieces: new Bitfield(2),
  ...{ bytes: 1024, complete: false, storedAt: 0, usedAt: 0, keep },
})

async function start(config = {}, count = 3): Promise<void> {
  asked = []
  kept = []
  const files = Array.from({ length: count }, (_, i) => file(i, i === 0))
  server = await startServer({
    config,
    downloadAhead: {
      add: (wish, keep) => asked.push([wish, keep]),
      stop: (id) => id === 7,
      pause: (id) => id === 7,
      resume: (id) => id === 8,
      views: () => [{ id: 7, name: 'tt1', keep: false, state: 'waiting', stored: 0 }],
    },
    store: {
      records: () => files,
      async setKeep(key, keep) {
        kept.push([key, keep])
        return key === keyOf(1)
      },
    },
  })
}

const post = (body: unknown, headers = {}): Promise<Answer> =>
  ask(server.port, PATH, {
    method: 'POST',
    headers: { ...JSON_TYPE, ...headers },
    body: JSON.stringify(body),
  })

test('tells what was asked for, what comes in and what is here: the pinned first, then the last used', async () => {
  await start()
  const answer = (await ask(server.port, PATH)).json() as { files: { key: string }[] }
  expect(answer).toMatchObject({ ahead: [{ id: 7, state: 'waiting' }], arrivals: [], moreFiles: 0 })
  expect(answer.files.map(({ key }) => key)).toEqual([keyOf(0), keyOf(2), keyOf(1)])
  expect(answer.files[0]).toEqual({
    ...{ key: keyOf(0), name: 'film 0', size: 2000, bytes: 1024, complete: false, pinned: true },
    usedAt: '1970-01-01T00:00:00.000Z',
  })
})

test('tells of 500 files at most', async () => {
  await start({}, 503)
  const answer = (await ask(server.port, PATH)).json() as { files: object[]; moreFiles: number }
  expect([answer.files.length, answer.moreFiles]).toEqual([500, 3])
})

describe('what is ordered', () => {
  test('a film, a season, a magnet link', async () => {
    await start()
    expect((await post({ add: 'tt1254207', keep: true })).json()).toEqual({ added: 1 })
    expect((await post({ add: 'tt0903747:2' })).json()).toEqual({ added: 2 })
    await post({ add: `magnet:?xt=urn:btih:${HASH}&dn=x` })
    expect(asked).toEqual([
      [{ kind: 'title', title: { type: 'movie', imdbId: 'tt1254207' } }, true],
      [{ kind: 'season', imdbId: 'tt0903747', season: 2 }, false],
      [{ kind: 'magnet', magnet: expect.objectContaining({ infoHash: HASH }) }, false],
    ])
  })

  test('pin, unpin, stop, pause and resume', async () => {
    await start()
    expect((await post({ pin: [keyOf(1), keyOf(9), keyOf(1)] })).json()).toEqual({ pinned: 1 })
    expect((await post({ unpin: [keyOf(1)] })).json()).toEqual({ unpinned: 1 })
    expect(kept).toEqual([
      [keyOf(1), true],
      [keyOf(9), true],
      [keyOf(1), false],
    ])
    expect((await post({ stop: 7 })).json()).toEqual({ stopped: true })
    expect((await post({ stop: 8 })).json()).toEqual({ stopped: false })
    expect((await post({ pause: 7 })).json()).toEqual({ paused: true })
    expect((await post({ resume: 7 })).json()).toEqual({ resumed: false })
    expect((await post({ resume: 8 })).json()).toEqual({ resumed: true })
  })

  test.each([
    {},
    { add: 'Big Buck Bunny' },
    { add: 'https://a.example/x.torrent' },
    { add: 'tt1254207', keep: 'yes' },
    { add: 'tt1254207', pin: [keyOf(1)] },
    { pin: [] },
    { pin: ['../x'] },
    { unpin: keyOf(1) },
    { stop: -1 },
    { pause: '7' },
    { resume: 0 },
    { pause: 7, resume: 7 },
  ])('%j is 400 and does nothing', async (body) => {
    await start()
    const answer = await post(body)
    expect(answer.status).toBe(400)
    expect((answer.json() as { error: { code: string } }).error.code).toBe('BAD_BODY')
    expect([asked, kept]).toEqual([[], []])
  })

  test('12 KiB at most', async () => {
    await start()
    expect((await post({ add: 'x'.repeat(12 * 1024) })).status).toBe(413)
  })
})

describe('who may order', () => {
  const adminToken = 'an-admin-token-that-is-long'
  const bearer = { Authorization: `Bearer ${adminToken}` }

  test.each([
    [{}, 401],
    [{ Authorization: 'Bearer no' }, 401],
    [{ ...bearer, Origin: 'https://evil.example' }, 403],
    [{ ...bearer, 'Sec-Fetch-Site': 'cross-site' }, 403],
    [{ ...bearer, 'Content-Type': 'text/plain' }, 415],
    [bearer, 200],
  ])('with %j it is %i', async (headers, status) => {
    await start({ adminToken })
    expect((await post({ pin: [keyOf(1)] }, headers)).status).toBe(status)
    expect(kept.length).toBe(status === 200 ? 1 : 0)
  })

  test('nobody else reads what is here', async () => {
    await start({ adminToken })
    expect((await ask(server.port, PATH)).status).toBe(401)
    expect((await ask(server.port, PATH, { headers: bearer })).status).toBe(200)
  })
})
