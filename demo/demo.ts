// `npm run demo`: tracker, seeder and server on loopback, films of our own, no network at all. With
// `--nodes`: several servers that share one cache, the Redis between them and a balancer before them.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { styleText } from 'node:util'
import { clusterWelcome } from './cluster/cluster-welcome.ts'
import { clusterPrograms } from './cluster/programs.ts'
import { startCluster } from './cluster/start-cluster.ts'
import { createEnding, type Ending } from './ending.ts'
import { endsWith } from './ends-with.ts'
import { portIsFree } from './free-port.ts'
import { type DemoOptions, readOptions } from './options.ts'
import { startPlaylinkServer } from './playlink-server.ts'
import { type Swarm, startSwarm } from './swarm.ts'
import { welcome } from './welcome.ts'

/** Bytes per second of a slow swarm: a film arrives three times as fast as it plays. */
const SLOW = 40_000
/** Of several nodes: there is time to find and kill the one that fetches it. */
const SLOW_WITH_NODES = 20_000

const options = readOptions(process.argv.slice(2), process.env)
if ('say' in options) {
  process.stdout.write(options.say)
  process.exitCode = options.exitCode
} else {
  process.exitCode = await demo(options)
}

async function demo(wanted: DemoOptions): Promise<number> {
  const ending = createEnding()
  const stopped = () => ending.end({ exitCode: 0, sentence: 'Ending.' })
  // Kept for good: npm hands a Ctrl-C on that has reached us already.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stopped)
  try {
    process.stdout.write(await start(wanted, ending))
  } catch (error) {
    // Has no effect when it is over already, which is then what made it fail.
    ending.end({ exitCode: 1, sentence: `The demo could not start: ${(error as Error).message}` })
  }
  const { exitCode, sentence } = await ending.over
  process.stdout.write(`\n${sentence}\n`)
  await ending.giveBack()
  process.stdout.write('Every process has ended and its files are gone.\n')
  return exitCode
}

/** Starts all parts, each owned by the ending. Resolves with the text for the viewer. */
async function start(wanted: DemoOptions, ending: Ending): Promise<string> {
  const { nodes, slow } = wanted
  const programs = nodes === undefined ? undefined : clusterPrograms(process.env.PATH)
  const folder = await mkdtemp(join(tmpdir(), 'playlink-demo-'))
  ending.own(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))

  const uploadLimit = slow ? (programs ? SLOW_WITH_NODES : SLOW) : -1
  const swarm = await startSwarm(folder, uploadLimit, ending)
  const bold = (text: string) => styleText('bold', text, { stream: process.stdout })
  const free = await portIsFree(wanted.port)
  const taken = free ? undefined : wanted.port
  const port = free ? wanted.port : 0
  if (programs === undefined || nodes === undefined) {
    return welcome({ port: await startOne(folder, swarm, port, ending), taken, slow, bold })
  }
  const plan = { folder, catalogue: swarm.catalogue, port, nodes, programs }
  const cluster = await startCluster(plan, ending, (line) => process.stdout.write(`${line}\n`))
  await swarm.seeded()
  return clusterWelcome({ cluster, taken, slow, bold })
}

/** Resolves with the port that the server serves on. */
async function startOne(
  folder: string,
  { catalogue, seeded }: Swarm,
  port: number,
  ending: Ending,
): Promise<number> {
  const server = startPlaylinkServer({ folder, catalogue, cacheDir: join(folder, 'cache'), port })
  endsWith('server', server, ending)
  const served = await ending.unlessOver(server.port)
  await seeded()
  return served
}
