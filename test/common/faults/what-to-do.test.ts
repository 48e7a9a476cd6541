import { describe, expect, test } from '@jest/globals'
import { type FaultCode, faults } from '../../../common/errors.ts'
import { partsOf, whatToDo, withAdvice } from '../../../common/faults/what-to-do.ts'

const codes = Object.keys(faults) as FaultCode[]

describe('what to do', () => {
  test.each(codes)('%s has it in sentences, and says nothing twice', (code) => {
    const [, message] = faults[code]
    expect(whatToDo[code]).toMatch(/^[A-Z][^\n]{15,}\.$/)
    expect(message).not.toContain(whatToDo[code].slice(0, -1))
  })

  test('stands behind the message once, also where another node has said it', () => {
    const said = withAdvice('NO_PEERS', 'Nobody is there.')
    expect(said).toBe(`Nobody is there. ${whatToDo.NO_PEERS}`)
    expect(withAdvice('NO_PEERS', said)).toBe(said)
  })

  test('is told apart again', () => {
    for (const code of codes) {
      const [, message] = faults[code]
      expect(partsOf(code, withAdvice(code, message))).toEqual([message, whatToDo[code]])
    }
    expect(partsOf(undefined, 'A text.')).toEqual(['A text.', ''])
    expect(partsOf('NO_PEERS', 'A text.')).toEqual(['A text.', ''])
  })
})
