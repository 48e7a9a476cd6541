import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { EncodedPacket } from 'mediabunny'
import type { Readable } from '../../../media/film/readable.ts'
import { ClusterCuts, wantOnly } from '../../../media/matroska/matroska-cuts.ts'
import { audioPackets, type Cut, videoPackets } from '../../../media/worker/cut.ts'
import { audioOf, openFilm, timelineOf, videoOf } from '../../../media/worker/open-film.ts'
import { makeFilm } from '../../support/films/make-film.ts'
import { KiB } from '../../support/swarm/payload.ts'

const SECONDS = 50
const LONG_SECONDS = 130
const BITS = ['-b:v', '4M', '-minrate', '4M', '-maxrate', '4M', '-bufsize', '4M']
const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '2', ...BITS]
const params = (more = '') => ['-x264-params', `nal-hrd=cbr${more}`]
const LONG_CLUSTERS = ['-cluster_time_limit', '20000', '-cluster_size_limit', '20000000']
/** Clusters of a key frame each and of several, frames behind a key frame that are shown before it, blocks with and without a group. */
const FILMS = {
  'usual.mkv': { video: [...X264, ...params(), '-g', '48'], audio: ['-c:a', 'ac3'] },
  'open.mkv': {
    video: [...X264, '-g', '48', ...params(':open-gop=1')],
    audio: ['-c:a', 'aac'],
    more: ['-cluster_time_limit', '5000'],
  },
  // Clusters long before the segment, behind the key frame that it is looked for from.
  'far.mkv': { video: [...X264, ...params(), '-g', '960'], audio: ['-c:a', 'ac3'] },
  'long.mkv': {
    video: [...X264, ...params(), '-g', '300'],
    audio: ['-c:a', 'libopus'],
    more: LONG_CLUSTERS,
  },
} as const

let folder: string
const bytesOf = new Map<string, Buffer>()
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-cuts-'))
  for (const [name, plan] of Object.entries(FILMS)) {
    const seconds = name === 'far.mkv' ? LONG_SECONDS : SECONDS
    await makeFilm(join(folder, name), { seconds, ...plan })
    bytesOf.set(name, await readFile(join(folder, name)))
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A film in memory, how many bytes of it were read, and up to where. */
function counted(bytes: Buffer) {
  const read = { bytes: 0, upTo: 0 }
  const film: Readable = {
    size: bytes.length,
    async read(start, end) {
      read.bytes += end - start
      // Its index lies at the end.
      if (end - start > 64 * KiB) read.upTo = Math.max(read.upTo, end)
      return new Uint8Array(bytes.subarray(start, end))
    },
  }
  return { film, read }
}

const told = (packets: readonly EncodedPacket[]): string[] =>
  packets.map(({ timestamp, duration, type, data }) =>
    [timestamp, duration, type, createHash('sha1').update(data).digest('hex')].join(' '),
  )

async function packetsOf(film: Readable, kind: 'picture' | 'sound', cut: Cut): Promise<string[]> {
  using input = openFilm(film)
  const timeline = await timelineOf(input, true)
  if (kind === 'picture') {
    const track = await videoOf(input)
    await wantOnly(film, track, cut)
    return told(await videoPackets(track, cut, timeline))
  }
  const track = await audioOf(input, 2)
  await wantOnly(film, track, cut)
  return told(await audioPackets(track, cut, timeline))
}

async function keysOf(film: Readable): Promise<readonly number[]> {
  using input = openFilm(film)
  const { EncodedPacketSink } = await import('mediabunny')
  const sink = new EncodedPacketSink(await videoOf(input))
  const keys: number[] = []
  for (let key = await sink.getFirstKeyPacket(); key; key = await sink.getNextKeyPacket(key)) {
    keys.push(key.timestamp)
  }
  return keys
}

test.each(Object.keys(FILMS))('%s: the same packets, of fewer bytes', async (name) => {
  const bytes = bytesOf.get(name) as Buffer
  const keys = await keysOf(counted(bytes).film)
  expect(keys.length).toBeGreaterThan(2)
  let [cut, uncut] = [0, 0]
  for (const [n, from] of keys.slice(0, -1).entries()) {
    const to = keys[n + 1] ?? 0
    for (const kind of ['picture', 'sound'] as const) {
      const wanted = { from: kind === 'sound' ? from - 0.3 : from, to, isLast: false }
      const [whole, part] = [counted(bytes), counted(bytes)]
      const expected = await packetsOf(whole.film, kind, wanted)
      expect(await packetsOf(new ClusterCuts(part.film), kind, wanted)).toEqual(expected)
      expect(expected.length).toBeGreaterThan(20)
      expect(part.read.upTo).toBeLessThanOrEqual(whole.read.upTo)
      cut += part.read.bytes
      uncut += whole.read.bytes
    }
  }
  expect(cut).toBeLessThan(uncut)
})

test('the last segment, and a job that does not say what it wants, read all', async () => {
  const bytes = bytesOf.get('long.mkv') as Buffer
  const keys = await keysOf(counted(bytes).film)
  const cut = { from: keys.at(-1) ?? 0, to: SECONDS, isLast: true }
  const [whole, part] = [counted(bytes), counted(bytes)]
  const expected = await packetsOf(whole.film, 'picture', cut)
  expect(await packetsOf(new ClusterCuts(part.film), 'picture', cut)).toEqual(expected)
  expect(part.read).toEqual(whole.read)
})
