import { expect, test } from '@jest/globals'
import { systemClock } from '../../../common/clock.ts'
import { rehearseLists } from '../../../sources/lists/rehearsal.ts'
import type { NameParser } from '../../../sources/names/name-parser.ts'
import { NO_NAME } from '../../../sources/names/parsed-name.ts'
import { silent } from '../fakes.ts'

/** What the log would have told. */
function recording() {
  const said: unknown[] = []
  const say = (...args: unknown[]): number => said.push(args)
  return { said, log: { ...silent, info: say, warn: say, error: say, debug: say } as typeof silent }
}

test('a list is made and played from before anybody asks, up to the names in it', async () => {
  const { said, log } = recording()
  const names: string[] = []
  const parser: NameParser = {
    async releases(asked) {
      names.push(...asked)
      return asked.map(() => NO_NAME)
    },
    marks: async (paths) => paths.map(() => undefined),
  }
  await rehearseLists({ parser, clock: systemClock, log })
  expect(names.length).toBeGreaterThan(0)
  expect(names.every((name) => /^(?:Rehearsal|rehearsal)/.test(name))).toBe(true)
  expect(said).toEqual([])
})

test('it fails without anybody noticing', async () => {
  const { said, log } = recording()
  const parser: NameParser = {
    releases: () => Promise.reject(new Error('the worker is gone')),
    marks: () => Promise.reject(new Error('the worker is gone')),
  }
  await rehearseLists({ parser, clock: systemClock, log })
  expect(said).toHaveLength(1)
})
