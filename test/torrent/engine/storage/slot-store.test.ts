import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { SlotStore } from '../../../../torrent/engine/storage/slot-store.ts'
import { LAYOUT, pieceBytes } from '../../slots.ts'

let folder = ''
let path = ''
let store: SlotStore
type Assigned = readonly (readonly [number, number, boolean])[]

async function opened(assigned: Assigned = [], generation = 0): Promise<SlotStore> {
  return new SlotStore(1, { path, layout: LAYOUT, generation, assigned }).open()
}
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-slot-store-'))
  path = join(folder, 'slots')
  await writeFile(path, '')
  store = await opened()
})
afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

/** What lies in a slot: the piece whose bytes it begins with. */
async function inSlot(slot: number): Promise<number | undefined> {
  const bytes = (await readFile(path)).subarray(slot * LAYOUT.pieceLength)
  return [2, 3, 4, 5, 6, 7, 8, 9].find((piece) => bytes.indexOf(pieceBytes(piece)) === 0)
}
const write = (piece: number): Promise<void> => store.write(piece, pieceBytes(piece))

describe('SlotStore', () => {
  test('lacks a piece that has a slot and is not written; writes it into its slot', async () => {
    store.change({ generation: 1, unassign: [], assign: [[3, 1]] })
    expect([store.lacks(3), store.lacks(4), store.has(3), store.generation]).toEqual([
      true,
      false,
      false,
      1,
    ])
    await write(3)
    expect([store.lacks(3), store.has(3), await inSlot(1)]).toEqual([false, true, 3])
  })

  test('a piece without a slot is not written', async () => {
    await write(3)
    expect([store.has(3), (await readFile(path)).length]).toEqual([false, 0])
  })

  test('evicted while it is written: does not count, and the next piece is written after it', async () => {
    store.change({ generation: 1, unassign: [], assign: [[3, 0]] })
    const first = write(3)
    store.change({ generation: 2, unassign: [3], assign: [[4, 0]] })
    const second = write(4)
    await Promise.all([first, second])
    expect([store.has(3), store.has(4), await inSlot(0)]).toEqual([false, true, 4])
  })

  test('evicted while it waits for its slot: its bytes are not written', async () => {
    store.change({ generation: 1, unassign: [], assign: [[3, 0]] })
    const first = write(3)
    store.change({ generation: 2, unassign: [3], assign: [[4, 0]] })
    const second = write(4)
    store.change({ generation: 3, unassign: [4], assign: [[3, 0]] })
    await Promise.all([first, second])
    expect([store.has(3), store.has(4), await inSlot(0)]).toEqual([true, false, 3])
  })

  test('given another slot while it is written: does not count, fetched again', async () => {
    store.change({ generation: 1, unassign: [], assign: [[3, 0]] })
    const first = write(3)
    store.change({ generation: 2, unassign: [3], assign: [[4, 0]] })
    store.change({ generation: 3, unassign: [], assign: [[3, 1]] })
    await first
    expect([store.has(3), store.lacks(3)]).toEqual([false, true])
    await write(3)
    expect([store.has(3), await inSlot(1)]).toEqual([true, 3])
  })

  test('takes over what another process wrote', async () => {
    store.change({ generation: 1, unassign: [], assign: [[3, 0]] })
    await write(3)
    const next = await opened(
      [
        [3, 0, true],
        [4, 1, false],
      ],
      7,
    )
    expect([next.has(3), next.has(4), next.lacks(4), next.generation]).toEqual([
      true,
      false,
      true,
      7,
    ])
    await next.close()
  })

  test('is told of slots before its file is open', async () => {
    const early = new SlotStore(2, { path, layout: LAYOUT, generation: 0, assigned: [] })
    early.change({ generation: 1, unassign: [], assign: [[5, 0]] })
    await expect(early.write(5, pieceBytes(5))).rejects.toThrow('not open')
    await early.open()
    await early.write(5, pieceBytes(5))
    expect([early.has(5), await inSlot(0)]).toEqual([true, 5])
    await early.close()
  })

  test('a write that fails leaves the piece missing and the slot usable', async () => {
    const file = store
    file.change({ generation: 1, unassign: [], assign: [[3, 0]] })
    await expect(file.write(3, null as unknown as Uint8Array)).rejects.toThrow()
    expect(file.has(3)).toBe(false)
    await write(3)
    expect([store.has(3), await inSlot(0)]).toEqual([true, 3])
  })

  test('closed under a write, and written after: nothing counts', async () => {
    store.change({
      generation: 1,
      unassign: [],
      assign: [
        [3, 0],
        [4, 1],
      ],
    })
    const running = write(3).catch(() => {})
    await store.close()
    await running
    await expect(write(4)).rejects.toThrow()
    expect(store.has(4)).toBe(false)
  })

  test('no file: open says so', async () => {
    const lost = new SlotStore(3, {
      ...{ layout: LAYOUT, generation: 0, assigned: [] },
      path: join(folder, 'none'),
    })
    await expect(lost.open()).rejects.toMatchObject({ code: 'ENOENT' })
    await lost.close()
  })

  test('nothing of it is uploaded', async () => {
    expect(store.announced).toBe(false)
    await expect(store.read(3, 0, 10)).rejects.toThrow()
  })
})
