import { expect, test } from '@jest/globals'
import { bencodeSteps } from '../../../common/bittorrent/bencode.ts'
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
