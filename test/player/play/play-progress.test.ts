import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { failureOf, stopTime } from '../../support/virtual-time.ts'
import {
  type BenchOptions,
  createBench,
  drain,
  eventually,
  film,
  magnetOf,
  movie,
  sourceOf,
} from '../fakes.ts'

const one = film('one')
const ask = { title: movie, number: 0, sourceKey: undefined }
const hold = () => Promise.withResolvers<void>()

function bench(options: BenchOptions = {}) {
  const made = createBench({ torrents: [one], ...options })
  const stage = async () => (await made.player.status.progress(ask)).stage
  const comesTo = async (wanted: string) => {
    let last = ''
    const look = () => void stage().then((now) => (last = now))
    await eventually(`${wanted}, not ${last}`, () => {
      look()
      return last === wanted
    })
  }
  return { ...made, stage, comesTo }
}

describe('how far a play is', () => {
  test('from the first question to the disk, and nothing is started by asking', async () => {
    const { player, engine, play, stage, comesTo } = bench()
    const [describing, opening] = [hold(), hold()]
    engine.gate.describe = describing.promise
    engine.gate.open = opening.promise
    expect(await stage()).toBe('idle')
    expect(engine.described).toEqual([])
    const { playable } = play()
    await comesTo('metadata')
    describing.resolve()
    await comesTo('waiting')
    opening.resolve()
    await comesTo('arriving')
    engine.opened[0]?.deliver(5)
    await eventually('five pieces', () => engine.opened[0]?.have.count === 5)
    const state = await player.status.progress(ask)
    expect(state).toMatchObject({ stage: 'arriving', percent: 55, peers: 1 })
    expect(JSON.stringify(state)).not.toContain('one.mp4')
    expect(JSON.stringify(state)).not.toContain(one.infoHash)
    engine.opened[0]?.finish()
    await drain(await playable)
    await comesTo('ready')
    ;(await playable).release()
    await player.close()
  })

  test('what is not fetched by us, and what nobody knows', async () => {
    const { player, sourceLists } = bench()
    sourceLists.sources = [
      sourceOf({ kind: 'url', url: 'https://good.example/a.mp4' }, 0),
      sourceOf({ kind: 'path', path: '/films/a.mp4' }, 1),
      { ...sourceOf(magnetOf(one), 2), retired: true },
    ]
    expect(await player.status.progress(ask)).toEqual({ stage: 'redirect' })
    expect(await player.status.progress({ ...ask, number: 1 })).toEqual({
      stage: 'ready',
      from: 'path',
    })
    expect(await player.status.progress({ ...ask, number: 2 })).toEqual({ stage: 'idle' })
    // The key wins over the number, as for /play.
    const byKey = { ...ask, number: 7, sourceKey: 'key1aaaaaa' }
    expect(await player.status.progress(byKey)).toEqual({ stage: 'ready', from: 'path' })
    expect(await player.status.progress({ ...byKey, sourceKey: 'zzzzzzzzzz' })).toEqual({
      stage: 'idle',
    })
    sourceLists.sources = []
    expect(await player.status.progress(ask)).toEqual({ stage: 'idle' })
  })
})

describe('why the last play failed', () => {
  beforeEach(stopTime)
  afterEach(() => void jest.useRealTimers())

  test('is told until one gets its bytes, also beside a look-up that goes on', async () => {
    const { player, engine, play } = bench({ playTimeoutMs: 40, lingerMs: 1_000 })
    const describing = hold()
    engine.gate.describe = describing.promise
    expect(await failureOf(play().playable)).toMatchObject({ code: 'NO_PEERS' })
    const failed = await player.status.progress(ask)
    const sentence = expect.stringContaining('Nobody with this torrent')
    expect(failed).toEqual({
      stage: 'metadata',
      lastFailure: { code: 'NO_PEERS', message: sentence },
    })
    describing.resolve()
    const playable = await play().playable
    expect((await player.status.progress(ask)).lastFailure).toBeUndefined()
    playable.release()
    await player.close()
  })

  test('also when no byte came; not when the viewer left', async () => {
    const { player, play } = bench({ playTimeoutMs: 60 })
    const left = play()
    left.leave()
    await expect(left.playable).rejects.toThrow('the viewer has gone')
    expect((await player.status.progress(ask)).lastFailure).toBeUndefined()
    const playable = await play().playable
    expect(await failureOf(drain(playable))).toMatchObject({ code: 'NO_FIRST_BYTE' })
    expect((await player.status.progress(ask)).lastFailure?.code).toBe('NO_FIRST_BYTE')
    playable.release()
    await player.close()
  })
})
