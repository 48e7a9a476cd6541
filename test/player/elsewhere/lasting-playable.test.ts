import { beforeEach, describe, expect, test } from '@jest/globals'
import { FetchedElsewhere } from '../../../cluster/fetched-elsewhere.ts'
import { NodeUnreachable } from '../../../cluster/node-refusal.ts'
import type { ByteRange } from '../../../common/byte-reader.ts'
import { Fault } from '../../../common/errors.ts'
import { LastingPlayable } from '../../../player/elsewhere/lasting-playable.ts'
import type { BytesPlayable } from '../../../player/files/playable.ts'
import { sleep } from '../../support/wait.ts'

let takeovers = 0

const FILM = Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 251))

interface Plan {
  readonly from?: BytesPlayable['from']
  readonly etag?: string
  /** Bytes that it gives before it fails. */
  readonly gives?: number
  readonly error?: unknown
  /** Afterwards it waits until it is closed. */
  readonly waits?: boolean
}

/** A play that breaks as planned; `log` hears what is opened, closed and released. */
function playable(name: string, log: string[], plan: Plan = {}): BytesPlayable {
  let left = plan.gives ?? Number.POSITIVE_INFINITY
  return {
    kind: 'bytes',
    from: plan.from ?? 'node',
    name: 'film.mkv',
    size: FILM.length,
    etag: plan.etag ?? '"film"',
    read({ start, end }: ByteRange) {
      log.push(`${name} ${start}-${end}`)
      let at = start
      let close = (): void => {}
      return {
        async read(into) {
          const length = Math.min(into.length, 100, end - at + 1, left)
          if (length <= 0 && plan.waits) {
            await new Promise<void>((resolve) => {
              close = resolve
            })
            throw new Error('read after close')
          }
          if (length <= 0) throw plan.error
          FILM.copy(into, 0, at, at + length)
          at += length
          left -= length
          return length
        },
        close: () => {
          log.push(`${name} closed`)
          close()
        },
      }
    },
    release: () => void log.push(`${name} released`),
  }
}

async function readAll(from: LastingPlayable, { start, end }: ByteRange): Promise<Buffer> {
  const parts: Buffer[] = []
  const reader = from.read({ start, end })
  const buffer = Buffer.alloc(64)
  for (let left = end - start + 1; left > 0; ) {
    const got = await reader.read(buffer.subarray(0, Math.min(left, buffer.length)))
    parts.push(Buffer.from(buffer.subarray(0, got)))
    left -= got
  }
  reader.close()
  return Buffer.concat(parts)
}

const gone = new NodeUnreachable('gone')
const never = new AbortController().signal

/** The first play, and those that follow it. */
function lasting(
  plans: readonly Plan[],
  signal = never,
  looks: (FetchedElsewhere | undefined)[] = [],
) {
  const log: string[] = []
  const made = plans.map((plan, i) => playable(`play ${i}`, log, plan))
  const elsewhere = {
    async open(found?: FetchedElsewhere): Promise<BytesPlayable> {
      if (found) log.push(`at ${found.node}`)
      const next = made.shift()
      if (!next) throw new Fault('NO_FIRST_BYTE')
      return next
    },
    look: async () => looks.shift(),
    lookMs: 2,
    tookOver: () => takeovers++,
  }
  return { log, film: new LastingPlayable(made.shift() as BytesPlayable, signal, elsewhere) }
}

beforeEach(() => {
  takeovers = 0
})

