import {
  dropManagementFile,
  newManagementToken,
  writeManagementFile,
} from '../../cache/disk/management-file.ts'
import type { CleanupStack } from '../../common/cleanup-stack.ts'
import type { Log } from '../../common/log.ts'
import type { Config } from '../../config/config.ts'
import { type Admins, createAdmins } from './admin-guard.ts'

export interface Management {
  readonly admins: Admins
  /** Tells the commands of this server's own user where it listens, and the token it obeys. */
  listening(port: number): Promise<void>
}

/** On a full disk the file is tried again: without it the commands do not find this server. */
const RETRY_MS = 30_000

/** Who may manage this server: by the settings, and by a token that is new at each start. */
export function createManagement(parts: {
  readonly config: Config
  readonly nodeEnv: string | undefined
  readonly ends: CleanupStack
  readonly log: Log
}): Management {
  const { config, ends, log } = parts
  const { dir } = config.cache
  const token = newManagementToken()
  const production = parts.nodeEnv === 'production'
  let timer: NodeJS.Timeout | undefined
  const write = async (port: number, isFirst: boolean): Promise<void> => {
    try {
      await writeManagementFile(dir, { host: config.host, port, token })
    } catch (err) {
      if (isFirst) log.warn({ err }, 'the management file could not be written: tried again')
      timer = setTimeout(() => void write(port, false), RETRY_MS)
    }
  }
  return {
    admins: createAdmins({ ...config, fileToken: token, production }),
    async listening(port) {
      await write(port, true)
      ends.defer('management file', () => {
        clearTimeout(timer)
        return dropManagementFile(dir)
      })
      if (production && config.adminToken === undefined) {
        log.warn('NODE_ENV is production and ADMIN_TOKEN not set: the management API is closed')
      }
    },
  }
}
