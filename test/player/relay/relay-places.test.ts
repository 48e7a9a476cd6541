import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, describe, expect, test } from '@jest/globals'
import { systemClock } from '../../../common/clock.ts'
import type { BytesPlayable } from '../../../player/files/playable.ts'
import { createViewer, type Viewer } from '../../../player/jobs/viewer.ts'
import { LinkClient } from '../../../player/relay/link-client.ts'
import { Relay } from '../../../player/relay/relay.ts'
import { RelayPlaces } from '../../../player/relay/relay-places.ts'
import { endAll, faultOf, LOCAL, outbound, serve } from '../../common/network/outbound-stage.ts'
import { drain, eventually, sourceOf } from '../fakes.ts'

const SIZE = 50_000_000
const CHUNK = Buffer.alloc(1 << 16)
const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
  endAll()
})

interface Set {
  /** Ranges that the other server was asked for. */
  readonly asked: (string | undefined)[]
  /** Connections that it has now, and had at most. */
  readonly open: { now: number; most: number }
  play(address?: string, patienceMs?: number): Promise<BytesPlayable>
  /** As somebody who goes while the link is opened. */
  leave(): Promise<void>
}

function send(req: IncomingMessage, res: ServerResponse): void {
  const [, first = '0', last] = /^bytes=(\d+)-(\d*)$/.exec(req.headers.range ?? '') ?? []
  const to = last ? Number(last) : SIZE - 1
  let left = to - Number(first) + 1
  res.writeHead(206, {
    'content-type': 'video/mp4',
    'content-range': `bytes ${first}-${to}/${SIZE}`,
    'content-length': left,
  })
  const more = (): void => {
    const chunk = CHUNK.subarray(0, left)
    left -= chunk.length
    if (left === 0) res.end(chunk)
    else res.write(chunk, (error) => !error && more())
  }
  more()
}

async function set(maxRelays: number, idleViewerMs = 60_000): Promise<Set> {
  const asked: Set['asked'] = []
  const open = { now: 0, most: 0 }
  const port = await serve((req, res) => {
    asked.push(req.headers.range)
    open.most = Math.max(open.most, ++open.now)
    res.once('close', () => open.now--)
    send(req, res)
  })
  const links = new LinkClient(outbound(LOCAL), systemClock)
  const parts = { links, stallMs: 20_000, idleViewerMs, maxRelays }
  const relay = new Relay({ ...parts, clock: systemClock })
  const source = sourceOf({ kind: 'url', url: `http://127.0.0.1:${port}/film?apikey=1` })
  const viewerAt = (
    address: string | undefined,
    ms: number,
    gone = new AbortController(),
  ): Viewer => {
    const asker = { startCold: async () => {}, askProviders: async () => {} }
    const counted = address === undefined ? undefined : { ...asker, address, connection: {} }
    const viewer = createViewer(gone.signal, ms, systemClock, counted)
    ends.push(() => {
      gone.abort()
      viewer.end()
    })
    return viewer
  }
  return {
    asked,
    open,
    async play(address, ms = 60_000) {
      const playable = await relay.open(source, viewerAt(address, ms))
      ends.push(() => playable.release())
      return playable
    },
    async leave() {
      const playable = await relay.open(source, viewerAt(undefined, 60_000))
      const reader = playable.read({ start: 9, end: 99 })
      const read = reader.read(Buffer.alloc(50)).catch(() => undefined)
      reader.close()
      await read
      playable.release()
    },
  }
}

const firstByte = async (playable: BytesPlayable): Promise<number> => {
  const reader = playable.read({ start: 0, end: SIZE - 1 })
  ends.push(() => reader.close())
  return reader.read(Buffer.alloc(1000))
}

