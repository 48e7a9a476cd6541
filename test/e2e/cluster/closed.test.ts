import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { ASKED_HEADER, HANDED_HEADER, Signatures } from '../../../cluster/signature.ts'
import { fileKey } from '../../../common/bittorrent/file-key.ts'
import { systemClock } from '../../../common/clock.ts'
import { connectedAt } from '../../contracts/redis-index.ts'
import { watch, watchAll } from '../../support/cluster/viewers.ts'
import { type Film, openWorld, SECRET, type World } from '../../support/cluster/world.ts'
import { cacheStats, errorCode } from '../../support/facts.ts'
import { freePort } from '../../support/free-port.ts'
import { logLines, type Playlink } from '../../support/server/playlink.ts'
import { type Answer, ask } from '../../support/server/request.ts'
import { playMovie } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'
import { expectFetched, fetcherOf, published, SLOW } from './chaos/kind.ts'

const RANGE = 'bytes=0-99'

let world: World
let film: Film
beforeAll(async () => {
  world = await openWorld({ films: 3 })
})
afterAll(() => world?.end())
beforeEach(async () => {
  film = await world.coldFilm()
})

/** What the first node would send to another one, who has the secret. */
function signed(to: string, { range = RANGE, shift = 0 } = {}): string {
  const clock = { steady: systemClock.steady, wall: () => systemClock.wall() + shift }
  const signatures = new Signatures({ secret: SECRET, node: world.nodes[0].id, clock })
  const request = { method: 'GET', target: playMovie(film.id), range }
  return signatures.sign(request, to, { viewer: '10.0.0.9' })
}
const send = (mark: string, range = RANGE): Promise<Answer> =>
  ask(world.nodes[1].base + playMovie(film.id), { headers: { range, [HANDED_HEADER]: mark } })
const refusal = async (answer: Promise<Answer>): Promise<[number, string]> => {
  const { status, body } = await answer
  return [status, errorCode(body)]
}

describe('what one node says to another', () => {
  test('is believed once', async () => {
    const mark = signed(world.nodes[1].id)
    const { status, body } = await send(mark)
    expect([status, body.equals(film.bytes.subarray(0, 100))]).toEqual([206, true])
    expect(await refusal(send(mark))).toEqual([401, 'NODE_SIGNATURE'])
  })

  test('is for that one alone, and for these bytes', async () => {
    expect(await refusal(send(signed(world.nodes[2].id)))).toEqual([401, 'NODE_SIGNATURE'])
    const other = send(signed(world.nodes[1].id), 'bytes=0-')
    expect(await refusal(other)).toEqual([401, 'NODE_SIGNATURE'])
  })

  test.each([60_000, -60_000])(
    'by a clock that is %d ms off is refused, and says why',
    async (shift) => {
      const { status, body } = await send(signed(world.nodes[1].id, { shift }))
      expect([status, errorCode(body)]).toEqual([401, 'NODE_CLOCK'])
      expect(body.toString()).toMatch(/(59|60|61) seconds apart; 30 are allowed.*NTP/)
    },
  )

  test('without naming anybody is believed by one of them, once', async () => {
    const target = `/node/ahead/metadata/movie/${film.id}/0`
    const { id: node } = world.nodes[0]
    const signatures = new Signatures({ secret: SECRET, node, clock: systemClock })
    const headers = { [ASKED_HEADER]: signatures.signToAnybody(target) }
    const first = await ask(world.nodes[1].base + target, { headers })
    expect([first.status, first.json()]).toEqual([200, { fetched: expect.any(Boolean) }])
    for (const { base } of world.nodes) {
      expect(await refusal(ask(base + target, { headers }))).toEqual([401, 'NODE_SIGNATURE'])
    }
  })

  test('is handed on to nobody: who has it not says so', async () => {
    await world.stage.seeder.rate(SLOW)
    const watching = await watch(world.nodes[2], film)
    expect(await fetcherOf(world, film)).toBe(world.nodes[2])
    expect(await refusal(send(signed(world.nodes[1].id)))).toEqual([421, 'ANOTHER_NODE'])
    await world.stage.seeder.rate(0)
    await watching.end()
  })
})

test('a node with another secret plays what the others have, and they what it has; all logs say why', async () => {
  const port = await freePort()
  const odd = await world.stage.another({
    ...{ PORT: `${port}`, NODE_URL: `http://127.0.0.1:${port}` },
    CLUSTER_SECRET: `${SECRET}-of-earlier`,
  })
  const { node: id } = await cacheStats(odd.base)
  const told = (server: Playlink, node: string): Promise<unknown> =>
    eventually('each has heard of the other', () =>
      logLines(server.log()).some((line) => line.msg === 'a node has come' && line.node === node),
    )
  await Promise.all([told(odd, world.nodes[1].id), told(world.nodes[1].server, id)])
  const second = await world.coldFilm()
  await ask(world.nodes[1].base + playMovie(film.id))
  await ask(odd.base + playMovie(second.id))
  await published(world, film)
  const plays: [string, Film][] = [
    [odd.base, film],
    [world.nodes[1].base, second],
  ]
  for (const [base, { id, bytes }] of plays) {
    const { status, body } = await ask(base + playMovie(id))
    expect([status, body.equals(bytes)]).toEqual([200, true])
  }
  const reasons = (server: Playlink): unknown[] =>
    logLines(server.log()).flatMap(({ msg, reason }) =>
      msg?.startsWith('another node refuses our plays') ? [reason] : [],
    )
  for (const server of [odd, world.nodes[1].server]) {
    expect(reasons(server)).toEqual([expect.stringContaining('CLUSTER_SECRET')])
  }
  await odd.stop()
})

test('three nodes of which each is said to have it all: it is fetched by one, and nobody goes round', async () => {
  const index = await connectedAt(world.redis.url)
  const [infoHash = '', fileIdx = ''] = film.key.split('/')
  const facts = {
    name: 'lie.mkv',
    size: film.bytes.length,
    bytes: film.bytes.length,
    complete: true,
  }
  try {
    for (const { id: node } of world.nodes) {
      const times = { storedAt: 1, usedAt: 1 }
      await index.save({ key: fileKey(infoHash, Number(fileIdx)), node, ...facts, ...times })
    }
  } finally {
    await index.close()
  }
  await Promise.all(world.nodes.map((node) => watchAll(node, film)))
  await published(world, film)
  await world.quiet()
  await expectFetched(world, film, 1)
  const refused = world.nodes.flatMap(({ server }) =>
    logLines(server.log()).filter(({ code }) => code === 'ANOTHER_NODE'),
  )
  expect(refused.length).toBeLessThan(20)
})
