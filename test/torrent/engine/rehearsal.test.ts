import { mkdtemp, readdir, rmdir } from 'node:fs/promises'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, jest, test } from '@jest/globals'
import { rehearseDownload } from '../../../torrent/engine/rehearsal.ts'
import { openTimers } from '../../support/open-timers.ts'
import { eventually } from '../../support/wait.ts'
import { engineOptions } from '../engines.ts'

test('a film is played before the first viewer; nobody is connected to, nothing is left', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'playlink-rehearsing-'))
  const before = openTimers()
  const connect = jest.spyOn(Socket.prototype, 'connect')
  try {
    await rehearseDownload(engineOptions, parent)
    await rehearseDownload(engineOptions, parent)
    expect(connect).not.toHaveBeenCalled()
  } finally {
    connect.mockRestore()
  }
  expect(await readdir(parent)).toEqual([])
  await rmdir(parent)
  await eventually('no timer is left', () => openTimers() <= before)
})

test('where its file cannot be written it fails, and leaves nothing', async () => {
  const before = openTimers()
  const nowhere = rehearseDownload(engineOptions, '/nowhere')
  await expect(nowhere).rejects.toMatchObject({ code: 'ENOENT' })
  expect(openTimers()).toBeLessThanOrEqual(before)
})
