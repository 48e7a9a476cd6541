import { expect, test } from '@jest/globals'
import { readableSize } from '../../common/readable-size.ts'

test.each([
  [1, '1 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [276_134_947, '276 MB'],
  [999_960_000, '1.0 GB'],
  [1_234_567_890, '1.2 GB'],
  [9e15, '9000 TB'],
])('%d bytes are %s', (bytes, text) => expect(readableSize(bytes)).toBe(text))
