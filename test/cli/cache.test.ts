import { readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { edgePath, filePaths } from '../../cache/disk/file-paths.ts'
import { cacheStats } from '../support/facts.ts'
import { type Playlink, startPlaylink } from '../support/server/playlink.ts'
import { begin } from '../support/server/request.ts'
import { KiB, MiB, sha256 } from '../support/swarm/payload.ts'
import { buildTorrent } from '../support/swarm/torrent.ts'
import { movie, playMovie } from '../support/titles.ts'
import { type Stocked, stocked } from './stocked.ts'

// Each command is a process of its own and takes longer on a busy machine.

const film = buildTorrent({ name: 'film.mkv', size: 300_000 })
const pack = buildTorrent({ name: 'pack', files: { 'a.mkv': 100_000, 'b.mkv': 150_000 } })

let stock: Stocked
beforeEach(async () => {
  stock = await stocked()
})
afterEach(() => stock.end())

const torrentsIn = async (): Promise<string[]> =>
  (await readdir(stock.dir)).filter((name) => name.length === 40)

describe('options and settings', () => {
  test('an unknown command is refused and touches nothing', async () => {
    const { code, out, err } = await stock.run(['list'])
    expect([code, out, err]).toEqual([64, '', expect.stringContaining('"list" is unknown')])
    expect(await readdir(stock.folder)).toEqual([])
  })

  test('all wrong settings are named at once, and a foreign folder', async () => {
    const bad = await stock.run(['ls'], { PORT: 'x', CACHE_TTL: 'y' })
    expect(bad.code).toBe(78)
    expect(bad.err).toMatch(/PORT .*\n.*CACHE_TTL /)
    await writeFile(join(stock.folder, 'mine.txt'), '')
    for (const command of ['ls', 'verify', 'clean']) {
      const foreign = await stock.run([command], { CACHE_DIR: stock.folder })
      expect([foreign.code, foreign.out]).toEqual([78, ''])
      expect(foreign.err).toContain('not made by Playlink')
    }
    expect(await readdir(stock.folder)).toEqual(['mine.txt'])
  })

  test('a missing folder has no files, is reported, and is not made', async () => {
    for (const command of ['ls', 'verify', 'clean']) {
      const { code, err } = await stock.run([command])
      expect([code, err]).toEqual([
        0,
        `playlink: CACHE_DIR ${stock.dir} does not exist, so nothing is cached there.\n`,
      ])
    }
    const { out } = await stock.run(['ls', '--json'])
    expect(JSON.parse(out)).toMatchObject({ files: [], totals: { count: 0 } })
    expect(await readdir(stock.folder)).toEqual([])
  })
})

test('ls: every file with its size, part, state and name, and the totals', async () => {
  await stock.put(film, 0)
  const part = await stock.put(pack, 1, [2])
  const { code, out } = await stock.run(['ls'], { CACHE_MAX_SIZE: '7' })
  expect(code).toBe(0)
  expect(out).toMatch(
    new RegExp(`300 kB +300 kB +100 % +complete +just now +${film.infoHash}/0 +film`),
  )
  expect(out).toMatch(new RegExp(`150 kB +65.5 kB +\\d\\d % +partial +just now +${part} +b.mkv`))
  expect(out).toContain('2 of at most 7 files, 366 kB of at most 5.0 GB')
  const { files, totals } = JSON.parse((await stock.run(['ls', '--json'])).out)
  expect(files).toHaveLength(2)
  expect(files[0]).toMatchObject({
    infoHash: film.infoHash,
    fileIdx: 0,
    heldBytes: 300_000,
    part: 1,
  })
  expect(files[1]).toMatchObject({ state: 'partial', sizeBytes: 150_000, heldBytes: 65_536 })
  expect(totals).toMatchObject({ count: 2, usedBytes: 365_536, maxBytes: 5e9 })
})

describe('verify', () => {
  test('complete and partial files with boundary pieces are good; no progress bar in a pipe', async () => {
    await stock.put(film, 0)
    await stock.put(pack, 0)
    await stock.put(pack, 1, [1, 3])
    const { code, out } = await stock.run(['verify'])
    expect(out).toMatch(/^3 good, 0 bad, 0 not checked; hashed \d+ kB in \d+\.\d s, .*\/s\n$/)
    expect(code).toBe(0)
  })

  test('names what is bad, removes it when told to, and leaves the rest', async () => {
    const good = await stock.put(film, 0)
    const flipped = await stock.put(pack, 0)
    const cut = await stock.put(pack, 1)
    await stock.spoil(flipped, 70_000)
    await truncate(filePaths(stock.dir, cut).payload, 10)
    const found = await stock.run(['verify'])
    expect(found.code).toBe(1)
    expect(found.out).toContain('1 good, 2 bad, 0 not checked')
    expect(found.out).toMatch(new RegExp(`${flipped} +a.mkv\\n +1 of 2 pieces`))
    expect(found.out).toMatch(new RegExp(`${cut} +b.mkv\\n +its bytes are missing, or of another`))
    expect(found.out).not.toContain(good)
    expect(await torrentsIn()).toHaveLength(2)
    const removed = await stock.run(['verify', '--remove'])
    expect([removed.code, removed.out]).toEqual([0, expect.stringContaining('removed 2 of 2 bad')])
    expect(await torrentsIn()).toEqual([film.infoHash])
    expect((await stock.run(['verify'])).code).toBe(0)
  })

  test('a wrong edge is bad; without edge or torrent a file cannot be checked', async () => {
    const key = await stock.put(pack, 0)
    const paths = filePaths(stock.dir, key)
    await writeFile(edgePath(paths, 1), Buffer.alloc(2 * 65_536 - 100_000))
    expect((await stock.run(['verify'])).out).toContain('0 good, 1 bad')
    await rm(edgePath(paths, 1))
    expect(await stock.run(['verify'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^1 good/),
    })
    await rm(paths.metainfo)
    const { code, out } = await stock.run(['verify', '--remove'])
    expect([code, out]).toEqual([0, expect.stringContaining('its torrent is not kept')])
    expect(await torrentsIn()).toEqual([pack.infoHash])
  })
})

describe('clean', () => {
  test('without a server: all files are removed, the folder is unlocked and stays ours', async () => {
    await stock.put(film, 0)
    await stock.put(pack, 1, [2])
    const { code, out, err } = await stock.run(['clean'], { CACHE_BACKEND: 'sqlite' })
    expect([code, out, err]).toEqual([0, 'removed 2 files, freed 366 kB, kept 0 in use\n', ''])
    expect(await readdir(stock.dir)).toEqual(['.playlink'])
  })

  describe('while a server runs on the folder', () => {
    const long = buildTorrent({ name: 'long.mkv', size: 24 * MiB, pieceLength: 256 * KiB })
    let server: Playlink
    const start = async (env = {}): Promise<void> => {
      const catalogue = join(stock.folder, 'titles.json')
      const titles = [movie('tt9000001', 'Long', { magnet: long.magnet() })]
      await writeFile(catalogue, JSON.stringify({ version: 1, titles }))
      const more = { CATALOGUE: catalogue, CACHE_PERSISTENT: 'true', ...env }
      server = await startPlaylink(stock.folder, more)
    }
    afterEach(() => server.stop())

    test('the server removes what nobody uses; a stream goes on to its last byte', async () => {
      await stock.put(long, 0)
      const bad = await stock.put(film, 0)
      await stock.put(pack, 1)
      await start()
      const PORT = String(server.port)
      const stream = await begin(server.base + playMovie('tt9000001'))
      const begun = await stream.read(64 * KiB)
      await stock.spoil(bad, 5)
      expect((await stock.run(['ls'])).out).toContain('3 of at most')
      const verified = await stock.run(['verify', '--remove'], { PORT })
      expect([verified.code, verified.out]).toEqual([
        0,
        expect.stringContaining('removed 1 of 1 bad files, 0 left'),
      ])
      expect((await cacheStats(server.base)).files.count).toBe(2)
      const { code, out } = await stock.run(['clean'], { PORT })
      expect([code, out]).toEqual([0, 'removed 1 files, freed 184 kB, kept 1 in use\n'])
      expect(await torrentsIn()).toEqual([long.infoHash])
      const rest = await stream.rest()
      expect(sha256(Buffer.concat([begun, rest.body]))).toBe(sha256(long.content))
    })

    test('nothing is removed when the server cannot be asked, refuses, or is another one', async () => {
      await stock.put(film, 0)
      await start()
      const path = join(stock.dir, '.management')
      const access = JSON.parse(await readFile(path, 'utf8'))
      const other = await startPlaylink(join(stock.folder, 'other'))
      try {
        for (const [text, words] of [
          ['{', 'does not serve now'],
          [JSON.stringify({ ...access, port: 1 }), 'does not answer'],
          [JSON.stringify({ ...access, port: other.port }), 'refuses: Send the header'],
        ] as const) {
          await writeFile(path, text)
          const { code, out, err } = await stock.run(['clean'])
          expect([code, out, err]).toEqual([75, '', expect.stringContaining(words)])
        }
      } finally {
        await other.stop()
      }
      expect(await torrentsIn()).toEqual([film.infoHash])
    })

    // What the environment says of a token or a port does not matter: the file says it.
    test.each([
      { NODE_ENV: 'production' },
      { NODE_ENV: 'production', ADMIN_TOKEN: 'a-long-enough-token' },
      { TRUST_PROXY: 'loopback', PUBLIC_URL: 'https://films.example' },
    ])('it obeys its own user, with %j', async (env) => {
      await stock.put(film, 0)
      await start(env)
      const path = join(stock.dir, '.management')
      expect((await stat(path)).mode % 0o1000).toBe(0o600)
      const { code, out } = await stock.run(['clean'], { PORT: '1' })
      expect([code, out]).toEqual([0, expect.stringContaining('removed 1 files')])
      expect(server.log().includes('the management API is closed')).toBe(
        env.NODE_ENV !== undefined && env.ADMIN_TOKEN === undefined,
      )
      await server.stop()
      expect(await readdir(stock.dir)).not.toContain('.management')
    })
  })
})
