import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { published } from '../../support/facts.ts'
import { type Nginx, startNginx } from '../../support/server/nginx.ts'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB, sha256 } from '../../support/swarm/payload.ts'
import { movie, playMovie } from '../../support/titles.ts'

const FILM = 'tt9000001'
const COLD = 'tt9000002'
const PATH = playMovie(FILM)
const SIZE = 3_000_001

describe('docs/nginx.conf with SENDFILE=nginx', () => {
  let stage: Stage<'film' | 'cold'>
  let nginx: Nginx
  let etag: string
  const url = (path: string): string => nginx.base + path
  const content = (): Buffer => stage.torrents.film.content
  const get = (headers: Record<string, string> = {}) => ask(url(PATH), { headers })
  /** How often nginx sent a file itself so far. */
  const handedOver = async (): Promise<number> =>
    (await nginx.log()).split('\n').filter((line) => line.startsWith('GET /playlink-cache/')).length

  beforeAll(async () => {
    stage = await openStage({
      torrents: {
        film: { name: 'Film.2001.mkv', size: SIZE, pieceLength: 64 * KiB },
        cold: { name: 'Cold.2001.mkv', size: 1_500_000, pieceLength: 64 * KiB },
      },
      titles: ({ magnet }) => [
        movie(FILM, 'Film', { magnet: magnet('film') }),
        movie(COLD, 'Cold', { magnet: magnet('cold') }),
      ],
      env: { SENDFILE: 'nginx', TRUST_PROXY: 'loopback' },
    })
    nginx = await startNginx(stage.folder, stage.server)
    stage.own(() => nginx.stop())
    const cold = await get()
    expect(sha256(cold.body)).toBe(sha256(content()))
    etag = String(cold.headers.etag)
    await published(stage.server.base, FILM)
  })
  afterAll(() => stage.end())

  test('an arriving film comes through us, a complete one from nginx: the same headers', async () => {
    const before = await handedOver()
    const cold = await ask(url(playMovie(COLD)))
    expect(sha256(cold.body)).toBe(sha256(stage.torrents.cold.content))
    expect(await handedOver()).toBe(before)
    await published(stage.server.base, COLD)
    const warm = await ask(url(playMovie(COLD)))
    expect(sha256(warm.body)).toBe(sha256(stage.torrents.cold.content))
    expect(await handedOver()).toBe(before + 1)
    for (const name of [
      ...['etag', 'content-type', 'content-length', 'content-disposition', 'accept-ranges'],
      ...['access-control-allow-origin', 'access-control-expose-headers', 'timing-allow-origin'],
      ...['cache-control', 'x-content-type-options', 'last-modified'],
    ]) {
      expect([name, warm.headers[name]]).toEqual([name, cold.headers[name]])
    }
    expect(warm.headers['server-timing']).toContain('cache;dur=')
    expect(warm.headers).not.toHaveProperty('x-accel-redirect')
  })

  test.each([
    ['bytes=0-9', 0, 10],
    ['bytes=100000-200000', 100_000, 200_001],
    ['bytes=2999990-', 2_999_990, SIZE],
    ['bytes=2999990-9999999', 2_999_990, SIZE],
    ['bytes=-7', SIZE - 7, SIZE],
    ['bytes=-9999999', 0, SIZE],
  ])('%s is exact, and from nginx', async (range, start, end) => {
    const before = await handedOver()
    const answer = await get({ Range: range })
    expect(answer.status).toBe(206)
    expect(answer.headers['content-range']).toBe(`bytes ${start}-${end - 1}/${SIZE}`)
    expect(answer.headers.etag).toBe(etag)
    expect(answer.body.equals(content().subarray(start, end))).toBe(true)
    expect(await handedOver()).toBe(before + 1)
  })

  test('If-Range resumes the same bytes, and gets the whole of others', async () => {
    const same = await get({ Range: 'bytes=5-9', 'If-Range': etag })
    expect([same.status, same.body.equals(content().subarray(5, 10))]).toEqual([206, true])
    for (const other of ['"other"', `W/${etag}`, new Date().toUTCString()]) {
      const whole = await get({ Range: 'bytes=5-9', 'If-Range': other })
      expect([whole.status, whole.body.length]).toEqual([200, SIZE])
    }
  })

  test.each(['bytes=9-1', 'bytes=0-1,5-6', 'items=0-1'])('%s is the whole file', async (range) => {
    const answer = await get({ Range: range })
    expect([answer.status, answer.body.length]).toEqual([200, SIZE])
  })

  test('304, 416 and HEAD are ours', async () => {
    const before = await handedOver()
    expect((await get({ 'If-None-Match': etag })).status).toBe(304)
    const beyond = await get({ Range: `bytes=${SIZE}-` })
    expect(beyond.status).toBe(416)
    expect(beyond.headers['content-range']).toBe(`bytes */${SIZE}`)
    expect(beyond.json()).toMatchObject({ error: { code: 'RANGE_NOT_SATISFIABLE' } })
    const head = await ask(url(PATH), { method: 'HEAD' })
    expect(head.headers['content-length']).toBe(String(SIZE))
    expect(head.headers.etag).toBe(etag)
    expect(await handedOver()).toBe(before)
  })

  test('who asks us directly gets the bytes', async () => {
    const answer = await ask(stage.server.base + PATH)
    expect(sha256(answer.body)).toBe(sha256(content()))
  })

  test('strangers cannot write the addresses that are handed out', async () => {
    const manifest = await ask(url('/manifest.json'), {
      headers: {
        ...{ 'X-Forwarded-Prefix': '/evil', 'X-Forwarded-Host': 'evil.example' },
        'X-Forwarded-Proto': 'https',
      },
    })
    expect(manifest.json()).toMatchObject({ logo: url('/assets/logo.png') })
  })

  test('strangers reach neither the folder nor the management', async () => {
    const inside = `/playlink-cache/${stage.torrents.film.infoHash}/0`
    expect((await ask(url(inside))).status).toBe(404)
    expect((await ask(url(`/x/%2e%2e${inside}`))).status).toBe(404)
    const cleanup = await ask(url('/api/cache-config'), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"forceCleanup":true}',
    })
    expect(cleanup.status).toBe(403)
    expect(cleanup.json()).toMatchObject({ error: { code: 'NOT_LOCAL' } })
  })
})
