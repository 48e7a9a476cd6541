import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { systemClock } from '../../common/clock.ts'
import type { EngineOptions } from '../../torrent/protocol/messages.ts'
import { EngineProcess } from '../../torrent/supervisor/engine-process.ts'
import { usualLimits } from '../../torrent/supervisor/supervision-limits.ts'
import { freePort } from '../support/free-port.ts'
import { engineOptions, enginePids, silent } from './engines.ts'

const preload = new URL('../support/server/loopback-only.ts', import.meta.url).href

/** The engine's process alone, with the port that it listens on, and how often it died. */
export async function startLoneEngine(more: Partial<EngineOptions> = {}) {
  const before = process.env.NODE_OPTIONS
  process.env.NODE_OPTIONS = `--import=${preload}`
  const port = await freePort()
  let deaths = 0
  const engine = new EngineProcess({
    options: { ...engineOptions, port, ...more },
    // A busy machine is no hang: only what ends the process by itself is of interest here.
    limits: { ...usualLimits, heartbeatMs: 60_000 },
    clock: systemClock,
    log: silent,
    onMessage: () => {},
    onDeath: () => deaths++,
  })
  if (before === undefined) delete process.env.NODE_OPTIONS
  else process.env.NODE_OPTIONS = before
  await engine.started(60_000)
  return {
    engine,
    port,
    get deaths() {
      return deaths
    },
    /** Of the DHT: the other one is that of uTP, which has the number of the TCP port. */
    udpPort: () => udpPortsOf(enginePids()[0] ?? 0).find((one) => one !== port),
  }
}

function udpPortsOf(pid: number): number[] {
  const sockets = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1]
    } catch {
      return undefined
    }
  })
  const lines = readFileSync('/proc/net/udp', 'utf8').split('\n').slice(1)
  const fields = lines.map((line) => line.trim().split(/\s+/))
  return fields
    .filter(([, , , , , , , , , inode]) => sockets.includes(inode))
    .map(([, local]) => Number.parseInt(local?.split(':')[1] ?? '', 16))
}
