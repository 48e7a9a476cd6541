import { tmpdir } from 'node:os'
import { expect, test } from '@jest/globals'
import { marginOf, roomOnVolume, VOLUME_MARGIN } from '../../../cache/disk/volume.ts'

const MB = 1e6

test.each([
  ['of a large volume', 500e9, VOLUME_MARGIN],
  ['of one of 64 MB an eighth', 64 * MB, 8 * MB],
  ['of one of 512 MiB an eighth is the same', 512 * 2 ** 20, VOLUME_MARGIN],
  ['of none', 0, 0],
])('what is left to others: %s', (_, size, margin) => {
  expect(marginOf(size)).toBe(margin)
})

test('asks the volume of a folder', async () => {
  const { free, margin } = await roomOnVolume(tmpdir())
  expect(free).toBeGreaterThan(0)
  expect(margin).toBeGreaterThan(0)
  expect(margin).toBeLessThanOrEqual(VOLUME_MARGIN)
  await expect(roomOnVolume('/not/there')).rejects.toMatchObject({ code: 'ENOENT' })
})
