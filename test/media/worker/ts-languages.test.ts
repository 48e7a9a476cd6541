import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { tsLanguages } from '../../../media/worker/ts-languages.ts'
import { seededRandom } from '../../common/seeded-random.ts'
import { ffmpeg } from '../../support/films/make-film.ts'

const of = (bytes: Uint8Array) =>
  tsLanguages(async (start, end) => bytes.subarray(start, end), bytes.length)

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-ts-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function made(name: string, ...more: string[]): Promise<Buffer> {
  const path = join(folder, name)
  const tone = ['-f', 'lavfi', '-i', 'sine=440:d=1']
  const tracks = ['-map', '0', '-map', '0', '-map', '0', '-c:a', 'mp2', '-f', 'mpegts']
  const languages = ['-metadata:s:a:0', 'language=ger', '-metadata:s:a:2', 'language=FRA']
  await ffmpeg(...tone, ...tracks, ...languages, ...more, path)
  return readFile(path)
}

describe('the languages of a transport stream', () => {
  test.each([
    ['plain.ts', []],
    ['disc.m2ts', ['-mpegts_m2ts_mode', '1']],
    // Its map is longer than a packet.
    ['long.ts', ['-metadata', `service_name=${'x'.repeat(100)}`]],
  ] as const)('%s', async (name, more) => {
    const found = await of(await made(name, ...more))
    expect([...found.values()]).toEqual(['ger', 'fra'])
    const [first = 0, last = 0] = found.keys()
    expect(last - first).toBe(2)
  })

  test('of a map that reaches over three packets', async () => {
    const streams = Buffer.concat(
      Array.from({ length: 40 }, (_, n) =>
        Buffer.from([0x03, 0xe1, n, 0xf0, 6, 0x0a, 4, 0x64, 0x65, 0x75, 0]),
      ),
    )
    const section = (table: number, data: Buffer): Buffer => {
      const length = data.length + 4
      return Buffer.concat([
        Buffer.from([table, 0xb0 | (length >> 8), length & 255]),
        ...[data, Buffer.alloc(4)],
      ])
    }
    const pat = section(0, Buffer.from([0, 1, 0xc1, 0, 0, 0, 1, 0xe0, 0x50]))
    const map = section(2, Buffer.concat([Buffer.from([0, 1, 0xc1, 0, 0, 0, 0, 0xf0, 0]), streams]))
    const found = await of(Buffer.concat([...packets(0, pat), ...packets(0x50, map)]))
    expect([...found].length).toBe(40)
    expect(found.get(0x100 + 39)).toBe('deu')
  })

  test('what is none, cut or broken has none, and ends', async () => {
    const whole = await made('whole.ts')
    expect((await of(Buffer.alloc(1000))).size).toBe(0)
    expect((await of(Buffer.alloc(0))).size).toBe(0)
    expect((await of(whole.subarray(0, 300))).size).toBe(0)
    const random = seededRandom()
    for (let n = 0; n < 300; n++) {
      const broken = Buffer.from(whole.subarray(0, 188 * 40))
      for (let k = 0; k < 30; k++) broken[random.below(188 * 8)] = random.below(256)
      for (const language of (await of(broken)).values()) expect(language).toMatch(/^[a-z]{3}$/)
    }
  })
})

/** A section in packets of 188 bytes. */
function packets(pid: number, section: Buffer): Buffer[] {
  const payload = Buffer.concat([Buffer.from([0]), section])
  return Array.from({ length: Math.ceil(payload.length / 184) }, (_, n) => {
    const packet = Buffer.alloc(188, 0xff)
    packet.set([0x47, (n === 0 ? 0x40 : 0) | (pid >> 8), pid & 255, 0x10 | n])
    packet.set(payload.subarray(n * 184, (n + 1) * 184), 4)
    return packet
  })
}
