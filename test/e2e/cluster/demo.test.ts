import { readdir } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { PLAYS, TORRENTS } from '../../../demo/titles.ts'
import { cacheStats } from '../../support/facts.ts'
import { childRunning, type Demo, endDemos, runDemo, video } from '../../support/server/demo.ts'
import { groupMembers, isRunning, killGroup } from '../../support/server/processes.ts'
import { ask, begin } from '../../support/server/request.ts'
import { sha256 } from '../../support/swarm/payload.ts'
import { eventually } from '../../support/wait.ts'

const [FILM, OTHER_FILM] = PLAYS[0].plays.map(({ path }) => path)
/** Bounds a hang: a lease has to end, and the swarm is slow. */
const TIMEOUT_MS = 100_000

afterAll(endDemos)

interface ShownNode {
  readonly name: string
  readonly pid: number
  readonly base: string
}

/** As the demo prints them. */
const nodesOf = ({ said }: Demo): ShownNode[] =>
  [...said().matchAll(/(Node \d), pid (\d+) +(http:\S+)\/test-source-selection/g)].map(
    ([, name = '', pid, base = '']) => ({ name, pid: Number(pid), base }),
  )

/** Who has answered, by the balancer: the last of those that it asked. */
function nodeIn(nodes: readonly ShownNode[], headers: Record<string, unknown>): ShownNode {
  const at = `${headers['x-node']}`.split(', ').at(-1)
  const node = nodes.find(({ base }) => base === `http://${at}`)
  if (!node) throw new Error(`no node is ${headers['x-node']}`)
  return node
}

const isFetching = async ({ base }: ShownNode): Promise<boolean> =>
  (await cacheStats(base)).arrivals.running > 0

describe('the demo with three nodes and a slow swarm', () => {
  let demo: Demo
  let base = ''
  let nodes: ShownNode[] = []
  beforeAll(async () => {
    demo = await runDemo(['--nodes', '3', '--slow'])
    base = await demo.ready()
    nodes = nodesOf(demo)
  })

  test('shows the balancer and each node, and all of them answer', async () => {
    expect(nodes.map(({ name }) => name)).toEqual(['Node 1', 'Node 2', 'Node 3'])
    expect(nodes.map(({ base: own }) => own)).not.toContain(base)
    for (const at of [base, ...nodes.map((node) => node.base)]) {
      expect((await ask(`${at}/test-source-selection`)).status).toBe(200)
    }
    for (const { pid } of nodes) expect(groupMembers(demo.pid)).toContain(pid)
    expect(demo.said()).toMatch(/kill -9 \d+/)
  })

  test('the node that fetches is killed in mid-play: the answer goes on, exact to its end', async () => {
    const wanted = await video(TORRENTS[0])
    const asked = nodeIn(nodes, (await ask(`${base}${FILM}`, { method: 'HEAD' })).headers)
    const holder = nodes.find((node) => node !== asked) as ShownNode
    const first = await begin(`${holder.base}${FILM}`)
    await first.read(20_000)
    expect(await isFetching(holder)).toBe(true)
    const play = await begin(`${base}${FILM}`, { timeout: TIMEOUT_MS })
    expect(nodeIn(nodes, play.headers)).toBe(asked)
    const before = await play.read(30_000)
    expect(await isFetching(asked)).toBe(false)
    process.kill(holder.pid, 'SIGKILL')
    expect((await first.rest()).complete).toBe(false)
    expect(before.length).toBeLessThan(wanted.length)
    const { body, complete } = await play.rest()
    expect(complete).toBe(true)
    expect(sha256(Buffer.concat([before, body]))).toBe(sha256(wanted))
    expect(demo.said()).toContain(`${holder.name} has ended: SIGKILL`)
    await eventually('the others notice', () => demo.said().includes(': a node has gone'))
    nodes = nodes.filter((node) => node !== holder)
  })

  test('the node that the balancer asked is killed: the player asks again, and gets the rest', async () => {
    const wanted = await video(TORRENTS[1])
    const play = await begin(`${base}${OTHER_FILM}`, { timeout: TIMEOUT_MS })
    const asked = nodeIn(nodes, play.headers)
    const parts = [await play.read(20_000)]
    process.kill(asked.pid, 'SIGKILL')
    const cut = await play.rest()
    expect(cut.complete).toBe(false)
    parts.push(cut.body)
    const { length } = Buffer.concat(parts)
    const headers = { Range: `bytes=${length}-`, 'If-Range': `${play.headers.etag}` }
    const rest = await ask(`${base}${OTHER_FILM}`, { headers, timeout: TIMEOUT_MS })
    expect(rest.status).toBe(206)
    expect(nodeIn(nodes, rest.headers)).not.toBe(asked)
    expect(sha256(Buffer.concat([...parts, rest.body]))).toBe(sha256(wanted))
  })

  test('Ctrl-C ends all that is left, and leaves nothing', async () => {
    const members = groupMembers(demo.pid)
    // demo, seeder, Redis, nginx, a node and its engine
    expect(members).toHaveLength(6)
    killGroup(demo.pid, 'SIGINT')
    expect(await demo.ended()).toBe(0)
    expect(members.filter(isRunning)).toEqual([])
    expect(await readdir(demo.temp)).toEqual([])
    expect(demo.said()).toMatch(/Every process has ended and its files are gone\.\n$/)
  })
})

test('Redis is killed and plays begin; the balancer is killed and the demo ends', async () => {
  const demo = await runDemo(['--nodes', '2'])
  const base = await demo.ready()
  process.kill(await childRunning(demo, 'redis-server'), 'SIGKILL')
  await eventually('it is told', () => demo.said().includes('Redis has ended: SIGKILL'))
  const { status, body } = await ask(`${base}${FILM}`)
  expect([status, sha256(body)]).toEqual([200, sha256(await video(TORRENTS[0]))])
  process.kill(await childRunning(demo, 'nginx'), 'SIGKILL')
  expect(await demo.ended()).toBe(1)
  expect(demo.said()).toContain('The balancer ended by itself, so the demo ends too: SIGKILL')
  expect(await readdir(demo.temp)).toEqual([])
})

test('without a node left the demo ends', async () => {
  const demo = await runDemo(['--nodes', '2'])
  await demo.ready()
  for (const { pid } of nodesOf(demo)) process.kill(pid, 'SIGKILL')
  expect(await demo.ended()).toBe(1)
  expect(demo.said()).toContain('No node is left, so the demo ends too.')
})

test('without Redis on this machine it says what to install, and starts nothing', async () => {
  const demo = await runDemo(['--nodes', '3'], { PATH: '/nowhere' })
  expect(await demo.ended()).toBe(1)
  expect(demo.said()).toContain('The demo could not start: --nodes needs redis-server')
  expect(demo.said()).toContain('sudo apt-get install redis-server')
  expect(await readdir(demo.temp)).toEqual([])
})
