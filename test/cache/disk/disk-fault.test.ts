import { expect, test } from '@jest/globals'
import { diskFault } from '../../../cache/disk/disk-fault.ts'
import { Fault } from '../../../common/errors.ts'

const coded = (code: string): Error => Object.assign(new Error(code), { code })

test.each([
  ['ENOSPC', 'DOES_NOT_FIT'],
  ['EDQUOT', 'DOES_NOT_FIT'],
  ['EROFS', 'DOES_NOT_FIT'],
  ['EACCES', 'DOES_NOT_FIT'],
  ['EMFILE', 'TOO_MANY_OPEN'],
  ['ENFILE', 'TOO_MANY_OPEN'],
  ['EIO', 'INTERNAL'],
])('%s is %s to the viewer', (code, wanted) => {
  const fault = diskFault(coded(code))
  expect(fault.code).toBe(wanted)
  expect(fault.cause).toMatchObject({ code })
})

test('a Fault stays the same, and a volume that cannot be written has its own message', () => {
  const draining = new Fault('DRAINING')
  expect(diskFault(draining)).toBe(draining)
  expect(diskFault(coded('EROFS')).message).toContain('read-only')
  expect(diskFault(coded('EACCES')).message).toContain('may not be written')
})
