import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { errorCode } from '../../support/facts.ts'
import { type LongPlay, startLongPlay } from '../../support/server/long-play.ts'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB, MiB, sha256 } from '../../support/swarm/payload.ts'
import { type Peer, startPeer } from '../../support/swarm/peer.ts'
import { movie, playMovie } from '../../support/titles.ts'

const [MIXED, ALONE, THROUGHOUT] = ['tt9001401', 'tt9001402', 'tt9001403'] as const
const SIZE = 4 * MiB + 55
const PIECE = 64 * KiB

describe('a peer that sends wrong bytes', () => {
  let stage: Stage<'mixed' | 'alone' | 'throughout'>
  let longPlay: LongPlay
  let beside: Peer
  let alone: Peer
  beforeAll(async () => {
    stage = await openStage({
      torrents: {
        mixed: { name: 'mixed.mkv', size: SIZE, pieceLength: PIECE },
        alone: { name: 'alone.mkv', size: SIZE, pieceLength: PIECE },
        throughout: { name: 'throughout.mkv', size: 12 * MiB + 3, pieceLength: PIECE },
      },
      titles: ({ magnet }) => [
        movie(MIXED, 'Mixed', { magnet: magnet('mixed') }),
        movie(ALONE, 'Alone', { magnet: magnet('alone') }),
        movie(THROUGHOUT, 'Throughout', { magnet: magnet('throughout') }),
      ],
      seeders: ['127.0.0.11', '127.0.0.12'],
      env: { PLAY_TIMEOUT: '5' },
    })
    longPlay = await startLongPlay(stage, 'throughout', THROUGHOUT)
    beside = await lie('mixed')
    alone = await lie('alone')
    const { mixed, alone: only } = stage.torrents
    stage.tracker.peers(mixed.infoHash, [beside.peer, ...stage.seeder.peers.slice(0, 1)])
    stage.tracker.peers(only.infoHash, [alone.peer])
    // slow enough that the liar, who is fast, gets its share of requests
    await stage.seeder.rate(2_000_000)
  })
  afterAll(() => stage.end())

  async function lie(name: 'mixed' | 'alone'): Promise<Peer> {
    const { info, content } = stage.torrents[name]
    const peer = await startPeer({
      info,
      pieceLength: PIECE,
      pieceCount: Math.ceil(content.length / PIECE),
      block: (_, length) => Buffer.alloc(length, 0x66),
    })
    stage.own(() => peer.close())
    return peer
  }

  test('beside an honest one: every byte right, the waste bounded', async () => {
    const answer = await ask(stage.server.base + playMovie(MIXED))
    expect(answer.status).toBe(200)
    expect(sha256(answer.body)).toBe(sha256(stage.torrents.mixed.content))
    expect(beside.connections).toBeGreaterThan(0)
    expect(beside.sent).toBeLessThan(SIZE)
  })

  test('alone: not one byte of it goes out, and it is not asked for ever', async () => {
    const answer = await ask(stage.server.base + playMovie(ALONE))
    expect([answer.status, errorCode(answer.body)]).toEqual([504, 'NO_FIRST_BYTE'])
    expect(alone.sent).toBeGreaterThan(0)
    expect(alone.sent).toBeLessThan(2 * SIZE)
  })

  test('who played another film meanwhile has every byte', () => longPlay.expectWhole())
})
