import { describe, expect, test } from '@jest/globals'
import { asFault, Fault, type FaultCode, faults } from '../../common/errors.ts'

describe('the table of faults', () => {
  test.each(Object.entries(faults))(
    '%s has a status and a sentence',
    (code, [status, sentence]) => {
      expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/)
      expect(status).toBeGreaterThanOrEqual(400)
      expect(status).toBeLessThan(600)
      expect(sentence).toMatch(/^[A-Z].*\.$/)
    },
  )
})

test('a fault carries its code, status and sentence', () => {
  const fault = new Fault('DOES_NOT_FIT')
  expect([fault.code, fault.status, fault.message]).toEqual([
    'DOES_NOT_FIT' satisfies FaultCode,
    507,
    faults.DOES_NOT_FIT[1],
  ])
  expect(new Fault('UNKNOWN_SOURCE', { available: 3, message: 'Only 3.' })).toMatchObject({
    message: 'Only 3.',
    details: { available: 3 },
  })
})

test('asFault keeps a fault, and wraps any other error without its message', () => {
  const fault = new Fault('STALLED')
  expect(asFault(fault, 'NO_PEERS')).toBe(fault)
  const secret = new Error('/root/secret')
  const wrapped = asFault(secret)
  expect([wrapped.code, wrapped.cause]).toEqual(['INTERNAL', secret])
  expect(wrapped.message).not.toContain('secret')
  expect(asFault('text', 'UPSTREAM_FAILED').code).toBe('UPSTREAM_FAILED')
})

test('without a descriptor it is that, whatever was being done', () => {
  const cause = Object.assign(new Error('open'), { code: 'EMFILE' })
  expect(asFault(cause, 'UPSTREAM_FAILED')).toMatchObject({
    code: 'TOO_MANY_OPEN',
    status: 503,
    cause,
  })
})
