import { element, number } from '../../../media/ebml/ebml-write.ts'

const u32 = (...values: readonly number[]): Buffer => {
  const data = Buffer.alloc(4 * values.length)
  for (const [n, value] of values.entries()) data.writeUInt32BE(value, 4 * n)
  return data
}

function box(type: string, ...parts: readonly Buffer[]): Buffer {
  const data = Buffer.concat(parts)
  return Buffer.concat([u32(data.length + 8), Buffer.from(type, 'latin1'), data])
}

/** With a version and flags (ISO 14496-12 4.2). */
const fullBox = (type: string, ...parts: readonly Buffer[]): Buffer => box(type, u32(0), ...parts)

/** An MP4 with one track of H.264, whose sample table has these boxes; of the film there is nothing. */
export function mp4With(...tables: readonly Buffer[]): Buffer {
  const avcC = box('avcC', Buffer.from([1, 0x64, 0, 0x1f, 0xff, 0xe0, 0]))
  const avc1 = box('avc1', Buffer.alloc(24), u32(0x00a0005a), Buffer.alloc(50), avcC)
  const stbl = box('stbl', fullBox('stsd', u32(1), avc1), ...tables)
  const minf = box('minf', fullBox('vmhd', Buffer.alloc(8)), stbl)
  const mdhd = fullBox('mdhd', u32(0, 0, 1000, 10_000, 0x55c40000))
  const hdlr = fullBox('hdlr', u32(0), Buffer.from('vide'), Buffer.alloc(13))
  const tkhd = box('tkhd', u32(3, 0, 0, 1, 0, 10_000), Buffer.alloc(52), u32(160 << 16, 90 << 16))
  const trak = box('trak', tkhd, box('mdia', mdhd, hdlr, minf))
  const moov = box('moov', fullBox('mvhd', u32(0, 0, 1000, 10_000), Buffer.alloc(80)), trak)
  const ftyp = box('ftyp', Buffer.from('isom'), u32(0), Buffer.from('isom'))
  return Buffer.concat([ftyp, moov, box('mdat', Buffer.alloc(1000))])
}

/** A Matroska film with one track of ASS, number 3, which also has the tag of a whole film, and one block of it. */
export function matroskaWithAss(block: Buffer, partNumber = '1'): Buffer {
  const text = (value: string) => Buffer.from(value, 'latin1')
  const info = element([0x15, 0x49, 0xa9, 0x66], element([0x2a, 0xd7, 0xb1], number(1_000_000)))
  const tag = [element([0x45, 0xa3], text('PART_NUMBER')), element([0x44, 0x87], text(partNumber))]
  const track = [
    element([0xd7], number(3)),
    element([0x83], number(17)),
    element([0x86], text('S_TEXT/ASS')),
    element([0x73, 0x73], element([0x67, 0xc8], ...tag)),
  ]
  const tracks = element([0x16, 0x54, 0xae, 0x6b], element([0xae], ...track))
  const cuesTo = (position: number): Buffer => {
    const place = [element([0xf7], number(3)), element([0xf1], number(position, 6))]
    const point = element([0xbb], element([0xb3], number(0)), element([0xb7], ...place))
    return element([0x1c, 0x53, 0xbb, 0x6b], point)
  }
  const before = info.length + tracks.length + cuesTo(0).length
  const simple = element([0xa3], Buffer.from([0x83, 0, 0, 0x80]), block)
  const cluster = element([0x1f, 0x43, 0xb6, 0x75], element([0xe7], number(0, 6)), simple)
  const head = element([0x1a, 0x45, 0xdf, 0xa3], element([0x42, 0x82], text('matroska')))
  return Buffer.concat([
    head,
    element([0x18, 0x53, 0x80, 0x67], info, tracks, cuesTo(before), cluster),
  ])
}

/** A count of samples without any bytes for them: each of them has none (`stz2`, ISO 14496-12 8.7.3.3). */
export const countWithoutSizes = (): Buffer => fullBox('stz2', u32(0, 0xffffffff))

/** Chunks of a film, and where each of them lies. */
export function manyChunks(count: number): Buffer {
  const places = Buffer.alloc(4 * count)
  for (let n = 0; n < count; n++) places.writeUInt32BE(n, 4 * n)
  return fullBox('stco', u32(count), places)
}

const u32le = (...values: readonly number[]): Buffer => u32(...values).swap32()

function chunk(id: string, ...parts: readonly Buffer[]): Buffer {
  const data = Buffer.concat(parts)
  return Buffer.concat([Buffer.from(id), u32le(data.length), data, Buffer.alloc(data.length % 2)])
}

const list = (kind: string, ...parts: readonly Buffer[]): Buffer =>
  chunk('LIST', Buffer.from(kind), ...parts)

/** An AVI whose second track is PCM of one byte a second, all of it in one chunk. */
export function aviWithSlowSound(bytes: number): Buffer {
  const picture = list(
    'strl',
    chunk('strh', Buffer.from('vidsXVID'), u32le(0, 0, 0, 1, 25, 0, 1), Buffer.alloc(20)),
    chunk('strf', u32le(40, 160, 90, 0x180001), Buffer.from('XVID'), Buffer.alloc(20)),
  )
  const sound = list(
    'strl',
    chunk('strh', Buffer.from('auds'), u32le(0, 0, 0, 0, 1, 1, 0, 1, 0, 0, 1), Buffer.alloc(8)),
    chunk('strf', u32le(0x00010001, 1, 1, 0x00080001)),
  )
  const movi = list('movi', chunk('00dc', Buffer.alloc(100)), chunk('01wb', Buffer.alloc(bytes)))
  const entry = (id: string, at: number, size: number) =>
    Buffer.concat([Buffer.from(id), u32le(0x10, at, size)])
  const idx1 = chunk('idx1', entry('00dc', 4, 100), entry('01wb', 112, bytes))
  return chunk('RIFF', Buffer.from('AVI '), list('hdrl', picture, sound), movi, idx1)
}
