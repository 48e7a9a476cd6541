import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Bitfield } from '../../../../common/bittorrent/bitfield.ts'
import { type PieceLayout, pieceCount } from '../../../../common/bittorrent/piece-layout.ts'
import { MiB } from '../../../support/swarm/payload.ts'
import { type BuiltTorrent, buildTorrent } from '../../../support/swarm/torrent.ts'
import { within } from '../../../support/wait.ts'
import { fixed, startWeb, type Web } from '../../../support/web.ts'
import { drain, recorder, startEngine, using } from '../../engines.ts'

const film = buildTorrent({ name: 'film.mp4', size: 6 * MiB + 1, pieceLength: MiB })
const FIRST = 'Teil 1 #?%41 – Über.mp4'
const SECOND = 'extras/zwei & drei.mkv'
/** No file ends at the end of a piece. */
const item = buildTorrent({
  name: 'An Item (1926)',
  files: { 'a.txt': 1000, [FIRST]: 700_001, [SECOND]: 500_003, 'z.xml': 90_001 },
})
const served = Object.fromEntries(
  item.files.map(({ path, bytes }) => [`/download/${item.name}/${path}`, bytes]),
)

let folder = ''
const webs: Web[] = []
const web = async (answer: RequestListener): Promise<Web> => {
  const one = await startWeb(answer)
  webs.push(one)
  return one
}
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-webseed-'))
})
afterEach(async () => {
  for (const one of webs.splice(0)) await one.close()
  await rm(folder, { recursive: true })
})

/** Reads a range of one file from web seeds only. */
const play = (
  built: BuiltTorrent,
  webSeeds: readonly string[],
  path = built.name,
  range?: { start: number; end: number },
): Promise<Buffer> =>
  using(startEngine(), async (engine) => {
    await engine.started(60_000)
    const fileIdx = built.files.findIndex((file) => file.path === path)
    const before = built.files.slice(0, fileIdx)
    const offset = before.reduce((sum, { bytes }) => sum + bytes.length, 0)
    const size = built.files[fileIdx]?.bytes.length ?? 0
    const { infoHash, pieceLength } = built
    const layout: PieceLayout = {
      pieceLength,
      torrentLength: built.content.length,
      offset,
      size,
    }
    const spec = { infoHash, trackers: [], webSeeds, metainfo: built.torrent({ webSeeds }) }
    await writeFile(join(folder, `${fileIdx}`), '')
    const have = new Bitfield(pieceCount(layout))
    const place = {
      folder,
      fileIdx,
      layout,
      have,
      trusted: true,
      fill: 'window',
      room: 10 ** 9,
    } as const
    const { events } = recorder()
    const file = await engine.open(spec, place, events, AbortSignal.timeout(8000))
    return within('the bytes', 60_000, drain(file.reader(range ?? { start: 0, end: size - 1 })))
  })
const bytesOf = (path: string): Buffer =>
  item.files.find((file) => file.path === path)?.bytes ?? Buffer.alloc(0)
const expectSame = (got: Buffer, wanted: Buffer): void => expect(got.equals(wanted)).toBe(true)

