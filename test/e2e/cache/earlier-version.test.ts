import { cp, mkdtemp, open, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import Sqlite from 'better-sqlite3'
import { createMemoryIndex } from '../../../cache/backends/memory/memory.ts'
import { createSqliteIndex } from '../../../cache/backends/sqlite/sqlite.ts'
import type { CacheIndex } from '../../../cache/index/cache-index.ts'
import { Bitfield } from '../../../common/bittorrent/bitfield.ts'
import { type FileKey, fileKey } from '../../../common/bittorrent/file-key.ts'
import { systemClock } from '../../../common/clock.ts'
import { connectedAt } from '../../contracts/redis-index.ts'
import { cacheStats } from '../../support/facts.ts'
import { type Env, type Playlink, startPlaylink } from '../../support/server/playlink.ts'
import { startRedis, type TestRedis } from '../../support/server/redis.ts'
import { ask } from '../../support/server/request.ts'
import { KiB, MiB, sha256 } from '../../support/swarm/payload.ts'
import { type BuiltTorrent, buildTorrent } from '../../support/swarm/torrent.ts'
import { movie, playMovie, streamsOf } from '../../support/titles.ts'

const FIXTURES = new URL('../../fixtures/earlier/', import.meta.url).pathname
const FILM = 'tt9003001'
const PARTIAL = 'tt9003002'
const PIECE = 64 * KiB
/** Wall-clock milliseconds of the year 2255. */
const FAR_FUTURE = 9e12

/** The torrents of the fixtures: name, size and seed decide their bytes and so their info hash. */
const film = buildTorrent({ name: 'earlier-film.mkv', size: 300_000, pieceLength: PIECE })
const other = buildTorrent({ name: 'earlier-other.mkv', size: 200_000, pieceLength: PIECE })
const partial = buildTorrent({ name: 'earlier-part.mkv', size: 8 * MiB, pieceLength: PIECE })

interface Sidecar {
  readonly pieces: string
  readonly mtime: number
  readonly storedAt: number
  readonly complete: boolean
}

const json = async <T>(path: string): Promise<T> => JSON.parse(await readFile(path, 'utf8')) as T

/** Writes the pieces that the sidecar counts, with the modification time that it names. */
async function addPayload(dir: string, torrent: BuiltTorrent): Promise<number> {
  const path = join(dir, torrent.infoHash, '0')
  const { pieces, mtime } = await json<Sidecar>(`${path}.json`)
  const bitfield = new Bitfield(
    Math.ceil(torrent.content.length / PIECE),
    Buffer.from(pieces, 'base64'),
  )
  const file = await open(path, 'w')
  await file.truncate(torrent.content.length)
  let bytes = 0
  for (let piece = 0; piece < bitfield.length; piece++) {
    if (!bitfield.has(piece)) continue
    const part = torrent.content.subarray(piece * PIECE, (piece + 1) * PIECE)
    await file.write(part, 0, part.length, piece * PIECE)
    bytes += part.length
  }
  await file.close()
  await utimes(path, mtime / 1000, mtime / 1000)
  return bytes
}

/** Values live for 30 days, and fixtures get older: gives them a time to live that does not end. */
async function refreshValues(dir: string, backend: string, redis: TestRedis): Promise<void> {
  if (backend === 'memory') {
    const path = join(dir, 'notes.json')
    const saved = await json<{ notes: { expiresAt: number }[] }>(path)
    for (const note of saved.notes) note.expiresAt = FAR_FUTURE
    await writeFile(path, JSON.stringify(saved))
  } else if (backend === 'sqlite') {
    const database = new Sqlite(join(dir, 'index.sqlite'))
    database.prepare('UPDATE notes SET expires_at = ?').run(FAR_FUTURE)
    database.close()
  } else {
    const lines = (await readFile(join(dir, 'redis.txt'), 'utf8')).trim().split('\n')
    for (const line of lines) {
      const [command, ...args] = JSON.parse(line) as [string, ...string[]]
      await redis.client.call(command, ...args)
    }
  }
}

describe.each(['memory', 'sqlite', 'redis'])('what the version before left with %s', (backend) => {
  let folder: string
  let dir: string
  let bytesOnDisk: number
  let redis: TestRedis
  let server: Playlink | undefined

  beforeAll(async () => {
    redis = await startRedis()
    folder = await mkdtemp(join(tmpdir(), 'playlink-earlier-'))
    dir = join(folder, 'cache')
    await cp(join(FIXTURES, backend), dir, { recursive: true })
    bytesOnDisk = (await addPayload(dir, film)) + (await addPayload(dir, partial))
    await refreshValues(dir, backend, redis)
  })
  afterAll(async () => {
    await server?.stop()
    await redis?.end()
    await rm(folder, { recursive: true, force: true })
  })

  const openIndex = async (): Promise<CacheIndex> => {
    const clock = systemClock
    if (backend === 'redis') return connectedAt(redis.url)
    if (backend === 'memory')
      return createMemoryIndex({ clock, valuesFile: join(dir, 'notes.json') })
    return createSqliteIndex({ path: join(dir, 'index.sqlite'), persistent: true, clock })
  }

  test('its values and entries are read field by field', async () => {
    const index = await openIndex()
    const list = await index.readValue<{ entries: { key: string }[] }>(`book:${FILM}`)
    expect(list?.revision).toBeGreaterThan(0)
    expect(list?.value.entries.map(({ key }) => key)).toEqual(['3mz2ivstmc', 'eeqdonnhmc'])
    const { node } = await json<{ node: string }>(join(dir, '.playlink'))
    // The memory backend keeps no entries: they are made from the sidecars at each start.
    for (const { infoHash, name, content } of backend === 'memory' ? [] : [film, partial]) {
      const key: FileKey = fileKey(infoHash, 0)
      const { storedAt, complete } = await json<Sidecar>(join(dir, `${key}.json`))
      const entry = { key, node, name, size: content.length, complete, storedAt }
      expect(await index.find(key)).toEqual([expect.objectContaining(entry)])
    }
    const kept = backend === 'memory' ? { files: 0, bytes: 0 } : { files: 2, bytes: bytesOnDisk }
    expect(await index.totals(node)).toEqual(kept)
    await index.close()
  })

  test('the film plays whole, the partial from its first piece, and no number has moved', async () => {
    // The other way round than then: without the old list, 0 would be the other film.
    const catalogue = join(folder, 'titles.json')
    const titles = [
      movie(FILM, 'Film', { magnet: other.magnet() }, { magnet: film.magnet() }),
      movie(PARTIAL, 'Part', { magnet: partial.magnet() }),
    ]
    await writeFile(catalogue, JSON.stringify({ version: 1, titles }))
    const listed = await json<string[]>(join(dir, 'listed.json'))
    const { node } = await json<{ node: string }>(join(dir, '.playlink'))
    const env: Env = {
      CATALOGUE: catalogue,
      CACHE_DIR: dir,
      CACHE_PERSISTENT: 'true',
      CACHE_BACKEND: backend,
      REDIS_URL: redis.url,
    }
    server = await startPlaylink(folder, env)
    const { base } = server

    expect(await cacheStats(base)).toMatchObject({
      node,
      status: 'ok',
      backend: { name: backend, connected: true },
      files: { count: 2 },
      disk: { usedBytes: bytesOnDisk },
    })
    const list = (await ask(base + streamsOf(FILM))).json() as { streams: { url: string }[] }
    const urls = list.streams.map(({ url }) => url.slice(url.indexOf('/play/')))
    expect(urls.filter((url) => listed.includes(url)).sort()).toEqual([...listed].sort())

    const whole = await ask(base + playMovie(FILM))
    expect([whole.status, sha256(whole.body)]).toEqual([200, sha256(film.content)])
    // Nobody seeds: these bytes can only be those on disk.
    const range = { Range: `bytes=0-${PIECE - 1}` }
    const start = await ask(base + playMovie(PARTIAL), { headers: range })
    expect([start.status, sha256(start.body)]).toEqual([
      206,
      sha256(partial.content.subarray(0, PIECE)),
    ])
    expect((await cacheStats(base)).files.count).toBe(2)
  })
})
