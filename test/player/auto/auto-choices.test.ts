import { expect, test } from '@jest/globals'
import { createAutoChoices } from '../../../player/auto/auto-choices.ts'
import { createFakeIndex, movie, silent } from '../fakes.ts'

const [one, two] = ['aaaaaaaaaa', 'bbbbbbbbbb']
const open = () => {
  const index = createFakeIndex()
  const node = () => createAutoChoices({ index, log: silent })
  return { index, node, choices: node() }
}

test('each wish has its own choice, for every node', async () => {
  const { choices, node } = open()
  await choices.keep(movie, undefined, one)
  await choices.keep(movie, 'v1~s.small', two)
  for (const each of [choices, node()]) {
    expect(await each.recall(movie, undefined)).toBe(one)
    expect(await each.recall(movie, 'v1~s.small')).toBe(two)
    expect(await each.recall(movie, 'v1~s.large')).toBeUndefined()
  }
  await choices.keep(movie, undefined, two)
  expect(await node().recall(movie, undefined)).toBe(two)
})

test('preferences that somebody makes up fill neither the index nor push the usual choice out', async () => {
  const { index, choices, node } = open()
  await choices.keep(movie, undefined, one)
  for (let i = 1; i <= 200; i++) await choices.keep(movie, `v1~m.${i}~p.${'x'.repeat(50)}`, two)
  expect(index.entries.size).toBe(1)
  expect(JSON.stringify([...index.entries]).length).toBeLessThan(1000)
  expect(await node().recall(movie, undefined)).toBe(one)
  expect(await node().recall(movie, `v1~m.200~p.${'x'.repeat(50)}`)).toBe(two)
  expect(await node().recall(movie, `v1~m.1~p.${'x'.repeat(50)}`)).toBeUndefined()
})

test('a value of another shape counts as absent, and is overwritten', async () => {
  const { index, choices, node } = open()
  index.entries.set('auto:tt1254207', { value: { key: one }, revision: 3 })
  const [name] = index.entries.keys()
  expect(await choices.recall(movie, undefined)).toBeUndefined()
  await choices.keep(movie, undefined, two)
  expect([...index.entries.keys()]).toEqual([name])
  expect(await node().recall(movie, undefined)).toBe(two)
})