describe('all relayed links together', () => {
  test('have so many places, whatever the number of viewers and addresses', async () => {
    const { play, open } = await set(4)
    const playing: BytesPlayable[] = []
    const refused: string[] = []
    for (let i = 0; i < 500; i++) {
      const one = play(`10.0.${i >> 8}.${i & 255}`)
      one.then(
        (playable) => playing.push(playable),
        (error) => refused.push(error.code),
      )
    }
    // Four play, sixteen wait in line.
    await eventually('all but the line have their answer', () => {
      return playing.length === 4 && refused.length === 480
    })
    expect(new Set(refused)).toEqual(new Set(['TOO_MANY_ARRIVALS']))
    expect(open.most).toBe(4)
    playing[0]?.release()
    await eventually('the next one plays', () => playing.length === 5)
    expect(refused).toHaveLength(480)
  })

  test('let a viewer wait no longer than a first byte may take', async () => {
    const { play } = await set(1)
    await play('10.0.0.1')
    expect(await faultOf(play('10.0.0.2', 200))).toBe('TOO_MANY_ARRIVALS')
  })

  test('take the place of one who takes nothing, when another waits', async () => {
    const { play, open } = await set(1, 100)
    const idle = await play('10.0.0.1')
    const reader = idle.read({ start: 0, end: SIZE - 1 })
    await reader.read(Buffer.alloc(1000))
    expect(await firstByte(await play('10.0.0.2'))).toBeGreaterThan(0)
    await eventually('its connection is closed', () => open.now === 1)
    expect(await faultOf(reader.read(Buffer.alloc(1000)))).toBe('TOO_MANY_ARRIVALS')
  })

  test('leave half of the places to others who wait, where one address has them all', async () => {
    const { play } = await set(2)
    const mine = await Promise.all([play('10.0.0.1'), play('10.0.0.1')])
    await Promise.all(mine.map(firstByte))
    expect(await firstByte(await play('10.0.0.2'))).toBeGreaterThan(0)
    const reads = await Promise.all(mine.map((one) => faultOf(drain(one, 0, 2_000_000))))
    expect(reads.filter((one) => one === 'TOO_MANY_ARRIVALS')).toHaveLength(1)
  })
})

describe('what one address costs the other server', () => {
  test('is the bytes that it asks for', async () => {
    const { play, asked } = await set(4)
    ;(await play('10.0.0.1')).release()
    for (const [start, end] of [
      [0, 0],
      [SIZE - 1, SIZE - 1],
      [7, 9],
      [SIZE - 3, SIZE - 2],
    ] as const) {
      const playable = await play('10.0.0.1')
      expect(await drain(playable, start, end)).toHaveLength(end - start + 1)
      playable.release()
    }
    const last = SIZE - 1
    const probes = ['bytes=0-0', `bytes=${last}-`, 'bytes=7-9', `bytes=${SIZE - 3}-${SIZE - 2}`]
    expect(asked).toEqual(['bytes=0-', ...probes])
  })

  test('is half of its requests of a minute at most: the others go on', () => {
    const places = new RelayPlaces(4, systemClock)
    const asks = (address: string | undefined): boolean => {
      try {
        places.countQuestion(address)
        return true
      } catch (error) {
        expect(error).toMatchObject({ code: 'TOO_MANY_REQUESTS' })
        return false
      }
    }
    const times = (address: string): number => {
      let count = 0
      while (count < 1000 && asks(address)) count++
      return count
    }
    expect(times('10.0.0.1')).toBe(300)
    expect(times('10.0.0.2')).toBe(150)
    expect(times('10.0.0.3')).toBe(75)
    expect(asks('10.0.0.1')).toBe(false)
    // RATE_LIMIT=off: nobody is counted.
    expect(asks(undefined)).toBe(true)
  })

  test('that is refused so says so to the viewer, and leaves to others what is known', async () => {
    const { play, asked } = await set(4)
    ;(await play('10.0.0.1')).release()
    const theirs = await play('10.0.0.1')
    const questions = Array.from({ length: 300 }, async () => {
      const reader = theirs.read({ start: 5, end: 9 })
      const read = faultOf(reader.read(Buffer.alloc(5)))
      reader.close()
      return read
    })
    expect(await Promise.all(questions)).toContain('TOO_MANY_REQUESTS')
    const before = asked.length
    ;(await play('10.0.0.2')).release()
    expect(asked).toHaveLength(before)
  })

  test('is nothing to the others when it leaves in the middle: what the link is stays known', async () => {
    const { play, leave, asked } = await set(4)
    ;(await play('10.0.0.1')).release()
    await leave()
    const before = asked.length
    const playable = await play('10.0.0.2')
    expect(asked).toHaveLength(before)
    playable.release()
  })
})
