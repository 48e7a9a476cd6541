import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { bombs } from '../../support/bombs.ts'
import { withWatch } from '../../support/clients/watch.ts'
import { errorCode, leaks } from '../../support/facts.ts'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { sha256 } from '../../support/swarm/payload.ts'
import { fromInfo } from '../../support/swarm/torrent.ts'
import { movie, playMovie } from '../../support/titles.ts'
import { fixed, startWeb, type Web } from '../../support/web.ts'

const whole = (info: Buffer): Buffer => fromInfo('x', info).torrent()
const deep = Buffer.from(`${'l'.repeat(100_000)}${'e'.repeat(100_000)}`)

/** .torrent files that must be refused: [what, bytes]. */
const REFUSED: readonly (readonly [string, Buffer])[] = [
  ['a length of 10^15', whole(bombs.hugeLength())],
  ['20,001 files', whole(bombs.manyPaths())],
  ['400,000 files', whole(bombs.manyFiles())],
  ['pieces of 3 bytes', whole(bombs.crooked({ 'piece length': 3 }))],
  ['pieces of 0 bytes', whole(bombs.crooked({ 'piece length': 0 }))],
  ['more than 12 MiB', whole(bombs.crooked({ pieces: Buffer.alloc(12 << 20) }))],
  ['pieces of 129 MiB', whole(bombs.crooked({ 'piece length': 129 << 20 }))],
  ['a negative length', whole(bombs.crooked({ length: -5 }))],
  ['too few piece hashes', whole(bombs.crooked({ pieces: Buffer.alloc(20) }))],
  ['half a piece hash', whole(bombs.crooked({ pieces: Buffer.alloc(30) }))],
  ['no info', Buffer.from('d8:announce3:abce')],
  ['half a file', whole(bombs.crooked({})).subarray(0, 60)],
  ['a string longer than the file', Buffer.from('d4:info99999999999:xe')],
  [
    'lists a hundred thousand deep',
    Buffer.concat([Buffer.from('d4:info'), deep, Buffer.from('e')]),
  ],
  ['a page', Buffer.from('<!doctype html><title>404</title>')],
  ['nothing', Buffer.alloc(0)],
]
const idOf = (i: number): string => `tt90013${String(i + 10)}`

describe('hostile .torrent files by URL', () => {
  let stage: Stage<'good'>
  let web: Web

  beforeAll(async () => {
    const files = Object.fromEntries(REFUSED.map(([, body], i) => [`/${i}.torrent`, body]))
    web = await startWeb((req, res) => {
      if (req.url !== '/endless.torrent') return fixed(files)(req, res)
      // never ends, never stops: the reader has to
      const more = setInterval(() => res.write(Buffer.alloc(64 * 1024)), 5)
      res.once('close', () => clearInterval(more))
    })
    stage = await openStage({
      torrents: { good: { name: 'good.mkv', size: 200_000 } },
      titles: ({ magnet }) => [
        movie('tt9001301', 'Good', { magnet: magnet('good') }),
        movie('tt9001302', 'Endless', { torrent: `${web.base}/endless.torrent` }),
        ...REFUSED.map(([name], i) =>
          movie(idOf(i), name, { torrent: `${web.base}/${i}.torrent` }),
        ),
      ],
      // Far past the patience of ask(): whoever is answered was refused for what the file holds.
      env: { PLAY_TIMEOUT: '300' },
    })
    stage.own(() => web.close())
    await ask(stage.server.base + playMovie('tt9001301'))
  })
  afterAll(() => stage.end())

  test.each(REFUSED.map(([name], i) => [name, i] as const))('%s is 502', async (_, i) => {
    const answer = await ask(stage.server.base + playMovie(idOf(i)))
    expect(answer.status).toBe(502)
    expect(errorCode(answer.body)).toMatch(/^(HOSTILE_TORRENT|BAD_TORRENT|UPSTREAM_FAILED)$/)
    expect(leaks(answer.body.toString())).toEqual([])
  })

  test('a body without an end is cut', async () => {
    const answer = await ask(stage.server.base + playMovie('tt9001302'))
    expect([answer.status, errorCode(answer.body)]).toEqual([502, 'UPSTREAM_FAILED'])
  })

  test('all of them at once, and the service answers', async () => {
    const { base } = stage.server
    const watched = [`${base}/health`, base + playMovie('tt9001301')]
    const { outcome, wrong } = await withWatch(watched, () =>
      Promise.all(REFUSED.map((_, i) => ask(base + playMovie(idOf(i))))),
    )
    expect(outcome.map((one) => one.status)).toEqual(REFUSED.map(() => 502))
    expect(wrong).toEqual([])
    const good = await ask(base + playMovie('tt9001301'))
    expect(sha256(good.body)).toBe(sha256(stage.torrents.good.content))
  })
})
