import { mkdir, open, readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { cacheStats, published } from '../../support/facts.ts'
import { environment, launch } from '../../support/server/playlink.ts'
import { exitOf } from '../../support/server/processes.ts'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { MiB } from '../../support/swarm/payload.ts'
import { movie, playMovie, streamsOf } from '../../support/titles.ts'
import { eventually, sleep, within } from '../../support/wait.ts'
import {
  expectExact,
  FILM,
  keptIn,
  openPersistenceStage,
  type PersistenceStage,
  PIECE,
  SHORT,
  SIZE,
  SLACK,
} from './persistence-stage.ts'

const PART = 3 * MiB

describe('a film half fetched and a short one whole, then a restart', () => {
  let stage: PersistenceStage
  beforeAll(async () => {
    stage = await openPersistenceStage()
  })
  beforeEach(() => stage.fresh())
  afterAll(() => stage.end())

  const stateOf = async (): Promise<unknown[]> =>
    (await keptIn(stage.cacheDir)).map(({ complete, settled }) => [complete, settled]).sort()
  const payloadOf = (name: 'film' | 'short'): string =>
    join(stage.cacheDir, stage.torrents[name].infoHash, '0')

  /** Resolves when the bytes kept have not changed for a second. */
  async function nothingArrives({ base }: { readonly base: string }): Promise<void> {
    let last = -1
    for (let same = 0; same < 10; ) {
      const { usedBytes } = (await cacheStats(base)).disk
      same = usedBytes === last ? same + 1 : 0
      last = usedBytes
      await sleep(100)
    }
  }

  test('clean stop: nothing is hashed or fetched again', async () => {
    const first = await stage.start()
    await stage.expectWhole(first, 'short')
    await published(first.base, SHORT)
    const stream = await stage.playSome(first, PART)
    await stage.seeder.pause()
    // What the paused seeder had sent already is still on its way into the cache.
    await nothingArrives(first)
    stream.leave()
    const node = ((await ask(`${first.base}/api/cache-stats`)).json() as { node: string }).node
    await first.stop()
    expect(await stateOf()).toEqual([
      [false, true],
      [true, true],
    ])
    const sent = await stage.uploaded()

    const second = await stage.start()
    expect(await cacheStats(second.base)).toMatchObject({ node, files: { count: 2 } })
    expect((await expectExact(second)).length).toBe(2)
    // The seeder still sends nothing: what is here plays alone.
    await stage.expectWhole(second, 'short')
    await stage.seeder.resume()
    await stage.seeder.rate(0)
    await stage.expectWhole(second, 'film')
    expect((await stage.uploaded()) - sent).toBeLessThanOrEqual(SIZE - PART + SLACK)
    await published(second.base, FILM)
    await expectExact(second)
  })

  test('kill -9 in mid-download: hashed from disk, not fetched; a byte that went bad is found', async () => {
    const before = await stage.uploaded()
    const first = await stage.start()
    await stage.expectWhole(first, 'short')
    await stage.playSome(first, PART)
    await first.kill()
    expect((await stage.uploaded()) - before).toBeLessThan(SIZE - SLACK)
    const bad = await open(payloadOf('film'), 'r+')
    await bad.write(Buffer.from('wrong'), 0, 5, 1000)
    await bad.close()

    const second = await stage.start()
    expect(await stateOf()).toEqual([
      [false, false],
      [true, true],
    ])
    // A piece that was being written counts as a whole one until it is hashed.
    await expectExact(second, PIECE)
    await stage.seeder.rate(0)
    await stage.expectWhole(second, 'film')
    // What was on its way at the kill comes again, more of it on a slow machine; what was here would be PART.
    expect((await stage.uploaded()) - before).toBeLessThanOrEqual(SIZE + PIECE + 2 * SLACK)
    await stage.expectWhole(second, 'short')
    await published(second.base, FILM)
    await expectExact(second)
  })

  test.each(['publish:synced', 'publish:sidecar'])(
    'killed at %s: plays whole from disk, and nobody sends a byte',
    async (point) => {
      const first = await stage.start({ PLAYLINK_KILL_AT: point })
      await ask(first.base + playMovie(SHORT)).catch(() => undefined)
      expect(await within('the kill', 60_000, first.exited())).toBe('SIGKILL')
      await first.kill()
      await stage.seeder.pause()
      const second = await stage.start()
      const [short] = await expectExact(second)
      expect(short?.bytes).toBe(MiB)
      await stage.expectWhole(second, 'short')
      await published(second.base, SHORT)
    },
  )

  test.each(['remove:payload', 'evict:one', 'sweep:step'])(
    'killed at %s of a sweep: gone or whole, and the numbers are right',
    async (point) => {
      const ended = await stage.start()
      await stage.expectWhole(ended, 'short')
      await published(ended.base, SHORT)
      await ended.stop()
      // A step ends in every sweep; that nothing expires in it must not hang on how fast this is.
      const isGone = point !== 'sweep:step'
      const strict = { CACHE_TTL: isGone ? '1' : '3600', CACHE_CLEANUP_INTERVAL: '1' }
      const first = await stage.start({ ...strict, PLAYLINK_KILL_AT: point }).catch(() => undefined)
      // Whoever dies at the first step of the first sweep may not even have answered.
      if (first) expect(await within('the kill', 60_000, first.exited())).toBe('SIGKILL')
      await first?.kill()
      const second = await stage.start()
      const kept = await expectExact(second)
      expect(kept.map(({ complete }) => complete)).toEqual(kept.map(() => true))
      expect(kept).toHaveLength(isGone ? 0 : 1)
      const left = (await readdir(stage.cacheDir)).filter((name) => /^[0-9a-f]{40}$/.test(name))
      expect(left).toHaveLength(kept.length)
      await stage.expectWhole(second, 'short')
    },
  )

  test.each<[string, () => Promise<unknown>]>([
    ['a sidecar of garbage', () => writeFile(`${payloadOf('short')}.json`, 'garbage')],
    ['half a sidecar', () => truncate(`${payloadOf('short')}.json`, 100)],
    ['a payload that is too short', () => truncate(payloadOf('short'), MiB - 1)],
    [
      'metainfo of garbage',
      () => writeFile(join(payloadOf('short'), '..', 'metainfo.torrent'), 'x'),
    ],
  ])('%s: a clean state, and the film plays', async (what, spoil) => {
    const first = await stage.start()
    await stage.expectWhole(first, 'short')
    await published(first.base, SHORT)
    await first.stop()
    await spoil()
    const second = await stage.start()
    expect(await expectExact(second)).toHaveLength(what.startsWith('metainfo') ? 1 : 0)
    await stage.expectWhole(second, 'short')
    await published(second.base, SHORT)
    await expectExact(second)
  })

  test('an hour on and back between restarts evicts nothing', async () => {
    let server = await stage.start()
    await stage.expectWhole(server, 'short')
    await published(server.base, SHORT)
    for (const jump of [3_600_000, -3_600_000]) {
      await server.stop()
      // What a wall clock that stood elsewhere would have written.
      const path = `${payloadOf('short')}.json`
      const sidecar = JSON.parse(await readFile(path, 'utf8'))
      for (const field of ['storedAt', 'usedAt']) sidecar[field] += jump
      await writeFile(path, JSON.stringify(sidecar))
      server = await stage.start({ CACHE_TTL: '600' })
      const stats = await cacheStats(server.base)
      expect([stats.files.count, stats.evictions.ttl]).toEqual([1, 0])
    }
  })

  test('CACHE_PERSISTENT=false empties ours', async () => {
    const first = await stage.start()
    await stage.expectWhole(first, 'short')
    await published(first.base, SHORT)
    await first.kill()
    await writeFile(join(stage.cacheDir, 'readme.txt'), 'mine')
    const second = await stage.start({ CACHE_PERSISTENT: 'false' })
    await expectExact(second)
    const own = ['.lock', '.management', '.playlink']
    expect((await readdir(stage.cacheDir)).sort()).toEqual([...own, 'readme.txt'])
  })
})

describe('a folder that is not ours', () => {
  let stage: Stage<never>
  beforeAll(async () => {
    stage = await openStage({})
  })
  afterAll(() => stage.end())

  test.each<[string, readonly string[], Record<string, string>]>([
    ['is never emptied', ['thesis.doc'], { CACHE_PERSISTENT: 'false' }],
    ['is never used either', ['thesis.doc'], { CACHE_PERSISTENT: 'true' }],
    ['with our names and no marker', ['0'.repeat(40), 'notes.json'], {}],
    ['with one foreign file among our names and no marker', ['0'.repeat(40), 'holiday.jpg'], {}],
  ])('%s: one line, exit 78', async (what, names, env) => {
    const dir = join(stage.folder, what.replaceAll(' ', '-'))
    await mkdir(dir)
    for (const name of names) await writeFile(join(dir, name), 'x')
    const { child, log } = launch(environment(stage.folder, { CACHE_DIR: dir, ...env }))
    expect(await within('the end', 60_000, exitOf(child))).toBe(78)
    expect(
      log()
        .split('\n')
        .filter((line) => line.includes('CACHE_DIR')),
    ).toHaveLength(1)
    expect((await readdir(dir)).sort()).toEqual([...names].sort())
  })
})

describe('continue watching', () => {
  let stage: Stage<'a' | 'b'>
  beforeAll(async () => {
    stage = await openStage({
      torrents: {
        a: { name: 'a.mkv', size: 200_000 },
        b: { name: 'b.mkv', size: 300_000 },
      },
      titles: ({ magnet }) => [
        movie(FILM, 'Film', { magnet: magnet('a') }, { magnet: magnet('b') }),
      ],
    })
  })
  afterAll(() => stage.end())

  test('a number given out just before kill -9 still means the same source', async () => {
    const env = { CACHE_PERSISTENT: 'true', CACHE_DIR: join(stage.folder, 'kept') }
    const first = await stage.another(env)
    await ask(first.base + streamsOf(FILM))
    const notes = () => readFile(join(env.CACHE_DIR, 'values.journal'), 'utf8').catch(() => '')
    // How soon that is: memory-values.test.ts.
    await eventually('it is written down', async () => (await notes()).includes(FILM))
    await first.kill()
    expect(await notes()).toMatch(/^playlink values 1 \d+\n/)
    // Found the other way round now: without the source list, 0 would be another film.
    await stage.writeCatalogue([
      movie(FILM, 'Film', { magnet: stage.magnet('b') }, { magnet: stage.magnet('a') }),
    ])
    const second = await stage.another(env)
    const answer = await ask(second.base + playMovie(FILM, 0))
    expect([answer.status, answer.body.equals(stage.torrents.a.content)]).toEqual([200, true])
    expect((await ask(second.base + playMovie(FILM, 1))).body.length).toBe(300_000)
  })
})
