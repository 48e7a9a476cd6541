// What it costs that another node has the film: `npm run bench:relay`; `-- --runs 5 --write` adds the tables
// to docs/performance.md. Three nodes and a Redis on this machine, each with a film of its own; what one has another
// relays, in Node and by an nginx before it, and beside it bare loops of Node and of nginx do the least of that. All are
// asked in turns, so only figures of one command compare, and client, relay and holder share the same cores.
// Needs libtorrent's Python bindings, redis-server and nginx.

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Film, openWorld, type World, type WorldNode } from '../test/support/cluster/world.ts'
import { startNginx } from '../test/support/server/nginx.ts'
import { MiB } from '../test/support/swarm/payload.ts'
import { eventually } from '../test/support/wait.ts'
import { leaveNothingBehind } from './left-behind.ts'
import { loadNow, met, report } from './performance-page.ts'
import { bytesWritten, type Costs, firstByte, type Way, wholeFilms } from './relay/costs.ts'
import { startProgram } from './streaming/program.ts'
import { median } from './streaming/report.ts'

const FILM_BYTES = 128 * MiB
const BARE = fileURLToPath(new URL('relay/bare-relay.ts', import.meta.url))
const print = (text: string): void => void process.stdout.write(`${text}\n`)

const { values: options } = parseArgs({
  options: { runs: { type: 'string', default: '3' }, write: { type: 'boolean', default: false } },
})

/** Each film is whole on the node of its place. */
async function fetchFilms(world: World): Promise<void> {
  for (const [i, node] of world.nodes.entries()) {
    const film = world.films[i] as Film
    await wholeFilms([[wayOf(node), film]])
    await eventually('published', async () => (await world.holds(node, film)) || undefined)
  }
  await world.quiet()
}

const wayOf = ({ base, server: { pid } }: WorldNode): Way => ({ base, pids: [pid] })

/** Before a node, as docs/nginx.conf has it; else without keeping slices of what was asked for twice. */
async function nginxAt(node: WorldNode, world: World, name: string, keeps = false): Promise<Way> {
  const never = (text: string): string => text.replace('min_uses 2', 'min_uses 1000')
  const folder = join(world.stage.folder, name)
  const { base, pid, stop } = await startNginx(folder, node.server, keeps ? undefined : never)
  world.stage.own(stop)
  return { base, pids: [pid] }
}

async function bareRelay(which: string, holder: WorldNode, world: World): Promise<Way> {
  const { port } = new URL(holder.base)
  const { pid, firstLine, stop } = await startProgram([process.execPath, BARE, which, port])
  world.stage.own(stop)
  return { base: `http://127.0.0.1:${firstLine}`, pids: [pid] }
}

/** Those that read the first film, by what they are called in the table. */
async function openWays(world: World): Promise<Readonly<Record<Name, Way>>> {
  const [holder, other] = world.nodes
  return {
    here: wayOf(holder),
    relayed: wayOf(other),
    loop: await bareRelay('loop', holder, world),
    pipe: await bareRelay('pipe', holder, world),
    http: await bareRelay('http', holder, world),
    nginxHere: await nginxAt(holder, world, 'here'),
    nginxRelayed: await nginxAt(other, world, 'relayed'),
    nginxKept: await nginxAt(other, world, 'kept', true),
  }
}

const NAMES = {
  here: 'here, by Node',
  relayed: 'relayed by Node',
  loop: 'bare: one buffer, socket to socket',
  pipe: 'bare: `pipe`, socket to socket',
  http: 'bare: `pipe` of http',
  nginxHere: 'here, by nginx (sendfile)',
  nginxRelayed: 'handed over by nginx',
  nginxKept: 'slices that nginx has kept',
} as const
type Name = keyof typeof NAMES
/** Three viewers of one node's film, and of three films on three nodes. */
const CROWDS = { one: '3 viewers, one node', three: '3 viewers, three nodes' } as const
type Figures = { readonly [Each in Name | keyof typeof CROWDS]: Costs[] }

const ms = (value: number): string => value.toFixed(1)
const two = (value: number): string => value.toFixed(2)
const middle = (costs: readonly Costs[], of: keyof Costs): number =>
  median(costs.map((one) => one[of]))
/** Of what was measured one after the other, so that a busy machine hurts both. */
const ratio = (some: readonly Costs[], others: readonly Costs[], of: keyof Costs): number =>
  median(some.map((one, i) => one[of] / (others[i]?.[of] ?? Number.NaN)))