// Web seeds have no metadata: a magnet link with nothing but `ws` cannot be played.
describe('a torrent that only web seeds have', () => {
  test('plays: few requests, few connections, nothing twice', async () => {
    const one = await web(fixed({ '/film.mp4': film.content }))
    expectSame(await play(film, [`${one.base}/film.mp4`]), film.content)
    expect(one.requests.length).toBeLessThanOrEqual(4)
    expect(one.connections).toBeLessThanOrEqual(2)
  })

  test('a folder of files: the torrent’s own names are percent-encoded', async () => {
    const one = await web(fixed(served))
    for (const path of [FIRST, SECOND]) {
      expectSame(await play(item, [`${one.base}/download/`], path), bytesOf(path))
    }
    expect(one.requests).toContainEqual(
      expect.stringContaining('/An%20Item%20(1926)/Teil%201%20%23'),
    )
  })

  test('a seek requests bytes from there', async () => {
    const one = await web(fixed({ '/film.mp4': film.content }))
    const range = { start: 5 * MiB + 7, end: 5 * MiB + 70_000 }
    const got = await play(film, [`${one.base}/film.mp4`], film.name, range)
    expectSame(got, film.content.subarray(range.start, range.end + 1))
    expect(one.requests.length).toBeLessThanOrEqual(2)
  })

  test.each([
    ['1 MiB', MiB],
    ['an odd number of bytes', 300_001],
  ])(
    'a server that gives %s at most to any range is asked for the rest at once',
    async (_, most) => {
      const whole = fixed({ '/film.mp4': film.content })
      const one = await web((req, res) => {
        const [, from = '0', to = '0'] = /(\d+)-(\d+)/.exec(req.headers.range ?? '') ?? []
        req.headers.range = `bytes=${from}-${Math.min(Number(to), Number(from) + most - 1)}`
        whole(req, res)
      })
      expectSame(await play(film, [`${one.base}/film.mp4`]), film.content)
      // No pause for a failure, and nothing twice.
      expect(one.requests.length).toBeLessThanOrEqual(Math.ceil(film.content.length / most) + 4)
    },
  )

  test('a folder that redirects each file to another machine', async () => {
    const node = await web(fixed(served))
    const one = await web((req, res) => {
      res.writeHead(302, { Location: `${node.base}${req.url}`, 'Content-Length': 0 }).end()
    })
    expectSame(await play(item, [`${one.base}/download`], FIRST), bytesOf(FIRST))
  })

  test('a server that ignores Range', async () => {
    const plain = fixed({ '/film.mp4': film.content })
    const one = await web((req, res) => {
      req.headers.range = undefined
      plain(req, res)
    })
    expectSame(await play(film, [`${one.base}/film.mp4`]), film.content)
    const range = { start: 3 * MiB, end: 4 * MiB }
    const got = await play(film, [`${one.base}/film.mp4`], film.name, range)
    expectSame(got, film.content.subarray(range.start, range.end + 1))
  })

  test('a file that one server lacks comes from the other', async () => {
    const { [`/download/${item.name}/${FIRST}`]: _, ...rest } = served
    const one = await web(fixed(rest))
    const two = await web(fixed(served))
    const seeds = [`${one.base}/download/`, `${two.base}/download/`]
    expectSame(await play(item, seeds, FIRST), bytesOf(FIRST))
    expect(one.requests.filter((line) => line.includes('Teil')).length).toBeLessThanOrEqual(2)
  })

  test('a server that fails in the middle and one with wrong bytes: the third takes over', async () => {
    const dying = await web((_req, res) => {
      res.writeHead(206, {
        'Content-Length': 4 * MiB,
        'Content-Range': `bytes 0-${4 * MiB - 1}/${film.content.length}`,
      })
      res.write(film.content.subarray(0, 300_000), () => res.destroy())
    })
    const lying = await web(fixed({ '/film.mp4': Buffer.alloc(film.content.length, 7) }))
    const good = await web(fixed({ '/film.mp4': film.content }))
    const seeds = [dying, lying, good].map(({ base }) => `${base}/film.mp4`)
    expectSame(await play(film, seeds), film.content)
  })

  test('a server that recovers from an error is asked again', async () => {
    const serve = fixed({ '/film.mp4': film.content })
    let asked = 0
    const one = await web((req, res) => {
      if (++asked === 1) res.writeHead(503).end()
      else serve(req, res)
    })
    expectSame(await play(film, [`${one.base}/film.mp4`]), film.content)
  })

  test('a server that never stops, one with another file: no more is read than was requested', async () => {
    const { content } = film
    let sent = 0
    const endless = await web((req, res) => {
      const start = Number(/\d+/.exec(req.headers.range ?? '')?.[0])
      const said = `bytes ${start}-${content.length - 1}/${content.length}`
      res.writeHead(206, { 'Content-Range': said }).write(content.subarray(start))
      const more = setInterval(() => {
        if (res.writableNeedDrain) return
        sent += MiB
        res.write(Buffer.alloc(MiB))
      })
      res.once('close', () => clearInterval(more))
    })
    const other = await web(fixed({ '/film.mp4': content.subarray(1) }))
    const range = { start: 0, end: 4 * MiB - 1 }
    const seeds = [other, endless].map(({ base }) => `${base}/film.mp4`)
    const got = await play(film, seeds, film.name, range)
    expectSame(got, content.subarray(0, 4 * MiB))
    expect(sent).toBeLessThan(64 * MiB)
    expect(other.requests.length).toBeLessThanOrEqual(2)
  })

  test('a slow server', async () => {
    const serve = fixed({ '/film.mp4': film.content })
    const one = await web((req, res) => void setTimeout(() => serve(req, res), 300))
    const range = { start: 0, end: 2 * MiB }
    const got = await play(film, [`${one.base}/film.mp4`], film.name, range)
    expectSame(got, film.content.subarray(0, range.end + 1))
  })
})
