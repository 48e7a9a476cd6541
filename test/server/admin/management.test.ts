import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, jest, test } from '@jest/globals'
import { readManagementFile } from '../../../cache/disk/management-file.ts'
import { CleanupStack } from '../../../common/cleanup-stack.ts'
import { createLog } from '../../../common/log.ts'
import type { Config } from '../../../config/config.ts'
import { createManagement } from '../../../server/admin/management.ts'
import { pass, stopTime } from '../../support/virtual-time.ts'
import { eventually } from '../../support/wait.ts'

afterEach(() => void jest.useRealTimers())

test('on a full disk the server starts without its management file, and writes it later', async () => {
  stopTime()
  const folder = await mkdtemp(join(tmpdir(), 'playlink-management-'))
  const dir = join(folder, 'no')
  const log = createLog('silent')('http')
  const ends = new CleanupStack(log)
  const config = { host: '127.0.0.1', cache: { dir } } as Config
  try {
    await createManagement({ config, nodeEnv: 'test', ends, log }).listening(7000)
    await pass(70_000)
    expect(await readManagementFile(dir)).toBe(undefined)
    await mkdir(dir)
    await eventually('the file', async () => {
      await pass(10_000)
      return readManagementFile(dir)
    })
    expect((await readManagementFile(dir))?.port).toBe(7000)
  } finally {
    await ends.disposeAsync()
    await rm(folder, { recursive: true })
  }
})
