import type { FileOnDisk, FileStore, PartialFile } from '../../cache/disk/file-store.ts'
import type { Janitor } from '../../cache/limits/janitor.ts'
import { Bitfield } from '../../common/bittorrent/bitfield.ts'
import { type FileKey, parseFileKey } from '../../common/bittorrent/file-key.ts'
import { firstPiece, pieceCount, pieceSize } from '../../common/bittorrent/piece-layout.ts'
import type { ByteRange, ByteReader } from '../../common/byte-reader.ts'
import { Fault } from '../../common/errors.ts'
import type { BuiltTorrent } from '../support/swarm/torrent.ts'

type Step = 'pin' | 'open' | 'publish' | 'readMetainfo' | 'writeMetainfo' | 'close'

interface Kept extends FileOnDisk {
  bytes: number
  complete: boolean
  keep: boolean
}

export interface FakeStore extends FileStore {
  /** The step that throws. */
  fail: Step | undefined
  /** Files pinned and not released; partials not closed. */
  readonly pins: number
  readonly partials: number
  /** Partials as they were opened, first to last. */
  readonly opened: PartialFile[]
  readonly metainfo: Map<string, Uint8Array>
  gate: Promise<void>
}

/** Keeps files in memory; throws when a caller does what the contract forbids. */
export function createFakeStore(torrents: readonly BuiltTorrent[]): FakeStore {
  const records = new Map<string, Kept>()
  const downloading = new Set<string>()
  const pins = new Map<string, number>()
  const payload = new Map(torrents.map((torrent) => [torrent.infoHash, torrent.content]))
  const tripped = (step: Step) => {
    if (store.fail === step) throw new Error(`${step} was told to fail`)
  }

  function bytesOf(key: string, record: FileOnDisk): Buffer {
    const content = payload.get(parseFileKey(key)?.infoHash ?? '') ?? Buffer.alloc(0)
    return content.subarray(record.layout.offset, record.layout.offset + record.layout.size)
  }

  const store: FakeStore = {
    node: 'here',
    fail: undefined,
    gate: Promise.resolve(),
    opened: [],
    metainfo: new Map(),
    get pins() {
      return [...pins.values()].reduce((a, b) => a + b, 0)
    },
    get partials() {
      return downloading.size
    },
    async setKeep(key, keep) {
      const record = records.get(key)
      if (record) record.keep = keep
      return record !== undefined
    },
    stored: (key) => (records.get(key)?.complete ? records.get(key) : undefined),
    async pin(key) {
      tripped('pin')
      const record = records.get(key)
      if (!record?.complete) return undefined
      pins.set(key, (pins.get(key) ?? 0) + 1)
      let released = false
      await store.gate
      return {
        record,
        size: record.layout.size,
        folder: `/cache/${key.split('/')[0]}`,
        read: (range) => memoryReader(bytesOf(key, record), range, () => released),
        release() {
          if (!released) pins.set(key, (pins.get(key) ?? 0) - 1)
          released = true
        },
      }
    },
    async open(key, name, layout) {
      if (downloading.has(key)) throw new Error(`${key} opened twice`)
      if (records.get(key)?.complete) throw new Error(`${key} opened although it is complete`)
      downloading.add(key)
      try {
        await store.gate
        tripped('open')
      } catch (error) {
        downloading.delete(key)
        throw error
      }
      const times = { storedAt: 0, usedAt: 0 }
      const record = records.get(key) ?? {
        ...{ key, name, layout, ...times, bytes: 0, complete: false, keep: false },
        pieces: new Bitfield(pieceCount(layout)),
      }
      records.set(key, record)
      const partial = partialOf(record)
      store.opened.push(partial)
      return partial
    },
    async readMetainfo(infoHash) {
      tripped('readMetainfo')
      return store.metainfo.get(infoHash)
    },
    async writeMetainfo(infoHash, bytes) {
      tripped('writeMetainfo')
      store.metainfo.set(infoHash, bytes)
    },
    openSlots: async () => ({ path: '/nowhere', close: async () => {} }),
    isPinned: (key) => downloading.has(key) || (pins.get(key) ?? 0) > 0,
    async remove(key) {
      return !store.isPinned(key) && records.delete(key)
    },
    records: () => records.values(),
    close: async () => {},
  }

  function partialOf(record: Kept): PartialFile {
    const { layout, pieces, key } = record
    let closed = false
    const change = (numbers: readonly number[], set: boolean) => {
      if (closed) throw new Error('marked after close')
      for (const n of numbers) {
        const local = n - firstPiece(layout)
        const changed = set ? pieces.set(local) : pieces.clear(local)
        if (changed) record.bytes += set ? pieceSize(layout, n) : -pieceSize(layout, n)
      }
    }
    return {
      record,
      folder: `/fake/${parseFileKey(key)?.infoHash}`,
      trusted: true,
      mark: (numbers) => change(numbers, true),
      unmark: (numbers) => change(numbers, false),
      mayHoldMore() {},
      async publish(mayPublish = async () => true) {
        tripped('publish')
        if (closed || !pieces.complete) throw new Error('published too early or too late')
        await store.gate
        if (!(await mayPublish())) return false
        record.complete = true
        return true
      },
      async close() {
        if (!closed) downloading.delete(key)
        closed = true
        tripped('close')
      },
    }
  }
  return store
}

function memoryReader(bytes: Buffer, range: ByteRange, released: () => boolean): ByteReader {
  let at = range.start
  return {
    async read(into) {
      if (released()) throw new Error('read after release')
      const got = bytes.copy(into, 0, at, Math.min(range.end + 1, at + into.length))
      at += got
      return got
    },
    close() {},
  }
}

export interface FakeJanitor extends Pick<Janitor, 'reserve' | 'couldFit' | 'segments'> {
  /** Bytes and files that are reserved now. */
  readonly reserved: number
  readonly keys: ReadonlySet<FileKey>
  max: number
}

export function createFakeJanitor(max = Number.MAX_SAFE_INTEGER): FakeJanitor {
  const reservations = new Map<string, number>()
  const sum = (except?: string) =>
    [...reservations].reduce((all, [key, bytes]) => all + (key === except ? 0 : bytes), 0)
  const janitor: FakeJanitor = {
    max,
    get reserved() {
      return sum()
    },
    get keys() {
      return new Set([...reservations.keys()].map((name) => name.split(' ')[0] as FileKey))
    },
    segments: { read: async () => undefined, keep: async () => {}, close: async () => {} },
    reserve(file, purpose) {
      const key = `${file} ${purpose}`
      if (reservations.has(key)) throw new Error(`${key} reserved twice`)
      reservations.set(key, 0)
      const get = () => reservations.get(key) ?? 0
      return {
        get bytes() {
          return get()
        },
        async grow(bytes) {
          if (sum(key) + bytes > janitor.max) throw new Fault('DOES_NOT_FIT')
          if (reservations.has(key)) reservations.set(key, Math.max(get(), bytes))
        },
        hold: (bytes) => void reservations.set(key, Math.max(get(), bytes)),
        shrink: (bytes) => void reservations.set(key, bytes),
        release: () => void reservations.delete(key),
      }
    },
    couldFit: async (key, purpose, bytes) => sum(`${key} ${purpose}`) + bytes <= janitor.max,
  }
  return janitor
}
