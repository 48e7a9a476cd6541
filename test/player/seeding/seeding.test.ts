import { afterEach, expect, test } from '@jest/globals'
import type { FileOnDisk } from '../../../cache/disk/file-store.ts'
import { Bitfield } from '../../../common/bittorrent/bitfield.ts'
import type { FileKey } from '../../../common/bittorrent/file-key.ts'
import { parseMetainfo } from '../../../common/bittorrent/metainfo.ts'
import { pieceCount } from '../../../common/bittorrent/piece-layout.ts'
import { emptyBlocklist } from '../../../common/blocklist.ts'
import { Fault } from '../../../common/errors.ts'
import type { SeedGoal } from '../../../player/seeding/seeding.ts'
import { Seeding } from '../../../player/seeding/seeding.ts'
import type { DownloadEvents, DownloadPlace } from '../../../torrent/protocol/torrent-engine.ts'
import { buildTorrent } from '../../support/swarm/torrent.ts'
import { eventually, sleep } from '../../support/wait.ts'
import { silent } from '../../torrent/engines.ts'
import { createFakeIndex } from '../fakes.ts'

const SIZE = 100_000
const torrents = Array.from({ length: 20 }, (_, i) =>
  buildTorrent({ name: `film ${i}.mp4`, size: SIZE }),
)
const keys = torrents.map(({ infoHash }) => `${infoHash}/0` as FileKey)

let now = 0
const clock = { wall: () => now, steady: () => now }
let seeding: Seeding | undefined
afterEach(() => seeding?.close())

/** A store and an engine of complete films; `open` are those that are offered. */
function home(goal: SeedGoal, count: number, index = createFakeIndex()) {
  const open = new Map<
    FileKey,
    { uploaded: number; place: DownloadPlace; events: DownloadEvents }
  >()
  const pinned = new Map<FileKey, number>()
  const here = new Map<FileKey, FileOnDisk>(
    torrents.slice(0, count).map((torrent, i) => [keys[i] as FileKey, recordOf(torrent, i)]),
  )
  const trouble: { open?: Fault; metainfo?: boolean } = {}
  seeding = new Seeding({
    ...{ goal, clock, index, log: silent, blocklist: emptyBlocklist, lookMs: 5 },
    async validateMetainfo(bytes, infoHash = 'not said, and a hybrid torrent has two') {
      expect(torrents.map((one) => one.infoHash)).toContain(infoHash)
      return parseMetainfo(bytes, { maxLength: 1e9, infoHash })
    },
    store: {
      records: () => here.values(),
      stored: (key) => here.get(key),
      async pin(key) {
        const record = here.get(key)
        if (!record) return undefined
        pinned.set(key, (pinned.get(key) ?? 0) + 1)
        const release = (): void => void pinned.set(key, (pinned.get(key) ?? 0) - 1)
        const read = (): never => {
          throw new Error('nobody reads')
        }
        return { record, size: SIZE, folder: `/cache/${key.split('/')[0]}`, read, release }
      },
      async readMetainfo(infoHash) {
        if (trouble.metainfo) return undefined
        return torrents.find((one) => one.infoHash === infoHash)?.torrent()
      },
    },
    engine: {
      async open({ infoHash }, place, events) {
        if (trouble.open) throw trouble.open
        const key = `${infoHash}/${place.fileIdx}` as FileKey
        const one = { uploaded: 0, place, events }
        open.set(key, one)
        return {
          have: place.have,
          get progress() {
            return { peers: 1, bytesPerSecond: 0, uploaded: one.uploaded }
          },
          times: { peer: undefined, piece: undefined },
          finished: Promise.resolve(),
          giveRoom: () => {},
          reader: () => {
            throw new Error('nobody reads')
          },
          async close() {
            open.delete(key)
            return 'told'
          },
        }
      },
    },
  })
  return { open, pinned, here, trouble, index }
}

function recordOf({ files }: (typeof torrents)[number], i: number): FileOnDisk {
  const layout = { pieceLength: 16_384, torrentLength: SIZE, offset: 0, size: SIZE }
  const count = pieceCount(layout)
  const pieces = new Bitfield(count)
  for (let piece = 0; piece < count; piece++) pieces.set(piece)
  const name = files[0]?.path ?? ''
  return {
    ...{ key: keys[i] as FileKey, name, layout, pieces, bytes: SIZE, complete: true },
    ...{ storedAt: 0, usedAt: 0, keep: false },
  }
}