function costTable(all: Figures): string {
  const rows = Object.entries({ ...NAMES, ...CROWDS }).map(([name, words]) => {
    const costs = all[name as keyof Figures]
    const times = ratio(costs, all.here, 'throughput')
    return `| ${words} | ${ms(middle(costs, 'throughput'))} | ${two(times)} x | ${two(middle(costs, 'cpuPerGB'))} |`
  })
  const head = ['| Way | MiB/s | of `here, by Node` | CPU s/GB |', '| --- | --- | --- | --- |']
  return [...head, ...rows].join('\n')
}

function targetTable(all: Figures, later: number, throughNode: number): string {
  const relayed = ratio(all.relayed, all.here, 'throughput')
  const floor = ratio(all.relayed, all.loop, 'cpuPerGB')
  const nginx = ratio(all.nginxRelayed, all.here, 'throughput')
  const three = ratio(all.three, all.one, 'throughput')
  const perCpu = ratio(all.one, all.three, 'cpuPerGB')
  const [cpu, nginxCpu] = [middle(all.relayed, 'cpuPerGB'), middle(all.nginxRelayed, 'cpuPerGB')]
  return [
    '| Figure | Measured | Target | Met |',
    '| --- | --- | --- | --- |',
    `| relayed, first byte | ${ms(later)} ms later | at most 15 later | ${met(later <= 15)} |`,
    `| relayed, throughput | ${two(relayed)} x here | at least 0.6 x | ${met(relayed >= 0.6)} |`,
    `| relayed, CPU of the node that is asked | ${two(cpu)} s/GB, ${two(floor)} x the bare loop | at most 0.3 | ${met(cpu <= 0.3)} |`,
    `| handed over by nginx, throughput | ${two(nginx)} x here | at least 0.9 x | ${met(nginx >= 0.9)} |`,
    `| handed over by nginx, CPU of nginx | ${two(nginxCpu)} s/GB | at most 0.1 | ${met(nginxCpu <= 0.1)} |`,
    `| of it, what the asked node writes | ${two(throughNode * 100)} % of the film | none | ${met(throughNode < 0.01)} |`,
    `| three nodes beside one, throughput | ${two(three)} x, ${two(perCpu)} x a CPU second | 2.5 x where cores allow | ${met(three >= 2.5)} |`,
  ].join('\n')
}

leaveNothingBehind()
const loadBefore = loadNow()
const all = Object.fromEntries(
  Object.keys({ ...NAMES, ...CROWDS }).map((name) => [name, [] as Costs[]]),
) as unknown as Figures
const later: number[] = []
const throughNode: number[] = []
const world = await openWorld({
  ...{ films: 3, direct: true, filmBytes: FILM_BYTES },
  env: { LOG_LEVEL: 'info', SENDFILE: 'nginx', TRUST_PROXY: 'loopback' },
})
try {
  await fetchFilms(world)
  const { films } = world
  const film = films[0] as Film
  const ways = await openWays(world)
  // Once before anything counts, and so often that nginx has kept the slices.
  for (const way of [...Object.values(ways), ways.nginxKept]) await wholeFilms([[way, film]])
  const crowds = {
    one: films.map(() => [ways.here, film] as const),
    three: films.map((each, i) => [wayOf(world.nodes[i] as WorldNode), each] as const),
  }
  for (let run = 1; run <= Number(options.runs); run++) {
    const here = await firstByte(ways.here, film)
    later.push((await firstByte(ways.relayed, film)) - here)
    const { pid } = world.nodes[1].server
    for (const [name, way] of Object.entries(ways)) {
      const before = bytesWritten(pid)
      all[name as Name].push(await wholeFilms([[way, film]]))
      if (name === 'nginxRelayed')
        throughNode.push((bytesWritten(pid) - before) / film.bytes.length)
    }
    for (const [name, crowd] of Object.entries(crowds)) {
      all[name as keyof typeof CROWDS].push(await wholeFilms(crowd))
    }
    for (const name of Object.keys(all) as (keyof Figures)[]) {
      print(`run ${run}, ${name.padEnd(12)} ${JSON.stringify(all[name].at(-1))}`)
    }
  }
} finally {
  await world.end()
}

await report({
  ...{ command: 'npm run bench:relay', runs: options.runs, loadBefore },
  sections: [targetTable(all, median(later), median(throughNode)), costTable(all)],
  write: options.write,
})
