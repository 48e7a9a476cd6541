import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Bitfield } from '../../../../common/bittorrent/bitfield.ts'
import { parseMetainfo } from '../../../../common/bittorrent/metainfo.ts'
import { layoutOf } from '../../../../common/bittorrent/piece-hash.ts'
import { pieceCount } from '../../../../common/bittorrent/piece-layout.ts'
import { KiB, payload } from '../../../support/swarm/payload.ts'
import { v2Torrent } from '../../../support/swarm/v2-metainfo.ts'
import { within } from '../../../support/wait.ts'
import { fixed, startWeb, type Web } from '../../../support/web.ts'
import { drain, recorder, startEngine, using } from '../../engines.ts'

const PIECE = 64 * KiB
/** Of one file, and a folder of files none of which ends with its piece. */
const SINGLE = { 'film.mkv': payload('single', 1_000_001) }
const PACK = {
  'a.nfo': payload('a', 5000),
  'empty.txt': Buffer.alloc(0),
  'film ü.mkv': payload('film', 700_001),
  'z.srt': payload('z', 70_000),
}

let folder = ''
const webs: Web[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-webseed-'))
})
afterEach(async () => {
  for (const one of webs.splice(0)) await one.close()
  await rm(folder, { recursive: true })
})

/** A server of these files. */
async function web(files: Readonly<Record<string, Buffer>>): Promise<Web> {
  const one = await startWeb(fixed(files))
  webs.push(one)
  return one
}

/** Reads one file of a torrent for v2 only, from web seeds only. */
async function play(
  { torrent, infoHash }: ReturnType<typeof v2Torrent>,
  path: string,
  webSeeds: readonly string[],
  from = 0,
): Promise<Buffer> {
  const metainfo = parseMetainfo(torrent, { maxLength: 1 << 30 })
  const fileIdx = metainfo.files.findIndex((file) => file.path === path)
  const file = metainfo.files[fileIdx]
  if (!file) throw new Error('no such file')
  const layout = layoutOf(metainfo, file)
  await writeFile(join(folder, `${fileIdx}`), '')
  await mkdir(join(folder, 'edges'))
  const have = new Bitfield(pieceCount(layout))
  const place = {
    ...({ folder, fileIdx, layout, have, trusted: true } as const),
    ...({ fill: 'window', room: 10 ** 9 } as const),
  }
  const spec = { infoHash, trackers: [], webSeeds, metainfo: torrent }
  return using(startEngine(), async (engine) => {
    await engine.started(60_000)
    const opened = await engine.open(spec, place, recorder().events, AbortSignal.timeout(30_000))
    return within('the bytes', 60_000, drain(opened.reader({ start: from, end: layout.size - 1 })))
  })
}

const single = v2Torrent('film.mkv', PIECE, SINGLE)
const pack = v2Torrent('A Pack', PIECE, PACK)
const packFiles = Object.fromEntries(
  Object.entries(PACK).map(([path, bytes]) => [`/d/A Pack/${path}`, bytes]),
)

describe('a torrent for v2 only that only web seeds have', () => {
  test('one file plays, and a seek too', async () => {
    const one = await web({ '/film.mkv': SINGLE['film.mkv'] })
    const seeds = [`${one.base}/film.mkv`]
    const got = await play(single, 'film.mkv', seeds, 900_000)
    expect(got.equals(SINGLE['film.mkv'].subarray(900_000))).toBe(true)
    await rm(join(folder, 'edges'), { recursive: true })
    expect((await play(single, 'film.mkv', seeds)).equals(SINGLE['film.mkv'])).toBe(true)
  })

  test.each(['a.nfo', 'film ü.mkv', 'z.srt'] as const)('%s of a folder', async (path) => {
    const one = await web(packFiles)
    expect((await play(pack, path, [`${one.base}/d/`])).equals(PACK[path])).toBe(true)
  })

  test('wrong bytes are found by the hashes, and come from another server', async () => {
    const film = Buffer.from(PACK['film ü.mkv'])
    for (let at = 1000; at < film.length; at += PIECE) film[at] = (film[at] ?? 0) ^ 1
    const liar = await web({ ...packFiles, '/d/A Pack/film ü.mkv': film })
    const good = await web(packFiles)
    const seeds = [`${liar.base}/d`, `${good.base}/d`]
    const got = await play(pack, 'film ü.mkv', seeds)
    expect(got.equals(PACK['film ü.mkv'])).toBe(true)
    expect(good.requests.length).toBeGreaterThan(0)
  })
})
