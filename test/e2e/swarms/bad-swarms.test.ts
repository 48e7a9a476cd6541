import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB, MiB, sha256 } from '../../support/swarm/payload.ts'
import { type Peer, type PeerPlan, startPeer } from '../../support/swarm/peer.ts'
import { movie, playMovie } from '../../support/titles.ts'

const [SILENT, VANISHED, CHOKED] = ['tt9001501', 'tt9001502', 'tt9001503'] as const
type Name = 'silent' | 'vanished' | 'choked'
const SIZE = 4 * MiB + 55
const PIECE = 64 * KiB
const torrent = (name: Name) => ({ name: `${name}.mkv`, size: SIZE, pieceLength: PIECE })

let stage: Stage<Name>
beforeAll(async () => {
  stage = await openStage({
    torrents: {
      silent: torrent('silent'),
      vanished: torrent('vanished'),
      choked: torrent('choked'),
    },
    titles: ({ magnet }) => [
      movie(SILENT, 'Silent', { magnet: magnet('silent') }),
      movie(VANISHED, 'Vanished', { magnet: magnet('vanished') }),
      movie(CHOKED, 'Choked', { magnet: magnet('choked') }),
    ],
    env: { PLAY_TIMEOUT: '20' },
  })
})
afterAll(() => stage.end())

/** Honest, but for what the plan says. */
async function peerOf(name: Name, plan: Partial<PeerPlan> = {}): Promise<Peer> {
  const { info, content } = stage.torrents[name]
  const peer = await startPeer({
    ...{ info, pieceLength: PIECE, pieceCount: Math.ceil(content.length / PIECE) },
    block: (at, length) => content.subarray(at, at + length),
    ...plan,
  })
  stage.own(() => peer.close())
  return peer
}

async function expectWhole(name: Name, title: string): Promise<void> {
  const answer = await ask(stage.server.base + playMovie(title))
  expect(answer.status).toBe(200)
  expect(sha256(answer.body)).toBe(sha256(stage.torrents[name].content))
}

test('a peer that falls silent: others bring what it owes', async () => {
  const { content, infoHash } = stage.torrents.silent
  let left = 40
  const fell = Promise.withResolvers<void>()
  const block = (at: number, length: number) => {
    if (left-- > 0) return content.subarray(at, at + length)
    fell.resolve()
    return undefined
  }
  const silent = await peerOf('silent', { address: '127.0.0.22', block })
  const honest = await peerOf('silent', { address: '127.0.0.23', unchokesAfter: fell.promise })
  stage.tracker.peers(infoHash, [silent.peer, honest.peer])
  await expectWhole('silent', SILENT)
  expect(left).toBeLessThan(0)
  expect(honest.sent).toBeGreaterThan(0)
})

test('a seeder that vanishes in the middle: another one goes on', async () => {
  const { content, infoHash } = stage.torrents.vanished
  let left = 60
  const gone = Promise.withResolvers<void>()
  const vanishing: Peer = await peerOf('vanished', {
    address: '127.0.0.24',
    block(at, length) {
      if (--left === 0) void vanishing.close().then(gone.resolve)
      return content.subarray(at, at + length)
    },
  })
  const honest = await peerOf('vanished', { address: '127.0.0.25', unchokesAfter: gone.promise })
  stage.tracker.peers(infoHash, [vanishing.peer, honest.peer])
  await expectWhole('vanished', VANISHED)
  expect(left).toBeLessThanOrEqual(0)
  expect(honest.sent).toBeGreaterThan(0)
})

test('a swarm that chokes: one peer that unchokes later is enough', async () => {
  const never = 3_600_000
  const deaf = await peerOf('choked', { address: '127.0.0.26', unchokesAfterMs: never })
  const late = await peerOf('choked', { address: '127.0.0.27', unchokesAfterMs: 1500 })
  stage.tracker.peers(stage.torrents.choked.infoHash, [deaf.peer, late.peer])
  await expectWhole('choked', CHOKED)
  expect(deaf.sent).toBe(0)
  expect(deaf.connections).toBe(1)
})
