import { expect, test } from '@jest/globals'
import { type Bencoded, bencodeSteps } from '../../../common/bittorrent/bencode.ts'
import { treeFiles } from '../../../common/bittorrent/file-tree.ts'
import { metainfoFiles } from '../../../common/bittorrent/metainfo-files.ts'
import { atOnce, inParts, type Steps } from '../../../common/bittorrent/steps.ts'
import { bencode } from '../../support/bencode.ts'
import { keepBusy } from '../../support/keep-busy.ts'
import { ticksWhile } from '../../support/wait.ts'

function* slow(steps: number): Steps<string> {
  for (let n = 0; n < steps; n++) {
    keepBusy(5)
    yield
  }
  return 'done'
}

test('others have a turn after each long step; at once nobody has', async () => {
  const { ticks, result } = await ticksWhile(() => inParts(slow(6)))
  expect([result, atOnce(slow(1))]).toEqual(['done', 'done'])
  expect(ticks).toBeGreaterThanOrEqual(6)
})

test('what the work throws comes out', async () => {
  const broken = function* (): Steps<never> {
    yield
    throw new Error('broken')
  }
  expect(() => atOnce(broken())).toThrow('broken')
  await expect(inParts(broken())).rejects.toThrow('broken')
})

test('the steps of a bencoded text are as many as it is long', () => {
  const steps = (values: number): number => {
    const list = bencode(Array.from({ length: values }, () => 1))
    return [...bencodeSteps(list)].length
  }
  expect(steps(100)).toBe(0)
  expect(steps(20_000)).toBe(10)
  expect(steps(80_000)).toBe(40)
})

/** How often others have their turn until the work is done, or is refused. */
function turnsOf(steps: Steps<unknown>): number {
  for (let turns = 0; ; turns++) {
    try {
      if (steps.next().done) return turns
    } catch {
      return turns
    }
  }
}

const MOST = 1_000_000

test('folders without files take turns too', () => {
  const folders = Array.from({ length: 8000 }, (_, n) => [`${n}`, new Map()] as const)
  const info = new Map<string, Bencoded>([['file tree', new Map(folders)]])
  expect(turnsOf(treeFiles(info, 'n', 16_384, MOST))).toBeGreaterThanOrEqual(20)
})

test('files take turns by the names in their paths', () => {
  const file = new Map<string, Bencoded>([
    ['length', 1],
    ['path', Array.from({ length: 900 }, () => Buffer.from('a'))],
  ])
  const info = new Map<string, Bencoded>([['files', Array.from({ length: 100 }, () => file)]])
  expect(turnsOf(metainfoFiles(info, 'n', MOST))).toBeGreaterThanOrEqual(99)
})

test('of a path no more is read than may show', () => {
  const path: Bencoded[] = Array.from({ length: 100_000 }, () => Buffer.from('a'))
  Object.defineProperty(path, 5000, {
    get: () => {
      throw new Error('read')
    },
  })
  const file = new Map<string, Bencoded>([
    ['length', 1],
    ['path', path],
  ])
  const [found] = atOnce(metainfoFiles(new Map([['files', [file]]]), 'n', MOST))
  expect(found?.path).toHaveLength(1000)
})
