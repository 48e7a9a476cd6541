import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import { z } from 'zod'
import { errorCode } from '../common/errors.ts'
import { whyNotListening } from '../common/host/listen-error.ts'
import { ownBase } from '../common/host/own-base.ts'
import type { Config } from '../config/config.ts'
import { askOwn } from './ask-own.ts'
import { fault, ok, type Verdict, warning } from './finding.ts'

/** What /ready says. */
const readyShape = z.object({ status: z.string().max(40), uptimeSeconds: z.number() })

/** It looks at the volume and no more. */
const READY_MS = 3000

/** What stands on a port of this machine. */
export interface PortState {
  readonly verdict: Verdict
  /** A Playlink answers there. */
  readonly serves: boolean
}

export async function lookAtPort(
  place: Pick<Config, 'host' | 'port'>,
  signal: AbortSignal,
): Promise<PortState> {
  const { host, port } = place
  if (port === 0) return { verdict: ok('any that is free'), serves: false }
  const error = await whyNotTcp(port, host)
  if (error === undefined) {
    return { verdict: ok(`${port} on ${host} is free: no server runs there now`), serves: false }
  }
  const readiness = errorCode(error) === 'EADDRINUSE' && (await readinessAt(place, signal))
  if (readiness) return { verdict: readiness, serves: true }
  const [why = `PORT ${port} on ${host} cannot be listened on (${errorCode(error)}).`, todo = ''] =
    whyNotListening(error, place) ?? []
  return { verdict: fault(why, todo || 'Set HOST to an address of this machine.'), serves: false }
}

/** The port that the asker itself listens on, which nobody else can. */
export async function lookAtOwnPort(
  place: Pick<Config, 'host' | 'port'>,
  signal: AbortSignal,
): Promise<PortState> {
  const silent = fault(
    `this server does not answer on ${place.port} of ${place.host}`,
    'See whether a firewall of this machine keeps it from itself.',
  )
  return { verdict: (await readinessAt(place, signal)) ?? silent, serves: true }
}

/** Undefined: what listens there is no Playlink. */
async function readinessAt(
  place: Pick<Config, 'host' | 'port'>,
  signal: AbortSignal,
): Promise<Verdict | undefined> {
  const { port } = place
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(READY_MS)])
  const answer = await askOwn(`${ownBase(place)}/ready`, inTime).catch(() => undefined)
  const { status } = readyShape.safeParse(answer?.json).data ?? {}
  if (status === undefined) return undefined
  if (answer?.status === 200) return ok(`a Playlink serves on ${port}`)
  const said = `the Playlink on ${port} takes no traffic: it says "${status}"`
  if (status === 'no-room') {
    return fault(said, 'Make room on the volume of CACHE_DIR, or name a folder on a larger one.')
  }
  return warning(said, 'Wait until it has started or stopped, and run this again.')
}

/** The port for peers, TCP and UDP. */
export async function checkTorrentPort(
  { torrent }: Pick<Config, 'torrent'>,
  serves: boolean,
): Promise<Verdict> {
  const { port } = torrent
  if (port === 0) return ok('any that is free: peers find this server by trackers and the DHT')
  if (torrent.proxy) return ok(`${port} is the proxy's: nobody connects to this machine`)
  if (serves) return ok(`${port} is that of the server that runs`)
  const [tcp, udp] = await Promise.all([whyNotTcp(port), whyNotUdp(port)])
  const error = tcp ?? udp
  if (error === undefined) return ok(`${port} is free`)
  return fault(
    `${port} cannot be listened on (${tcp ? 'TCP' : 'UDP'}, ${errorCode(error)})`,
    'Set TORRENT_PORT to a port that no other program has, or to 0 for any.',
  )
}

/** Listens for a moment. Undefined: it may. */
async function whyNotTcp(port: number, host?: string): Promise<unknown> {
  const server = createServer()
  const { promise, resolve } = Promise.withResolvers<unknown>()
  server.once('error', resolve)
  server.listen({ port, ...(host !== undefined && { host }) }, () =>
    server.close(() => resolve(undefined)),
  )
  return promise
}

async function whyNotUdp(port: number): Promise<unknown> {
  const socket = createSocket('udp4')
  const { promise, resolve } = Promise.withResolvers<unknown>()
  socket.once('error', (error) => socket.close(() => resolve(error)))
  socket.bind(port, () => socket.close(() => resolve(undefined)))
  return promise
}
