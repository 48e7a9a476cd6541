import { expect, test } from '@jest/globals'
import { elementAt, elementsIn } from '../../../media/ebml/ebml.ts'
import { matroskaIndex } from '../../../media/matroska/matroska-index.ts'

const element = (id: readonly number[], ...data: readonly Buffer[]): Buffer => {
  const all = Buffer.concat(data)
  const size = Buffer.alloc(8)
  size.writeBigUInt64BE(BigInt(all.length))
  size[0] = 1
  return Buffer.concat([Buffer.from(id), size, all])
}
const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}
const HEAD = element([0x1a, 0x45, 0xdf, 0xa3])
const cue = (time: number, track: number): Buffer =>
  element([0xbb], element([0xb3], number(time)), element([0xb7], element([0xf7], number(track))))
const segment = (...parts: readonly Buffer[]): Buffer =>
  Buffer.concat([HEAD, element([0x18, 0x53, 0x80, 0x67], ...parts)])
const cues = (...points: readonly Buffer[]): Buffer => element([0x1c, 0x53, 0xbb, 0x6b], ...points)

function readOf(bytes: Buffer) {
  const ranges: (readonly [number, number])[] = []
  const read = async (start: number, end: number): Promise<Uint8Array> => {
    ranges.push([start, end])
    return bytes.subarray(start, end)
  }
  return { read, ranges }
}

test('key frames of one track, rising, each once, in seconds', async () => {
  const bytes = segment(cues(cue(5000, 1), cue(0, 1), cue(5000, 1), cue(2500, 2)))
  const index = await matroskaIndex(readOf(bytes).read, bytes.length)
  expect(index?.keys(1)).toEqual([0, 5])
  expect(index?.keys(2)).toEqual([2.5])
  // An index of another track is better than none.
  expect(index?.keys(3)).toEqual([0, 2.5, 5])
})

test('where key frames lie in the file, by the last cue that is not behind them', async () => {
  const at = (time: number, position: number): Buffer =>
    element(
      [0xbb],
      element([0xb3], number(time)),
      element([0xb7], element([0xf7], number(1)), element([0xf1], number(position))),
    )
  const bytes = segment(cues(at(0, 100), at(6000, 900), at(12_000, 2000)))
  const index = await matroskaIndex(readOf(bytes).read, bytes.length)
  const from = bytes.length - cues(at(0, 100), at(6000, 900), at(12_000, 2000)).length
  const places = index?.places([0, 5.9, 6, 13]).map((place) => place - from)
  expect(places).toEqual([100, 100, 900, 2000])
  // Nothing to go by, and nobody who asks.
  expect((await matroskaIndex(readOf(segment()).read, segment().length))?.places([])).toEqual([])
})

test('the scale of times is the file’s own', async () => {
  const info = element([0x15, 0x49, 0xa9, 0x66], element([0x2a, 0xd7, 0xb1], number(1_000_000_000)))
  const bytes = segment(info, cues(cue(3, 1)))
  expect((await matroskaIndex(readOf(bytes).read, bytes.length))?.keys(1)).toEqual([3])
})

test('what lies behind the film is found by the SeekHead, and the film is not read', async () => {
  const cluster = element([0x1f, 0x43, 0xb6, 0x75], Buffer.alloc(1_000_000))
  const seekTo = (position: number): Buffer =>
    element(
      [0x11, 0x4d, 0x9b, 0x74],
      element(
        [0x4d, 0xbb],
        element([0x53, 0xab], Buffer.from([0x1c, 0x53, 0xbb, 0x6b])),
        element([0x53, 0xac], number(position)),
      ),
    )
  const bytes = segment(seekTo(seekTo(0).length + cluster.length), cluster, cues(cue(7000, 1)))
  const { read, ranges } = readOf(bytes)
  expect((await matroskaIndex(read, bytes.length))?.keys(1)).toEqual([7])
  expect(ranges.reduce((all, [start, end]) => all + end - start, 0)).toBeLessThan(1000)
})

test('no Cues: no key frames are known', async () => {
  const bytes = segment(element([0x1f, 0x43, 0xb6, 0x75]))
  expect((await matroskaIndex(readOf(bytes).read, bytes.length))?.keys(1)).toBeUndefined()
})

test.each([
  ['nothing', Buffer.alloc(0)],
  ['zeros', Buffer.alloc(100)],
  ['a head alone', HEAD],
  ['a head whose size is beyond the file', Buffer.from([0x1a, 0x45, 0xdf, 0xa3, 0x8f])],
  ['something else', Buffer.from('RIFF....AVI ')],
])('%s is no Matroska', async (_, bytes) => {
  expect(await matroskaIndex(readOf(bytes).read, bytes.length)).toBeUndefined()
})

test('an index that claims to be larger than any is not read', async () => {
  const huge = Buffer.from([0x1c, 0x53, 0xbb, 0x6b, 0x01, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])
  const bytes = segment(huge)
  const { read, ranges } = readOf(bytes)
  expect((await matroskaIndex(read, bytes.length))?.keys(1)).toBeUndefined()
  expect(ranges.every(([start, end]) => end - start <= 12)).toBe(true)
})

test('elements: an unknown size has no end, and what is cut off is none', () => {
  expect(elementAt(Buffer.from([0xbb, 0xff, 1]), 0)).toEqual({
    id: 0xbb,
    start: 2,
    end: Number.POSITIVE_INFINITY,
  })
  expect(elementAt(Buffer.from([0xbb]), 0)).toBeUndefined()
  expect([...elementsIn(Buffer.from([0xbb, 0x82, 1, 2, 0xbb, 0x82, 1]))]).toHaveLength(1)
})