describe('a play whose node dies', () => {
  test('goes on from the next byte, at whoever has it then', async () => {
    const plans = [{ gives: 150, error: gone }, { gives: 333, error: gone }, {}]
    const { film, log } = lasting(plans)
    expect((await readAll(film, { start: 10, end: 999 })).equals(FILM.subarray(10))).toBe(true)
    film.release()
    expect(log).toEqual([
      ...['play 0 10-999', 'play 0 closed', 'play 0 released'],
      ...['play 1 160-999', 'play 1 closed', 'play 1 released'],
      ...['play 2 493-999', 'play 2 closed', 'play 2 released'],
    ])
    expect(takeovers).toBe(2)
  })

  test('with two readers is opened again once', async () => {
    const { film, log } = lasting([{ gives: 500, error: gone }, {}])
    const halves = [
      { start: 0, end: 499 },
      { start: 500, end: 999 },
    ]
    const [first, second] = await Promise.all(halves.map((range) => readAll(film, range)))
    expect(Buffer.concat([first as Buffer, second as Buffer]).equals(FILM)).toBe(true)
    expect(log.filter((line) => line.endsWith('released'))).toEqual(['play 0 released'])
  })

  test.each([
    ['node', 'UPSTREAM_FAILED', true],
    ['node', 'STALLED', true],
    ['node', 'ANOTHER_NODE', true],
    ['node', 'DOES_NOT_FIT', false],
    ['node', 'HOSTILE_TORRENT', false],
    ['swarm', 'another node has it now', true],
    ['swarm', 'STALLED', false],
    ['swarm', 'ENGINE_DIED', false],
  ] as const)('from %s: %s: goes on %s', async (from, why, goesOn) => {
    const error = why === 'another node has it now' ? new FetchedElsewhere('b') : new Fault(why)
    const { film } = lasting([{ from, gives: 100, error }, {}])
    const read = readAll(film, { start: 0, end: 999 })
    if (goesOn) expect((await read).equals(FILM)).toBe(true)
    else await expect(read).rejects.toBe(error)
  })

  test('waits for a swarm that gives nothing until another node has it', async () => {
    const plans = [{ from: 'swarm', gives: 300, waits: true }, {}] as const
    const { film, log } = lasting(plans, never, [undefined, undefined, new FetchedElsewhere('b')])
    expect((await readAll(film, { start: 0, end: 999 })).equals(FILM)).toBe(true)
    const begun = log.indexOf('at b')
    expect(log.slice(begun - 2, begun + 2)).toEqual([
      ...['play 0 closed', 'play 0 released', 'at b', 'play 1 300-999'],
    ])
  })

  test.each(['node', 'disk'] as const)('nobody looks while it is read from a %s', async (from) => {
    const { film } = lasting([{ from, waits: true, gives: 0 }], never, [new FetchedElsewhere('b')])
    const reader = film.read({ start: 0, end: 999 })
    const read = reader.read(Buffer.alloc(10)).then(
      () => 'bytes',
      (error: Error) => error.message,
    )
    await sleep(30)
    reader.close()
    expect(await read).toBe('read after close')
  })

  test('ends where no byte comes again and again', async () => {
    const dead = { gives: 0, error: gone }
    const { film } = lasting([
      { gives: 100, error: gone },
      ...Array.from({ length: 20 }, () => dead),
    ])
    await expect(readAll(film, { start: 0, end: 999 })).rejects.toBe(gone)
  })

  test('ends with what says why nobody has it', async () => {
    const { film } = lasting([{ gives: 100, error: gone }])
    await expect(readAll(film, { start: 0, end: 999 })).rejects.toMatchObject({
      code: 'NO_FIRST_BYTE',
    })
  })

  test('never goes on with another file, which is given back', async () => {
    const { film, log } = lasting([{ gives: 100, error: gone }, { etag: '"other"' }])
    await expect(readAll(film, { start: 0, end: 999 })).rejects.toMatchObject({
      code: 'UPSTREAM_FAILED',
    })
    expect(log).toContain('play 1 released')
  })

  test('is not opened again for a viewer that has gone', async () => {
    const leaving = new AbortController()
    const { film, log } = lasting([{ gives: 100, error: gone }, {}], leaving.signal)
    leaving.abort()
    await expect(readAll(film, { start: 0, end: 999 })).rejects.toBe(gone)
    expect(log).not.toContain('play 1 100-999')
    const released = lasting([{ gives: 100, error: gone }, {}])
    released.film.release()
    await expect(readAll(released.film, { start: 0, end: 999 })).rejects.toBe(gone)
  })
})
