import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { aviFilm, openAvi } from '../../../media/avi/avi-film.ts'
import { aviPictures } from '../../../media/avi/avi-pictures.ts'
import { aviSound } from '../../../media/avi/avi-sound.ts'
import { segmentTimes } from '../../../media/playlists/segment-grid.ts'
import { makeFilm } from '../../support/films/make-film.ts'

const SECONDS = 14
const FRAME = 1001 / 24_000
const ASP = ['-c:v', 'mpeg4', '-vtag', 'XVID', '-q:v', '5', '-bf', '2', '-g', '48']
const FILMS = {
  /** Open groups: frames are shown before the key frame in front of them. */
  open: { video: ASP, audio: ['-c:a', 'libmp3lame', '-b:a', '128k'], sound: 1152 / 48_000 },
  /** Two pictures in a chunk, and empty ones, as XviD writes them. */
  packed: {
    video: ['-c:v', 'libxvid', '-q:v', '5', '-bf', '2', '-g', '48'],
    audio: ['-c:a', 'ac3'],
    sound: 1536 / 48_000,
  },
  h264: {
    video: ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '2', '-g', '48', '-b_strategy', '0'],
    audio: ['-c:a', 'pcm_s16le'],
    sound: 0.05,
  },
} as const
type Name = keyof typeof FILMS

let folder: string
const films = new Map<Name, Buffer>()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-avi-'))
  for (const [name, plan] of Object.entries(FILMS)) {
    const path = join(folder, `${name}.avi`)
    await makeFilm(path, { seconds: SECONDS, video: plan.video, audio: plan.audio })
    films.set(name as Name, await readFile(path))
  }
}, 600_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

const filmOf = (name: Name): Buffer => films.get(name) ?? Buffer.alloc(0)

async function open(bytes: Buffer) {
  const read = async (start: number, end: number) => new Uint8Array(bytes.subarray(start, end))
  const avi = await openAvi({ size: bytes.length, read })
  if (!avi) throw new Error('no AVI')
  return { avi, film: await aviFilm(avi) }
}

const stepsOf = (times: readonly number[]): readonly number[] =>
  times.slice(1).map((time, n) => time - (times[n] ?? 0))

function expectSteps(times: readonly number[], length: number): void {
  const steps = stepsOf(times)
  expect(Math.min(...steps)).toBeGreaterThan(length - 0.001)
  expect(Math.max(...steps)).toBeLessThan(length + 0.001)
}

describe.each(Object.keys(FILMS) as Name[])('%s', (name) => {
  test('is cut at key frames, and each frame is shown in one segment', async () => {
    const { avi, film } = await open(filmOf(name))
    expect(film.video).toMatchObject({ id: 1, isCopied: false, width: 160, height: 90 })
    expect(film.starts.length).toBeGreaterThanOrEqual(2)
    expect(Math.abs(film.duration - SECONDS)).toBeLessThan(0.2)
    const shown: number[] = []
    for (const n of film.starts.keys()) {
      const times = segmentTimes(film, n)
      if (!times) throw new Error('no segment')
      const { packets, from, to } = await aviPictures(avi, times)
      expect(packets[0]?.type).toBe('key')
      const within = packets.map(({ timestamp }) => timestamp)
      shown.push(...within.filter((at) => at >= from && at < to).sort((a, b) => a - b))
    }
    expect(Math.abs(shown.length - SECONDS / FRAME)).toBeLessThan(8)
    // XviD begins with empty chunks: its first frame is shown for longer.
    expectSteps(name === 'packed' ? shown.slice(1) : shown, FRAME)
  })

  test('frames of sound follow each other, also from segment to segment', async () => {
    const { avi, film } = await open(filmOf(name))
    const times: number[] = []
    for (let at = 0; at < film.duration; at += 5) {
      const { packets } = await aviSound(avi, 2, { from: at, to: at + 5 })
      times.push(...packets.map(({ timestamp }) => timestamp))
    }
    const { sound } = FILMS[name]
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(SECONDS - 0.2)
    // Chunks of PCM are as long as they happen to be.
    if (name === 'h264') expect(Math.max(...stepsOf(times))).toBeLessThan(sound + 0.001)
    else expectSteps(times, sound)
  })
})

