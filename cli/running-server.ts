import { z } from 'zod'
import { type ManagementAccess, readManagementFile } from '../cache/disk/management-file.ts'
import { errorCode } from '../common/errors.ts'
import { ownBase } from '../common/host/own-base.ts'
import { CommandError, NOT_NOW } from './shared/command-error.ts'

/** Thousands of large files take long on a slow disk. */
const REMOVAL_TIMEOUT_MS = 10 * 60_000

const freedSchema = z.object({
  removedFiles: z.number(),
  freedBytes: z.number(),
  keptInUse: z.number(),
})
const faultSchema = z.object({ error: z.object({ message: z.string() }) })

export type FreedByServer = z.infer<typeof freedSchema>
export type RemovalRequest =
  | { readonly forceCleanup: true }
  | { readonly remove: readonly string[] }

async function ask(access: ManagementAccess, request: RemovalRequest): Promise<FreedByServer> {
  const at = ownBase(access)
  const why = (what: string): CommandError =>
    new CommandError(NOT_NOW, `The server at ${at} ${what}. Nothing was removed by this request.`)
  // The operator's own server, so the guard for outbound requests is not needed.
  const answer = await fetch(`${at}/api/cache-config`, {
    method: 'POST',
    redirect: 'error',
    signal: AbortSignal.timeout(REMOVAL_TIMEOUT_MS),
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${access.token}` },
    body: JSON.stringify(request),
  }).catch(() => {
    throw why('does not answer')
  })
  const body: unknown = await answer.json().catch(() => undefined)
  const said = faultSchema.safeParse(body)
  if (said.success) throw why(`refuses: ${said.data.error.message.replace(/\.$/, '')}`)
  const read = freedSchema.safeParse(body)
  if (!read.success) throw why('does not answer as Playlink does')
  return read.data
}

/** What the owner of the folder says of itself there. @throws CommandError */
async function accessTo(dir: string, pid: number): Promise<ManagementAccess> {
  const inUse = `CACHE_DIR ${dir} is in use by process ${pid}`
  try {
    const access = await readManagementFile(dir)
    if (access) return access
  } catch (error) {
    const code = errorCode(error)
    throw new CommandError(NOT_NOW, `${inUse}, which only its own user may manage (${code}).`)
  }
  throw new CommandError(NOT_NOW, `${inUse}, which does not serve now. Try again in a moment.`)
}

/**
 * Asks the server that owns the folder to remove files.
 * @param pid the server's process
 * @throws CommandError
 */
export async function removeByServer(
  dir: string,
  pid: number,
  requests: readonly RemovalRequest[],
): Promise<FreedByServer> {
  const access = await accessTo(dir, pid)
  const sum = { removedFiles: 0, freedBytes: 0, keptInUse: 0 }
  for (const request of requests) {
    const freed = await ask(access, request)
    sum.removedFiles += freed.removedFiles
    sum.freedBytes += freed.freedBytes
    sum.keptInUse += freed.keptInUse
  }
  return sum
}