const first = keys[0] as FileKey
/** Long enough for many looks. */
const aWhile = (): Promise<unknown> => sleep(100)

test('without a goal nothing is offered', async () => {
  const { open } = home({ ratio: 0, seconds: 0 }, 3)
  await aWhile()
  expect(open.size).toBe(0)
})

test('a complete file is offered as it lies there, and kept, until its ratio is reached', async () => {
  const { open, pinned } = home({ ratio: 1.5, seconds: 0 }, 1)
  const one = await eventually('it is offered', () => open.get(first))
  expect(one.place).toMatchObject({ trusted: true, fill: 'window', fileIdx: 0 })
  expect(one.place.folder).toBe(`/cache/${torrents[0]?.infoHash}`)
  expect(one.place.have.complete).toBe(true)
  one.uploaded = 1.4 * SIZE
  await aWhile()
  expect([open.size, pinned.get(first)]).toEqual([1, 1])
  one.uploaded = 1.5 * SIZE
  await eventually('it is over', () => open.size === 0)
  await aWhile()
  expect([open.size, pinned.get(first)]).toEqual([0, 0])
})

test('the goal is a time of being offered', async () => {
  const { open } = home({ ratio: 0, seconds: 3600 }, 1)
  await eventually('it is offered', () => open.get(first))
  now += 3_599_000
  await aWhile()
  expect(open.size).toBe(1)
  now += 1000
  await eventually('it is over', () => open.size === 0)
})

test('counted across restarts, of the engine and of the server', async () => {
  const goal = { ratio: 2, seconds: 0 }
  const { open, index } = home(goal, 1)
  const one = await eventually('it is offered', () => open.get(first))
  one.uploaded = SIZE
  await aWhile()
  // The next process of the engine begins to count anew.
  one.uploaded = 0.5 * SIZE
  await aWhile()
  expect(open.size).toBe(1)
  await seeding?.close()
  expect(open.size).toBe(0)
  const later = home(goal, 1, index)
  const again = await eventually('it is offered again', () => later.open.get(first))
  again.uploaded = 0.5 * SIZE
  await eventually('it is over', () => later.open.size === 0)
  await seeding?.close()
  const last = home(goal, 1, index)
  await aWhile()
  expect(last.open.size).toBe(0)
})

test('what is removed is no longer offered', async () => {
  const { open, here } = home({ ratio: 1, seconds: 0 }, 2)
  await eventually('both are offered', () => open.size === 2)
  here.delete(first)
  await eventually('one is left', () => open.size === 1)
  expect(open.has(first)).toBe(false)
})

test('of many those that were used last', async () => {
  const { open } = home({ ratio: 1, seconds: 0 }, 20)
  await eventually('as many as may be', () => open.size === 16)
  await aWhile()
  expect([...open.keys()].sort()).toEqual(keys.slice(4).sort())
})

test('one whose pieces are not there, or that cannot be opened, rests for a minute', async () => {
  const { open, trouble, pinned } = home({ ratio: 1, seconds: 0 }, 1)
  const one = await eventually('it is offered', () => open.get(first))
  trouble.open = new Fault('ENGINE_DIED')
  one.events.missing([2])
  await eventually('it is over', () => open.size === 0)
  await aWhile()
  expect(pinned.get(first)).toBe(0)
  now += 60_000
  await aWhile()
  expect([open.size, pinned.get(first)]).toEqual([0, 0])
  delete trouble.open
  trouble.metainfo = true
  now += 60_000
  await aWhile()
  expect([open.size, pinned.get(first)]).toEqual([0, 0])
  trouble.metainfo = false
  now += 60_000
  await eventually('it is offered again', () => open.size === 1)
})

test('without the index it goes on from memory', async () => {
  const { open, index } = home({ ratio: 1, seconds: 0 }, 1)
  const one = await eventually('it is offered', () => open.get(first))
  index.down = true
  one.uploaded = SIZE
  await eventually('it is over', () => open.size === 0)
})
