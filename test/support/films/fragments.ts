/** What a fragment of MP4 says of the times of its packets (ISO 14496-12 8.8), in ticks of its track. */
export interface DecodeTimes {
  /** Of its first packet (tfdt). */
  readonly start: number
  /** Where the next fragment has to begin. */
  readonly end: number
  readonly packets: number
}

interface Box {
  readonly type: string
  readonly data: Buffer
}

function* boxesIn(bytes: Buffer): Generator<Box> {
  for (let at = 0; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32BE(at)
    if (size < 8) throw new Error(`a box of ${size} bytes`)
    yield {
      type: bytes.toString('latin1', at + 4, at + 8),
      data: bytes.subarray(at + 8, at + size),
    }
    at += size
  }
}

/** The data of the first box on that way through others. */
function boxAt(bytes: Buffer, ...way: readonly string[]): Buffer {
  let data = bytes
  for (const type of way) {
    const box = [...boxesIn(data)].find((one) => one.type === type)
    if (!box) throw new Error(`no ${type} of ${way.join('/')}`)
    data = box.data
  }
  return data
}

/** Ticks of a second (mdhd), from the head of a rendition. */
export function ticksOf(init: Buffer): number {
  const mdhd = boxAt(init, 'moov', 'trak', 'mdia', 'mdhd')
  return mdhd.readUInt32BE(mdhd[0] === 1 ? 20 : 12)
}

const HAS_BASE = 0x1
const HAS_DESCRIPTION = 0x2
const HAS_DURATION = 0x8

/** @param segment moof and mdat */
export function decodeTimes(segment: Buffer): DecodeTimes {
  const traf = boxAt(segment, 'moof', 'traf')
  const tfdt = boxAt(traf, 'tfdt')
  const start = tfdt[0] === 1 ? Number(tfdt.readBigUInt64BE(4)) : tfdt.readUInt32BE(4)
  const usual = usualDuration(boxAt(traf, 'tfhd'))
  let [end, packets] = [start, 0]
  for (const { type, data } of boxesIn(traf)) {
    if (type !== 'trun') continue
    for (const duration of durationsIn(data)) {
      end += duration ?? usual
      packets++
    }
  }
  return { start, end, packets }
}

function usualDuration(tfhd: Buffer): number {
  const flags = tfhd.readUIntBE(1, 3)
  if ((flags & HAS_DURATION) === 0) return 0
  return tfhd.readUInt32BE(8 + (flags & HAS_BASE ? 8 : 0) + (flags & HAS_DESCRIPTION ? 4 : 0))
}

/** One a packet; undefined: the usual one. */
function* durationsIn(trun: Buffer): Generator<number | undefined> {
  const flags = trun.readUIntBE(1, 3)
  const has = (flag: number): number => ((flags & flag) === 0 ? 0 : 4)
  // Data offset and flags of the first packet; then of each: duration, size, flags, offset of its showing.
  let at = 8 + has(0x1) + has(0x4)
  const each = has(0x100) + has(0x200) + has(0x400) + has(0x800)
  for (let left = trun.readUInt32BE(4); left > 0; left--, at += each) {
    yield has(0x100) > 0 ? trun.readUInt32BE(at) : undefined
  }
}
