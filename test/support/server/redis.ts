import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { freePort } from '../free-port.ts'
import { eventually } from '../wait.ts'
import { exitOf, hasExited } from './processes.ts'
import { monitor } from './redis-monitor.ts'

/** A redis-server of a test: loopback, nothing on disk but its own folder. */
export interface TestRedis {
  readonly port: number
  /** `redis://127.0.0.1:<port>` */
  readonly url: string
  /** For the test's own look inside, without the patience or impatience of ours. */
  readonly client: Redis
  /** SIGSTOP freezes it, SIGCONT lets it go on. */
  signal(name: NodeJS.Signals): void
  /** SIGKILL; what it held is gone. */
  kill(): Promise<void>
  /** Again on the same port, empty. */
  restart(): Promise<void>
  end(): Promise<void>
}

const STARTS = 5

/** A server with these arguments (`--name value`), on a free port unless one is named. */
export async function startRedis(args: readonly string[] = [], port?: number): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'playlink-redis-'))
  for (let tries = 1; ; tries++) {
    try {
      return await startOn(port ?? (await freePort()), folder, args)
    } catch (error) {
      // Somebody else may have been given the port meanwhile.
      if (tries < STARTS && port === undefined) continue
      await rm(folder, { recursive: true, force: true })
      throw error
    }
  }
}

function launch(port: number, folder: string, args: readonly string[]): ChildProcess {
  const bare = ['--save', '', '--appendonly', 'no', '--daemonize', 'no', '--dir', folder]
  const at = ['--port', String(port), '--bind', '127.0.0.1']
  const quick = ['--repl-diskless-sync-delay', '0']
  return spawn('redis-server', [...at, ...bare, ...quick, ...args], { stdio: 'ignore' })
}

async function answersPing(client: Redis, child: ChildProcess): Promise<void> {
  await eventually('redis-server answers', async () => {
    if (hasExited(child)) throw new Error(`redis-server ended: ${child.exitCode}`)
    return (await client.ping().catch(() => '')) === 'PONG'
  })
}

function lookInto(port: number, password?: string): Redis {
  const client = new Redis({
    port,
    protocol: 2,
    ...(password === undefined ? {} : { password }),
    enableOfflineQueue: false,
    // Its timer runs although there is no socket left.
    disconnectTimeout: 100,
    retryStrategy: () => 50,
  })
  client.on('error', () => {})
  return client
}

/**
 * What a server is sent while the work runs, a command a line; not what its scripts do inside, and
 * not the pulse, which beats whatever happens.
 */
export async function sentDuring(
  { client }: Pick<TestRedis, 'client'>,
  work: () => Promise<unknown>,
): Promise<string[]> {
  const { port = 6379, password } = client.options
  const { sent, end } = await monitor(port, password)
  try {
    await work()
    // Answered after whatever was sent before: then the monitor has told of all of it.
    const mark = `end of work ${sent.length}`
    await client.echo(mark)
    await eventually('the monitor tells', () => sent.some((each) => each.includes(mark)))
    return sent.filter((each) => !each.includes(mark) && !each.includes('pulse'))
  } finally {
    end()
  }
}

async function startOn(port: number, folder: string, args: readonly string[]): Promise<TestRedis> {
  const auth = args.indexOf('--requirepass')
  const client = lookInto(port, auth < 0 ? undefined : args[auth + 1])
  let child = launch(port, folder, args)
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exitOf(child)
  }
  try {
    await answersPing(client, child)
  } catch (error) {
    client.disconnect()
    await kill()
    throw error
  }
  return {
    ...{ port, client, kill },
    url: `redis://127.0.0.1:${port}`,
    signal: (name) => void child.kill(name),
    async restart() {
      await kill()
      child = launch(port, folder, args)
      await answersPing(client, child)
    },
    async end() {
      client.disconnect()
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export interface TestRedises {
  readonly url: string
  readonly servers: readonly TestRedis[]
  end(): Promise<void>
}

const endAll = (servers: readonly TestRedis[]) => async (): Promise<void> => {
  await Promise.all(servers.map((server) => server.end()))
}

/** A Redis Cluster of three masters; a third of the slots each. */
export async function startCluster(): Promise<TestRedises> {
  const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000']
  const servers = await Promise.all([1, 2, 3].map(() => startRedis(args)))
  const end = endAll(servers)
  try {
    const bounds = [0, 5461, 10_923, 16_384]
    for (const [i, { client }] of servers.entries()) {
      const [from = 0, to = 0] = bounds.slice(i)
      const slots = Array.from({ length: to - from }, (_, n) => from + n)
      await client.call('CLUSTER', 'ADDSLOTS', ...slots.map(String))
      await client.call('CLUSTER', 'MEET', '127.0.0.1', String(servers[0]?.port))
    }
    await eventually('the cluster agrees', async () => {
      const states = await Promise.all(servers.map(({ client }) => client.call('CLUSTER', 'INFO')))
      return states.every(
        (state) => /state:ok/.test(String(state)) && /known_nodes:3/.test(String(state)),
      )
    })
  } catch (error) {
    await end()
    throw error
  }
  return { servers, end, url: servers.map(({ url }) => url).join(',') }
}

/** A master, a replica, and three sentinels that watch them; the servers are master and replica. */
export async function startSentinels(): Promise<TestRedises> {
  const master = await startRedis()
  const replica = await startRedis(['--replicaof', `127.0.0.1 ${master.port}`])
  const folder = await mkdtemp(join(tmpdir(), 'playlink-sentinel-'))
  const sentinels: ChildProcess[] = []
  const ports: number[] = []
  const clients: Redis[] = []
  const end = async (): Promise<void> => {
    for (const client of clients) client.disconnect()
    for (const child of sentinels) child.kill('SIGKILL')
    await Promise.all(sentinels.map(exitOf))
    await endAll([master, replica])()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    for (const name of ['one', 'two', 'three']) {
      const port = await freePort()
      const file = join(folder, `${name}.conf`)
      await writeFile(file, sentinelSettings(port, master.port))
      const child = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore', cwd: folder })
      const client = lookInto(port)
      sentinels.push(child)
      clients.push(client)
      ports.push(port)
      await answersPing(client, child)
    }
    await eventually('the sentinels know each other and the replica', async () => {
      const known = await Promise.all(
        clients.map((client) => client.call('SENTINEL', 'master', 'films')),
      )
      return known.every(
        (facts) =>
          / ?num-other-sentinels,2,/.test(String(facts)) && /num-slaves,1,/.test(String(facts)),
      )
    })
  } catch (error) {
    await end()
    throw error
  }
  const hosts = ports.map((port) => `127.0.0.1:${port}`).join(',')
  return { servers: [master, replica], end, url: `redis+sentinel://${hosts}/films` }
}

const sentinelSettings = (port: number, masterPort: number): string =>
  [
    `port ${port}`,
    'bind 127.0.0.1',
    `sentinel monitor films 127.0.0.1 ${masterPort} 2`,
    'sentinel down-after-milliseconds films 1000',
    'sentinel failover-timeout films 5000',
    '',
  ].join('\n')
