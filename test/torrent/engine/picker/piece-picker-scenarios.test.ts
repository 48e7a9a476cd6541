import { describe, expect, test } from '@jest/globals'
import { type SeededRandom, seededRandom } from '../../../common/seeded-random.ts'
import type { PeerPlan } from '../simulated-peer.ts'
import { createSimulatedSwarm, type SimulatedSwarm, type SwarmPlan } from '../simulated-swarm.ts'

const KiB = 1024
const MiB = 1024 * KiB
const SCENARIOS = 200

/** One peer that can be relied on, so that every scenario can end well. */
const reliable = (random: SeededRandom): PeerPlan => ({
  rate: (200 + random.below(2000)) * KiB,
  delayMs: random.below(120),
  joinsAt: random.below(3) === 0 ? random.below(2000) : 0,
  chokes: random.below(3) === 0 ? [[500 + random.below(500), 1500 + random.below(2000)]] : [],
  maxQueue: random.pick([1, 4, 100, 250]),
})

const faults: readonly [
  (random: SeededRandom, size: number) => Partial<PeerPlan>,
  ...((random: SeededRandom, size: number) => Partial<PeerPlan>)[],
] = [
  () => ({}),
  (random, size) => ({ stallAfter: random.below(size), returnsAfterMs: 300 }),
  (random, size) => ({ stallAfter: random.below(size / 4) }),
  (random) => ({ lies: random.pick([1, 0.5, 0.1]) }),
  (random) => ({ vanishesAt: 100 + random.below(4000) }),
  (random) => {
    const share = 1 + random.below(4)
    return { has: (piece) => piece % 5 < share }
  },
  (random) => ({ chokes: [[random.below(300), 300 + random.below(20_000)]] }),
]

function scenario(seed: number): SwarmPlan {
  const random = seededRandom(seed)
  const size = 64 * KiB + random.below(MiB + MiB / 2)
  const peers: Record<string, PeerPlan> = { good: reliable(random) }
  for (let i = random.below(6); i > 0; i--) {
    const base = {
      rate: (30 + random.below(4000)) * KiB,
      delayMs: random.below(200),
      joinsAt: random.pick([0, 0, random.below(3000)]),
    }
    peers[`p${i}`] = { ...base, ...random.pick(faults)(random, size) }
  }
  const pieceLength = random.pick([16 * KiB, 32 * KiB, 64 * KiB, 256 * KiB])
  return { size, pieceLength, peers, seed, limit: random.pick([2, 4, 16, 256]) }
}

/** Plays with readers that come, jump and go; answers whether everything came in time. */
function play(swarm: SimulatedSwarm, random: SeededRandom): boolean {
  const last = swarm.layout.size - 1
  const reader = swarm.reader(0, last, random.pick([Infinity, 2 * MiB, 500 * KiB]))
  for (let i = random.below(4); i > 0; i--) {
    swarm.time.run(random.below(800))
    const other = swarm.reader(random.below(last + 1), last, 300 * KiB)
    swarm.time.run(random.below(800))
    if (random.below(2) === 0) other.close()
  }
  return swarm.time.runUntil(() => reader.done && swarm.have.complete, 120_000)
}

/** What must hold whatever the peers do. */
function faultsOf(swarm: SimulatedSwarm, plan: SwarmPlan): string[] {
  const found: string[] = []
  const say = (wrong: boolean, what: string): void => void (wrong && found.push(what))
  say(!swarm.kept.equals(swarm.content), 'wrong bytes kept')
  say(swarm.keptTwice > 0, `${swarm.keptTwice} blocks kept twice`)
  for (const drop of swarm.drops) {
    const [id = '', why] = drop.split(':')
    say(why === 'banned' && !plan.peers[id]?.lies, `an honest peer dropped as a liar: ${id}`)
    say(id === 'good', `the reliable peer dropped: ${drop}`)
  }
  for (const [id, peer] of Object.entries(plan.peers)) {
    if (peer.joinsAt && peer.joinsAt > swarm.time.now) continue
    const most = swarm.peer(id).mostOpen
    say(most > (peer.maxQueue ?? 250), `${id} held ${most} requests`)
  }
  say(swarm.peer('good').open > 0, `${swarm.peer('good').open} requests left open`)
  return found
}

describe('random scenarios', () => {
  const first = seededRandom().seed
  test(`${SCENARIOS} from seed ${first}: everything comes, nothing twice, no honest peer is banned`, () => {
    const failures: string[] = []
    for (let seed = first; seed < first + SCENARIOS; seed++) {
      const plan = scenario(seed)
      const random = seededRandom(seed ^ 0x5eed)
      const swarm = createSimulatedSwarm(plan)
      if (!play(swarm, random)) failures.push(`${seed}: ${swarm.have.count}/${swarm.have.length}`)
      // Answers on their way when the last piece was done; nothing may stay counted as owed.
      swarm.time.run(5000)
      failures.push(...faultsOf(swarm, plan).map((fault) => `${seed}: ${fault}`))
      // Requests that were counted and never freed would leave nobody to ask the second time.
      swarm.forgetAll()
      if (!play(swarm, random)) failures.push(`${seed}: again ${swarm.have.count}`)
    }
    expect(failures).toEqual([])
  })
})
