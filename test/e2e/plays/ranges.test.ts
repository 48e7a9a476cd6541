import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { errorCode, published } from '../../support/facts.ts'
import { type Answer, ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB } from '../../support/swarm/payload.ts'
import type { TorrentPlan } from '../../support/swarm/torrent.ts'
import { movie, playMovie } from '../../support/titles.ts'

const N = 300_001
const LAST = N - 1

/** Range header -> [status, first byte, last byte]; 416 has none. RFC 9110 14.1.2 and 14.2. */
const RANGES: readonly (readonly [string, number, number?, number?])[] = [
  ['bytes=0-99', 206, 0, 99],
  ['bytes=0-0', 206, 0, 0],
  [`bytes=${LAST}-${LAST}`, 206, LAST, LAST],
  ['bytes=65535-65536', 206, 65535, 65536],
  ['bytes=100000-', 206, 100_000, LAST],
  ['bytes=0-', 206, 0, LAST],
  ['bytes=-100', 206, N - 100, LAST],
  [`bytes=-${N}`, 206, 0, LAST],
  ['bytes=-99999999', 206, 0, LAST],
  ['bytes=200000-99999999', 206, 200_000, LAST],
  ['bytes=0-99999999999999999999', 206, 0, LAST],
  [`bytes=${N}-`, 416],
  [`bytes=${N}-${N + 5}`, 416],
  ['bytes=99999999999999999999-', 416],
  ['bytes=-0', 416],
  ['bytes=9-5', 200],
  ['bytes=abc', 200],
  ['bytes=', 200],
  ['bytes=-', 200],
  ['bytes=--5', 200],
  ['bytes=1-2x', 200],
  ['bytes=0x0-5', 200],
  ['bytes 0-5', 200],
  ['items=0-5', 200],
  ['garbage', 200],
  ['bytes=0-1,5-9', 200],
  ['bytes=5-9,0-1', 200],
]
/** Those that are tried cold too, each on a film of its own. */
const COLD = RANGES.filter(([range]) =>
  /^bytes=(0-99|100000-|-100|-99999999|300001-|-0|9-5|0-1,5-9)$|^items/.test(range),
)
type Condition = readonly [string, () => string, number]
const coldName = (i: number): string => `cold${i}`

describe('Range, If-Range, If-None-Match and HEAD', () => {
  let stage: Stage<string>
  let etag: string
  const warm = 'tt9000200'
  const coldId = (i: number): string => `tt90002${String(i + 10)}`
  const film = (name: string): Buffer => stage.torrents[name]?.content ?? Buffer.alloc(0)
  const get = (id: string, headers: Record<string, string>, method = 'GET'): Promise<Answer> =>
    ask(stage.server.base + playMovie(id), { headers, method })

  beforeAll(async () => {
    const names = ['warm', ...COLD.map((_, i) => coldName(i))]
    const plan = (name: string): TorrentPlan => ({
      name: `${name}.mkv`,
      size: N,
      pieceLength: 16 * KiB,
    })
    stage = await openStage<string>({
      torrents: Object.fromEntries(names.map((name) => [name, plan(name)])),
      titles: ({ magnet }) => [
        movie(warm, 'Warm', { magnet: magnet('warm') }),
        ...COLD.map((_, i) => movie(coldId(i), coldName(i), { magnet: magnet(coldName(i)) })),
      ],
    })
    etag = (await get(warm, {})).headers.etag ?? ''
    await published(stage.server.base, warm)
  })
  afterAll(() => stage.end())

  function judge(answer: Answer, whole: Buffer, row: (typeof RANGES)[number]): void {
    const [, status, first = 0, last = LAST] = row
    expect(answer.status).toBe(status)
    if (status === 416) {
      expect(answer.headers['content-range']).toBe(`bytes */${N}`)
      expect(errorCode(answer.body)).toBe('RANGE_NOT_SATISFIABLE')
      return
    }
    expect(answer.complete).toBe(true)
    expect(answer.body.length).toBe(last - first + 1)
    expect(answer.body.equals(whole.subarray(first, last + 1))).toBe(true)
    expect(answer.headers['content-length']).toBe(String(last - first + 1))
    expect(answer.headers['content-range']).toBe(
      status === 206 ? `bytes ${first}-${last}/${N}` : undefined,
    )
    expect(answer.headers['accept-ranges']).toBe('bytes')
    expect(answer.headers.etag).toMatch(/^"[^"]+"$/)
  }

  describe.each(RANGES)('on disk, %s', (...row) => {
    test(`answers ${row[1]}`, async () => {
      judge(await get(warm, { Range: row[0] }), film('warm'), row)
    })
  })

  describe.each(COLD.map((row, i) => [row[0], i] as const))('cold, %s', (range, i) => {
    test('answers as on disk', async () => {
      const row = COLD[i]
      if (!row) throw new Error('no row')
      judge(await get(coldId(i), { Range: range }), film(coldName(i)), row)
    })
  })

  test.each<Condition>([
    ['the entity tag', () => etag, 206],
    ['another entity tag', () => '"other"', 200],
    ['a weak one', () => `W/${etag}`, 200],
    ['a date', () => new Date(0).toUTCString(), 200],
    ['nonsense', () => 'x', 200],
  ])('If-Range with %s', async (_, value, status) => {
    const answer = await get(warm, { Range: 'bytes=5-9', 'If-Range': value() })
    judge(answer, film('warm'), status === 206 ? ['', 206, 5, 9] : ['', 200])
  })

  test.each<Condition>([
    ['the entity tag', () => etag, 304],
    ['it, weak', () => `W/${etag}`, 304],
    ['it in a list', () => `"a", ${etag}`, 304],
    ['a star', () => '*', 304],
    ['another', () => '"other"', 200],
  ])('If-None-Match with %s', async (_, value, status) => {
    for (const method of ['GET', 'HEAD']) {
      const answer = await get(warm, { 'If-None-Match': value() }, method)
      expect([method, answer.status]).toEqual([method, status])
      expect(answer.headers.etag).toBe(etag)
      if (status === 304) expect(answer.body).toHaveLength(0)
    }
    // it comes before Range (RFC 9110 13.2.2)
    const ranged = await get(warm, { 'If-None-Match': value(), Range: 'bytes=0-9' })
    expect(ranged.status).toBe(status === 304 ? 304 : 206)
  })

  test.each(['bytes=0-9', 'bytes=-0', 'bytes=99999999-'])(
    'HEAD ignores Range %s',
    async (range) => {
      const head = await get(warm, { Range: range }, 'HEAD')
      expect(head.status).toBe(200)
      expect(head.headers['content-length']).toBe(String(N))
      expect(head.headers['content-range']).toBeUndefined()
      expect(head.headers.etag).toBe(etag)
      expect(head.headers['accept-ranges']).toBe('bytes')
    },
  )
})
