import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { type KillPoint, killerOf, killPoint, killPoints } from '../../common/kill-point.ts'

/** How many of the given points are passed before the process would die. */
function diesAt(list: string, passed: readonly KillPoint[]): number | undefined {
  let died = false
  const pass = killerOf(list, () => {
    died = true
  })
  for (const [i, name] of passed.entries()) {
    pass(name)
    if (died) return i
  }
  return undefined
}

describe('PLAYLINK_KILL_AT', () => {
  const passed: readonly KillPoint[] = [
    'open:payload',
    'open:sidecar',
    'open:payload',
    'sweep:step',
  ]

  test.each([
    ['open:payload', 0],
    ['open:payload:1', 0],
    ['open:payload:2', 2],
    ['open:payload:3', undefined],
    ['sweep:step, open:sidecar', 1],
    ['any', 0],
    ['any:4', 3],
    ['any:5', undefined],
    ['publish:index,any:2', 1],
  ])('%s', (list, at) => {
    expect(diesAt(list, passed)).toBe(at)
  })

  test.each(['open:nothing', '', 'open:payload:', 'open:payload:x', 'open:payload,'])(
    'names that are none are refused: %j',
    (list) => {
      expect(() => killerOf(list, () => undefined)).toThrow(RangeError)
    },
  )

  test('without it nothing happens', () => {
    for (const name of killPoints) killPoint(name)
  })
})

test('every kill point is used in the code, and no other name is', () => {
  const root = new URL('../../cache/', import.meta.url).pathname
  const code = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(root, name), 'utf8'))
    .join('\n')
  const used = [...code.matchAll(/killPoint\('([^']+)'\)/g)].map((match) => match[1])
  expect([...new Set(used)].sort()).toEqual([...killPoints].sort())
})
