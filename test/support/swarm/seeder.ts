import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { exitOf, hasExited, killGroup } from '../server/processes.ts'
import { sleep, within } from '../wait.ts'

const SCRIPT = new URL('./seeder.py', import.meta.url).pathname
/** Debian's own Python: python3-libtorrent is a system package. */
const PYTHON = '/usr/bin/python3'

export interface SeedPlan {
  /** Path of the .torrent file. */
  readonly torrent: string
  /** Folder its payload lies in. */
  readonly folder: string
  /** The payload is not there yet, and comes from who is connected to. */
  readonly fetches?: boolean
}

export interface Seeder {
  /** `ip:port`, one a session. */
  readonly peers: readonly string[]
  /** `ip:port` of the node of the DHT that knows them, where it was asked for. */
  readonly dhtNode: string
  /** Payload bytes sent of a torrent by all sessions, protocol overhead left out; a second to settle. */
  uploaded(infoHash: string): Promise<number>
  /** Upload limit of one session (0: the first) in bytes a second; 0 = none. */
  rate(bytesPerSecond: number, session?: number): Promise<void>
  /** Shows each peer one piece at a time from now on (BEP 16). */
  superSeed(): Promise<void>
  /** Has every session connect to this peer. */
  connect(peer: string): Promise<void>
  /** The share of each torrent that each session has. */
  progress(): Promise<readonly number[]>
  /** Drops every peer and answers nobody until resumed. */
  pause(): Promise<void>
  resume(): Promise<void>
  close(): Promise<void>
}

/** libtorrent's settings for who speaks uTP (BEP 29) and nothing else. */
export const UTP_ONLY = {
  enable_incoming_tcp: false,
  enable_outgoing_tcp: false,
  enable_incoming_utp: true,
  enable_outgoing_utp: true,
} as const
/** The same for who wants every connection encrypted (MSE). */
export const ENCRYPTED_ONLY = { in_enc_policy: 0, out_enc_policy: 0, allowed_enc_level: 2 } as const

/**
 * One process of libtorrent sessions, each on its own loopback address.
 * @param settings by the names that libtorrent has for them
 * @param enter put before its command, such as one that runs it in a network of its own
 */
export async function startSeeder(
  torrents: readonly SeedPlan[],
  addresses: readonly string[] = ['127.0.0.11'],
  settings: Readonly<Record<string, boolean | number>> = {},
  enter: readonly string[] = [],
  dht = false,
): Promise<Seeder> {
  const order = JSON.stringify({ addresses, torrents, settings, dht })
  const [program = PYTHON, ...args] = [...enter, PYTHON, SCRIPT, order]
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  })
  const errors: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ended = exitOf(child).then((code) => {
    throw new Error(`seeder ended (${code}): ${Buffer.concat(errors).toString()}`)
  })
  ended.catch(() => {})

  let turn: Promise<unknown> = Promise.resolve()
  const next = async (): Promise<unknown> => {
    const line = await within('a line of the seeder', 60_000, Promise.race([lines.next(), ended]))
    return JSON.parse(String(line.value))
  }
  const ask = (command: object): Promise<unknown> => {
    const answer = turn.then(() => {
      child.stdin.write(`${JSON.stringify(command)}\n`)
      return next()
    })
    turn = answer.catch(() => {})
    return answer
  }

  const { peers, node } = (await next()) as { peers: readonly string[]; node: string | null }
  const count = async (infoHash: string): Promise<number> => {
    const { uploads } = (await ask({ cmd: 'uploads' })) as { uploads: Record<string, number[]> }
    return (uploads[infoHash] ?? []).reduce((sum, n) => sum + n, 0)
  }
  return {
    peers,
    dhtNode: node ?? '',
    // libtorrent adds up its counters once a second
    uploaded: async (infoHash) => {
      await sleep(1200)
      return count(infoHash)
    },
    rate: async (bytes, session = 0) => void (await ask({ cmd: 'rate', session, bytes })),
    superSeed: async () => void (await ask({ cmd: 'super' })),
    connect: async (peer) => void (await ask({ cmd: 'connect', peer })),
    progress: async () => ((await ask({ cmd: 'progress' })) as { progress: number[] }).progress,
    pause: async () => void (await ask({ cmd: 'pause' })),
    resume: async () => void (await ask({ cmd: 'resume' })),
    close: async () => {
      child.stdin.end()
      if (hasExited(child) || child.pid === undefined) return
      await within('the seeder to end', 3000, exitOf(child)).catch(() => killGroup(child.pid ?? 0))
    },
  }
}