test('without an index, one is made by walking from chunk to chunk', async () => {
  const good = filmOf('open')
  const cut = good.subarray(0, good.lastIndexOf('idx1'))
  const [made, told] = [await open(cut), await open(good)]
  expect(made.film).toEqual(told.film)
  const sound = await aviSound(made.avi, 2, { from: 3, to: 5 })
  expect(sound.packets.length).toBeGreaterThan(50)
  expect(sound).toEqual(await aviSound(told.avi, 2, { from: 3, to: 5 }))
})

test('an index of OpenDML is read as the old one', async () => {
  const good = filmOf('open')
  expect((await open(openDml(good))).film).toEqual((await open(good)).film)
})

/** The film with its old index renamed: the new ones lie behind it, and each stream says where, in room made for that. */
function openDml(good: Buffer): Buffer {
  const bytes = Buffer.from(good)
  const idx1 = bytes.lastIndexOf('idx1')
  const movi = bytes.indexOf('movi')
  const extra: Buffer[] = []
  let end = bytes.length
  let strl = 0
  for (const name of ['00dc', '01wb']) {
    const one = indexOf(bytes, idx1, movi, name)
    strl = bytes.indexOf('strl', strl + 4)
    // ffmpeg keeps it in each.
    const room = bytes.indexOf('JUNK', strl)
    bytes.write('indx', room, 'latin1')
    bytes.fill(0, room + 8, room + 48)
    bytes.writeUInt16LE(4, room + 8)
    bytes.writeUInt32LE(1, room + 12)
    bytes.write(name, room + 16, 'latin1')
    bytes.writeBigUInt64LE(BigInt(end), room + 32)
    bytes.writeUInt32LE(one.length, room + 40)
    extra.push(one)
    end += one.length
  }
  bytes.write('idxX', idx1, 'latin1')
  return Buffer.concat([bytes, ...extra])
}

/** Of one stream, from the old index. */
function indexOf(bytes: Buffer, idx1: number, movi: number, name: string): Buffer {
  const entries: Buffer[] = []
  const end = idx1 + 8 + bytes.readUInt32LE(idx1 + 4)
  for (let at = idx1 + 8; at + 16 <= end; at += 16) {
    if (bytes.toString('latin1', at, at + 4) !== name) continue
    const isKey = (bytes.readUInt32LE(at + 4) & 16) !== 0
    const entry = Buffer.alloc(8)
    entry.writeUInt32LE(movi + bytes.readUInt32LE(at + 8) + 8, 0)
    entry.writeUInt32LE(bytes.readUInt32LE(at + 12) + (isKey ? 0 : 2 ** 31), 4)
    entries.push(entry)
  }
  const head = Buffer.alloc(32)
  head.write('ix00', 0, 'latin1')
  head.writeUInt32LE(24 + 8 * entries.length, 4)
  head.writeUInt16LE(2, 8)
  head[11] = 1
  head.writeUInt32LE(entries.length, 12)
  head.write(name, 16, 'latin1')
  return Buffer.concat([head, ...entries])
}

test('wrong bytes anywhere end in packets or in an error', async () => {
  const good = filmOf('open')
  const index = good.lastIndexOf('idx1')
  let ended = 0
  for (let seed = 1; seed <= 60; seed++) {
    const bytes = Buffer.from(good)
    let at = seed * 7919
    for (let n = 0; n < 60; n++) {
      // A linear generator of numbers: the same films each time. The head, the index, anywhere.
      at = (at * 48_271) % 2_147_483_647
      const places = [at % 4000, index + (at % (bytes.length - index)), at % bytes.length]
      bytes[places[seed % 3] ?? 0] = at & 255
    }
    await open(bytes)
      .then(async ({ avi, film }) => {
        const times = segmentTimes(film, 0)
        if (times) await aviPictures(avi, times)
        await aviSound(avi, 2, { from: 3, to: 9 })
      })
      .catch((error: unknown) => expect(error).toHaveProperty('message'))
    ended++
  }
  expect(ended).toBe(60)
})
