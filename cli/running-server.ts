import { z } from 'zod'
import type { Config } from '../config/config.ts'
import { CommandError, NOT_NOW } from './command-error.ts'

const STATS_TIMEOUT_MS = 5000
/** Thousands of large files take long on a slow disk. */
const REMOVAL_TIMEOUT_MS = 10 * 60_000

const statsSchema = z.object({ node: z.string() })
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

/** The address at which this machine reaches the server, by the settings HOST and PORT. */
function baseOf({ host, port }: Config): string {
  const any = { '0.0.0.0': '127.0.0.1', '::': '[::1]' } as Record<string, string>
  const name = any[host] ?? (host.includes(':') ? `[${host}]` : host)
  return `http://${name}:${port}`
}

async function ask<T>(config: Config, path: string, shape: z.ZodType<T>, request?: RemovalRequest) {
  const { adminToken } = config
  const at = baseOf(config)
  const why = (what: string): CommandError =>
    new CommandError(NOT_NOW, `The server at ${at} ${what}. Nothing was removed by this request.`)
  // The operator's own HOST and PORT, so the guard for outbound requests is not needed.
  const answer = await fetch(at + path, {
    redirect: 'error',
    signal: AbortSignal.timeout(request ? REMOVAL_TIMEOUT_MS : STATS_TIMEOUT_MS),
    headers: {
      'Content-Type': 'application/json',
      ...(adminToken === undefined ? {} : { Authorization: `Bearer ${adminToken}` }),
    },
    ...(request ? { method: 'POST', body: JSON.stringify(request) } : {}),
  }).catch(() => {
    throw why('does not answer')
  })
  const body: unknown = await answer.json().catch(() => undefined)
  const said = faultSchema.safeParse(body)
  if (said.success) throw why(`refuses: ${said.data.error.message.replace(/\.$/, '')}`)
  const read = shape.safeParse(body)
  if (!read.success) throw why('does not answer as Playlink does')
  return read.data
}

/**
 * Asks the server that owns the folder to remove files. It has to name the folder's node first, because
 * another Playlink may listen at that port.
 * @param node id of the folder's node
 * @throws CommandError
 */
export async function removeByServer(
  config: Config,
  { node, pid }: { node: string | undefined; pid: number },
  requests: readonly RemovalRequest[],
): Promise<FreedByServer> {
  const { dir } = config.cache
  const hint = 'Set PORT, HOST and ADMIN_TOKEN as that process has them, or stop it.'
  const { port } = config
  if (port === 0) {
    throw new CommandError(
      NOT_NOW,
      `CACHE_DIR ${dir} is in use by process ${pid}, and PORT=0 does not tell where it listens. ${hint}`,
    )
  }
  const stats = await ask(config, '/api/cache-stats', statsSchema)
  if (stats.node !== node) {
    throw new CommandError(
      NOT_NOW,
      `CACHE_DIR ${dir} is in use by process ${pid}; the server at port ${port} has another folder. ${hint}`,
    )
  }
  const sum = { removedFiles: 0, freedBytes: 0, keptInUse: 0 }
  for (const request of requests) {
    const freed = await ask(config, '/api/cache-config', freedSchema, request)
    sum.removedFiles += freed.removedFiles
    sum.freedBytes += freed.freedBytes
    sum.keptInUse += freed.keptInUse
  }
  return sum
}
