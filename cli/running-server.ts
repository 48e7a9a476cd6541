import { z } from 'zod'
import type { Config } from '../config/config.ts'
import { CommandError, NOT_NOW } from './command-error.ts'

const QUICK_MS = 5000
/** Thousands of large files take their time on a slow disk. */
const REMOVAL_MS = 10 * 60_000

const statsSchema = z.object({ node: z.string() })
const freedSchema = z.object({
  removedFiles: z.number(),
  freedBytes: z.number(),
  keptInUse: z.number(),
})
const faultSchema = z.object({ error: z.object({ message: z.string() }) })

export type FreedByServer = z.infer<typeof freedSchema>
export type Order = { readonly forceCleanup: true } | { readonly remove: readonly string[] }

/** Where the settings say that the server listens, as this machine reaches it. */
function baseOf({ host, port }: Config): string {
  const any = { '0.0.0.0': '127.0.0.1', '::': '[::1]' } as Record<string, string>
  const name = any[host] ?? (host.includes(':') ? `[${host}]` : host)
  return `http://${name}:${port}`
}

async function ask<T>(config: Config, path: string, shape: z.ZodType<T>, order?: Order) {
  const { adminToken } = config
  const at = baseOf(config)
  const why = (what: string): CommandError =>
    new CommandError(NOT_NOW, `The server at ${at} ${what}. Nothing was removed by this request.`)
  // No foreign address: the operator's own HOST and PORT, so not through the guard of outbound.
  const answer = await fetch(at + path, {
    redirect: 'error',
    signal: AbortSignal.timeout(order ? REMOVAL_MS : QUICK_MS),
    headers: {
      'Content-Type': 'application/json',
      ...(adminToken === undefined ? {} : { Authorization: `Bearer ${adminToken}` }),
    },
    ...(order ? { method: 'POST', body: JSON.stringify(order) } : {}),
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
 * Orders a removal from the server that owns the folder, after it has shown that it is that one:
 * another Playlink may listen at the port.
 * @param node whose folder it is
 * @throws CommandError
 */
export async function orderFromServer(
  config: Config,
  { node, pid }: { node: string | undefined; pid: number },
  orders: readonly Order[],
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
  for (const order of orders) {
    const freed = await ask(config, '/api/cache-config', freedSchema, order)
    sum.removedFiles += freed.removedFiles
    sum.freedBytes += freed.freedBytes
    sum.keptInUse += freed.keptInUse
  }
  return sum
}
