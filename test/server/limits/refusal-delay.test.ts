import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { RefusalDelay } from '../../../server/limits/refusal-delay.ts'
import { eventually } from '../../support/wait.ts'

let delay: RefusalDelay
beforeEach(() => {
  delay = new RefusalDelay({ steady: () => 1000 })
})
afterEach(() => delay.close())

test('the first is told at once, those behind it one after the other, another address at once', async () => {
  const told: string[] = []
  const refuse = (address: string, name: string) =>
    delay.wait(address).then(() => void told.push(name))
  const first = refuse('a', 'first')
  const others = ['second', 'third', 'fourth'].map((name) => refuse('a', name))
  const honest = refuse('b', 'honest')
  await Promise.all([first, honest])
  expect(told).toEqual(['first', 'honest'])
  await Promise.all(others)
  expect(told).toEqual(['first', 'honest', 'second', 'third', 'fourth'])
})

test('however many there are, none waits for all of them; when all is over all are told', async () => {
  let told = 0
  for (let n = 0; n < 2000; n++) void delay.wait('a').then(() => told++)
  await eventually('the last', () => told === 2000)
  for (let n = 0; n < 100; n++) void delay.wait('a').then(() => told++)
  delay.close()
  await eventually('those that waited', () => told === 2100)
})
