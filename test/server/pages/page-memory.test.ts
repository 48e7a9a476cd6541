import { describe, expect, test } from '@jest/globals'
import { PageMemory } from '../../../server/pages/page-memory.ts'

describe('pages that were made', () => {
  test('are made once, and anew for each thing that they show', () => {
    const memory = new PageMemory()
    let made = 0
    const ask = (...madeOf: readonly unknown[]): string =>
      memory.page(madeOf, () => `page ${++made}`)
    expect(ask('http://a', '', { sort: 'best' }, undefined)).toBe('page 1')
    expect(ask('http://a', '', { sort: 'best' }, undefined)).toBe('page 1')
    expect(ask('http://b', '', { sort: 'best' }, undefined)).toBe('page 2')
    expect(ask('http://a', '../', { sort: 'best' }, undefined)).toBe('page 3')
    expect(ask('http://a', '', { sort: 'small' }, undefined)).toBe('page 4')
    expect(ask('http://a', '', { sort: 'best' }, 'no')).toBe('page 5')
    expect(ask('http://a', '', { sort: 'best' }, undefined)).toBe('page 1')
  })

  test('have a bound, whatever is asked for; one that is asked for stays', () => {
    const memory = new PageMemory()
    const page = 'x'.repeat(20_000)
    let made = 0
    const ask = (name: string): void => {
      memory.page([name], () => {
        made++
        return page
      })
    }
    ask('0')
    for (let n = 1; n <= 2000; n++) {
      ask(String(n))
      ask('0')
    }
    expect(made).toBe(2001)
    ask('1')
    expect(made).toBe(2002)
  })
})
