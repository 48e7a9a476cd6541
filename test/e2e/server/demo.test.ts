import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { TORRENTS } from '../../../demo/titles.ts'
import { childRunning, type Demo, endDemos, runDemo, video } from '../../support/server/demo.ts'
import { childrenOf, groupMembers, isRunning, killGroup } from '../../support/server/processes.ts'
import { ask, begin } from '../../support/server/request.ts'
import { sha256 } from '../../support/swarm/payload.ts'
import { eventually } from '../../support/wait.ts'
import { startWeb } from '../../support/web.ts'

const FILM = '/play/movie/tt00000001'
const SERIES = '/play/series/tt00000000'
const EPISODE = (n: number, name: string): string =>
  `${TORRENTS[2]}/Playlink.Demo.Series.S01E0${n}.${name}.360p.mp4`

afterAll(endDemos)

describe('the demo', () => {
  let demo: Demo
  let base = ''
  beforeAll(async () => {
    demo = await runDemo()
    base = await demo.ready()
  })

  test('says where to look, in words that a terminal without colours can show', async () => {
    const said = demo.said()
    expect(said).toContain(`stremio://${base.slice('http://'.length)}/manifest.json`)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the one that begins every colour
    expect(said).not.toMatch(/\x1b/)
    expect(said).not.toMatch(/taken|slow/)
    for (const path of ['/manifest.json', '/test-source-selection']) {
      expect(said).toContain(`${base}${path}\n`)
      expect((await ask(base + path)).status).toBe(200)
    }
    const links = said.match(/http:\S+\/play\/\S+/g)
    expect(links).toEqual([
      ...[0, 1, 2].map((number) => `${base}${FILM}/${number}`),
      ...[1, 2].map((episode) => `${base}${SERIES}/0/1/${episode}`),
    ])
  })

  test('HEAD of what nobody played yet starts nothing', async () => {
    const head = await ask(`${base}${FILM}/0`, { method: 'HEAD' })
    expect([head.status, head.headers['content-length']]).toEqual([200, undefined])
    const [folder = ''] = await readdir(demo.temp)
    const cached = await readdir(join(demo.temp, folder, 'cache'))
    expect(cached.filter((name) => /^[0-9a-f]{40}$/.test(name))).toEqual([])
  })

  test.each([
    ['a magnet', `${FILM}/0`, TORRENTS[0]],
    ['another magnet', `${FILM}/1`, TORRENTS[1]],
    ['an episode', `${SERIES}/0/1/1`, EPISODE(1, 'Sunrise')],
    ['the other episode of its torrent', `${SERIES}/0/1/2`, EPISODE(2, 'Moonrise')],
  ])('%s plays, byte by byte, and is then known to HEAD', async (_, path, file) => {
    const wanted = await video(file)
    const played = await ask(base + path)
    expect([played.status, played.headers['content-type']]).toEqual([200, 'video/mp4'])
    expect(sha256(played.body)).toBe(sha256(wanted))
    const head = await ask(base + path, { method: 'HEAD' })
    expect([head.status, head.headers['content-length']]).toEqual([200, String(wanted.length)])
    const middle = await ask(base + path, { headers: { Range: 'bytes=99999-100100' } })
    expect(middle.body.equals(wanted.subarray(99_999, 100_101))).toBe(true)
  })

  test('the plain link leads to the film, which can be sought in', async () => {
    const wanted = await video('Playlink.Demo.Film.Direct.360p.mp4')
    for (const method of ['HEAD', 'GET']) {
      const answer = await ask(`${base}${FILM}/2`, { method })
      expect(answer.status).toBe(302)
      const film = await ask(answer.headers.location ?? '', { method })
      expect(film.headers['content-length']).toBe(String(wanted.length))
      if (method === 'GET') expect(sha256(film.body)).toBe(sha256(wanted))
      const end = await ask(answer.headers.location ?? '', { headers: { Range: 'bytes=-10' } })
      expect(end.status).toBe(206)
      expect(end.body.equals(wanted.subarray(-10))).toBe(true)
    }
  })

  test('Stremio gets the same sources listed', async () => {
    const list = (await ask(`${base}/stream/movie/tt00000001.json`)).json()
    const urls = (list as { streams: { url: string }[] }).streams.map(({ url }) => url)
    expect(urls.map((url) => url.replace(/\?.*/, '')).toSorted()).toEqual(
      [0, 1, 2, 'auto'].map((number) => `${base}${FILM}/${number}`),
    )
  })

  test('Ctrl-C ends everything and leaves nothing', async () => {
    const members = groupMembers(demo.pid)
    // demo, seeder, server and its engine
    expect(members).toHaveLength(4)
    killGroup(demo.pid, 'SIGINT')
    // npm passes it on a second time
    demo.child.kill('SIGINT')
    expect(await demo.ended()).toBe(0)
    expect(members.filter(isRunning)).toEqual([])
    expect(await readdir(demo.temp)).toEqual([])
    expect(demo.said()).toMatch(/Every process has ended and its files are gone\.\n$/)
  })
})

test('a slow swarm lets one see it arrive, and SIGTERM in the middle ends everything', async () => {
  const demo = await runDemo(['--slow'])
  const base = await demo.ready()
  expect(demo.said()).toContain('The swarm is slow')
  const whole = await video(TORRENTS[0])
  const play = await begin(`${base}${FILM}/0`)
  expect((await play.read(20_000)).length).toBeLessThan(whole.length)
  const stats = (await ask(`${base}/api/cache-stats`)).json() as { arrivals: { running: number } }
  expect(stats.arrivals.running).toBe(1)
  demo.child.kill('SIGTERM')
  expect((await play.rest()).complete).toBe(false)
  expect(await demo.ended()).toBe(0)
  expect(await readdir(demo.temp)).toEqual([])
})

test('a port that is taken is said, and another one serves', async () => {
  const other = await startWeb()
  const demo = await runDemo([], { PORT: String(other.port) })
  try {
    const base = await demo.ready()
    expect(demo.said()).toContain(`Port ${other.port} is taken`)
    expect(base).not.toBe(other.base)
    expect((await ask(`${base}/health`)).status).toBe(200)
    expect(other.connections).toBe(0)
  } finally {
    await other.close()
  }
  demo.child.kill('SIGTERM')
  expect(await demo.ended()).toBe(0)
})

test.each([
  ['seeder', 'seeder.ts'],
  ['server', 'main.ts'],
])('when the %s dies the demo says so and ends', async (name, script) => {
  const demo = await runDemo()
  await demo.ready()
  process.kill(await childRunning(demo, script), 'SIGKILL')
  expect(await demo.ended()).toBe(1)
  expect(demo.said()).toContain(`The ${name} ended by itself, so the demo ends too: SIGKILL`)
  expect(await readdir(demo.temp)).toEqual([])
})

test('Ctrl-C while it starts ends it as well', async () => {
  const demo = await runDemo()
  await eventually('a child', () => childrenOf(demo.pid).length > 0)
  killGroup(demo.pid, 'SIGINT')
  expect(await demo.ended()).toBe(0)
  expect(await readdir(demo.temp)).toEqual([])
  expect(demo.said()).not.toContain('could not start')
})

test('without a place for its files it says why and ends', async () => {
  const demo = await runDemo([], { TMPDIR: '/nowhere/at/all' })
  expect(await demo.ended()).toBe(1)
  expect(demo.said()).toContain('The demo could not start: ENOENT')
})

test('an unknown option is refused with the ones there are', async () => {
  const demo = await runDemo(['--fast'])
  expect(await demo.ended()).toBe(2)
  expect(demo.said()).toMatch(/'--fast'.*--slow/s)
})
