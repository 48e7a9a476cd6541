import type { ReadPart } from '../film/readable.ts'

/** Tables come every half a second at least; discs and broadcasts have them many times within that. */
const HEAD = 512 << 10
const SYNC = 0x47
/** Of a packet: plain, of a disc with a time in front, and of a broadcast with a checksum behind it. */
const SIZES = [188, 192, 204] as const
const PACKET = 188
const LANGUAGE_DESCRIPTOR = 0x0a
const MOST_STREAMS = 200

interface Section {
  readonly pid: number
  /** Behind the length, without the checksum. */
  readonly data: Uint8Array
}

/** Languages of the streams of a transport stream, by their PIDs (ISO 13818-1 2.4.4.8, 2.6.18): three letters. */
export async function tsLanguages(
  read: ReadPart,
  size: number,
): Promise<ReadonlyMap<number, string>> {
  const head = await read(0, Math.min(HEAD, size))
  const step = SIZES.find((one) => [1, 2, 3].every((n) => head[offsetOf(one) + n * one] === SYNC))
  const languages = new Map<number, string>()
  if (step === undefined) return languages
  const programs = new Set<number>()
  for (const { pid, data } of sectionsIn(head, step, programs)) {
    if (pid === 0) for (const map of programMaps(data)) programs.add(map)
    else for (const [stream, language] of streamsOf(data)) languages.set(stream, language)
    if (languages.size >= MOST_STREAMS) break
  }
  return languages
}

/** Where the first packet begins. */
const offsetOf = (step: number): number => (step === 192 ? 4 : 0)

const pidAt = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] ?? 0) & 0x1f) << 8) | (bytes[at + 1] ?? 0)

const lengthAt = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] ?? 0) & 0x0f) << 8) | (bytes[at + 1] ?? 0)

/** Sections of PID 0 and of those that are wanted by then, each once; one may reach over several packets. */
function* sectionsIn(
  head: Uint8Array,
  step: number,
  wanted: ReadonlySet<number>,
): Generator<Section> {
  const begun = new Map<number, Uint8Array>()
  const done = new Set<number>()
  for (let at = offsetOf(step); at + PACKET <= head.length; at += step) {
    const pid = pidAt(head, at + 1)
    if (head[at] !== SYNC || done.has(pid) || (pid !== 0 && !wanted.has(pid))) continue
    const payload = payloadOf(head.subarray(at, at + PACKET))
    const isStart = ((head[at + 1] ?? 0) & 0x40) !== 0
    const before = begun.get(pid)
    if (!isStart && !before) continue
    const part = isStart ? payload.subarray(1 + (payload[0] ?? 0)) : payload
    const all = isStart || !before ? part : Buffer.concat([before, part])
    begun.set(pid, all)
    const end = 3 + lengthAt(all, 1)
    if (all.length < 3 || all.length < end) continue
    done.add(pid)
    yield { pid, data: all.subarray(3, end - 4) }
  }
}

/** Behind the header and what may stand in front of the payload. */
function payloadOf(packet: Uint8Array): Uint8Array {
  const control = ((packet[3] ?? 0) >> 4) & 3
  if ((control & 1) === 0) return packet.subarray(PACKET)
  return packet.subarray(control === 3 ? 5 + (packet[4] ?? 0) : 4)
}

/** PIDs of the maps of programs; that of program 0 is of the network. */
function* programMaps(table: Uint8Array): Generator<number> {
  for (let at = 5; at + 4 <= table.length; at += 4) {
    const program = ((table[at] ?? 0) << 8) | (table[at + 1] ?? 0)
    if (program !== 0) yield pidAt(table, at + 2)
  }
}

function* streamsOf(map: Uint8Array): Generator<readonly [pid: number, language: string]> {
  let at = 9 + lengthAt(map, 7)
  while (at + 5 <= map.length) {
    const end = at + 5 + lengthAt(map, at + 3)
    const language = languageIn(map.subarray(at + 5, end))
    if (language !== undefined) yield [pidAt(map, at + 1), language]
    at = end
  }
}

/** Of several, the first: the second sound of a pair of mono ones is heard in the right ear. */
function languageIn(descriptors: Uint8Array): string | undefined {
  for (let at = 0; at + 5 <= descriptors.length; at += 2 + (descriptors[at + 1] ?? 0)) {
    if (descriptors[at] !== LANGUAGE_DESCRIPTOR) continue
    const code = Buffer.from(descriptors.subarray(at + 2, at + 5))
      .toString('latin1')
      .toLowerCase()
    if (/^[a-z]{3}$/.test(code)) return code
  }
  return undefined
}
