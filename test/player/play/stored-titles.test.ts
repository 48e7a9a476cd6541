import { describe, expect, test } from '@jest/globals'
import type { FileOnDisk } from '../../../cache/disk/file-store.ts'
import { fileKey } from '../../../common/bittorrent/file-key.ts'
import type { Title } from '../../../common/title.ts'
import { createStoredTitles } from '../../../player/play/stored-titles.ts'
import { fakeIndex, handClock, silent } from '../../sources/fakes.ts'

const DAY_MS = 86_400_000
const key = (n: number) => fileKey(String(n).padStart(40, '0'), 0)
const record = (n: number, complete = true) =>
  ({ key: key(n), name: `${n}.mkv`, complete }) as FileOnDisk
const film = (n: number): Title => ({ type: 'movie', imdbId: `tt000000${n}` })
const episode: Title = { type: 'series', imdbId: 'tt0903747', season: 1, episode: 2 }

function stage(records: readonly FileOnDisk[]) {
  const [clock, index] = [handClock(), fakeIndex()]
  const start = () =>
    createStoredTitles({ store: { records: () => records }, index, clock, log: silent })
  return { clock, index, start, pinned: start() }
}

describe('titles of what is on disk', () => {
  test('complete ones, the last used first, those whose title is known', async () => {
    const { pinned } = stage([record(1), record(2), record(3, false), record(4)])
    await pinned.remember(key(1), film(1))
    await pinned.remember(key(2), episode)
    await pinned.remember(key(3), film(3))
    expect(await pinned.list()).toEqual([
      { title: episode, fileName: '2.mkv' },
      { title: film(1), fileName: '1.mkv' },
    ])
  })

  test('one that the operator tried is no title, and hides none', async () => {
    const { pinned, index } = stage([record(1)])
    await pinned.remember(key(1), { type: 'movie', imdbId: 'tt9700000001' })
    expect([await pinned.list(), index.writes]).toEqual([[], []])
    await pinned.remember(key(1), film(1))
    expect((await pinned.list()).map(({ title }) => title)).toEqual([film(1)])
  })

  test('are known after a restart, and a value of another shape counts as absent', async () => {
    const { pinned, start, index } = stage([record(1), record(2)])
    await pinned.remember(key(1), film(1))
    await index.writeValue(`title:${key(2)}`, { type: 'movie', imdbId: '../x', at: 0 }, 0, 1000)
    expect((await start().list()).map(({ title }) => title)).toEqual([film(1)])
  })

  test('are written once, and again when a day old, for as long as they are here', async () => {
    const { pinned, start, index, clock } = stage([record(1)])
    await pinned.remember(key(1), film(1))
    await pinned.remember(key(1), film(1))
    await start().list()
    expect(index.writes).toHaveLength(1)
    clock.now += DAY_MS + 1000
    expect(await pinned.list()).toHaveLength(1)
    expect(index.writes).toHaveLength(2)
    expect(index.writes[1]?.ttlMs).toBe(30 * DAY_MS)
  })

  test('an index that is away costs the list, not the play', async () => {
    const { pinned, start, index } = stage([record(1)])
    index.down = true
    await pinned.remember(key(1), film(1))
    expect(await pinned.list()).toHaveLength(1)
    expect(await start().list()).toEqual([])
  })
})
