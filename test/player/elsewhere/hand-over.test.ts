import { beforeEach, describe, expect, test } from '@jest/globals'
import { type ClusterCounts, newCounts } from '../../../cluster/cluster-counts.ts'
import { FetchedElsewhere } from '../../../cluster/fetched-elsewhere.ts'
import { HandedPlays } from '../../../cluster/handed-plays.ts'
import type { NodeAnswer } from '../../../cluster/node-body.ts'
import type { NodeQuestion } from '../../../cluster/node-client.ts'
import { NodeUnreachable } from '../../../cluster/node-refusal.ts'
import type { ClusterNode } from '../../../cluster/nodes.ts'
import { systemClock } from '../../../common/clock.ts'
import { Fault } from '../../../common/errors.ts'
import { type HandOverParts, withHandOver } from '../../../player/elsewhere/hand-over.ts'
import type { PlayRequest } from '../../../player/files/play-request.ts'
import type { BytesPlayable, Playable } from '../../../player/files/playable.ts'
import { createViewer } from '../../../player/jobs/viewer.ts'
import { nodeAnswer } from '../../support/cluster/node-answer.ts'
import { movie } from '../fakes.ts'

const KEY = `${'ab'.repeat(20)}/2` as const
const ETAG = `"${KEY.replace('/', '-')}"`
const TARGET = '/play/movie/tt1254207/3?s=abcdefghij'
const FILM = Buffer.from('every byte of a film, from the first to the last one')
const FILE = { key: KEY, name: 'film.mkv', size: FILM.length }

let asked: { node: string; question: NodeQuestion }[]
/** What answered for them was none. */
let noNodes: string[]
let present: Set<string>
let handed: HandedPlays
let counts: ClusterCounts
/** What the nodes answer, one after the other. */
let answers: (Error | 'the film' | Readonly<Record<string, string>>)[]

const nodeOf = (node: string): ClusterNode => ({
  ...{ node, url: `http://${node}`, version: '1', draining: false, freeBytes: 1, isSelf: false },
})

function noNode({ node }: ClusterNode): NodeUnreachable {
  noNodes.push(node)
  return new NodeUnreachable('no node')
}

async function ask(node: ClusterNode, question: NodeQuestion): Promise<NodeAnswer> {
  asked.push({ node: node.node, question })
  const answer = answers.shift() ?? new NodeUnreachable('gone')
  if (answer instanceof Error) throw answer
  const { from = 0, to = FILM.length - 1 } = question.range ?? {}
  const headers = {
    'content-type': 'video/x-matroska',
    'content-range': `bytes ${from}-${to}/${FILM.length}`,
    'content-disposition': 'inline; filename="a\u0007 film.mkv"',
    etag: ETAG,
    ...(answer === 'the film' ? {} : answer),
  }
  return nodeAnswer(FILM.subarray(from, to + 1), { status: 206, headers })
}

const parts = (timeoutMs: number): HandOverParts => ({
  spread: { watched: (playable) => playable },
  cluster: {
    nodes: { other: (node: string) => (present.has(node) ? nodeOf(node) : undefined) } as never,
    client: { ask, noNode } as never,
    findHolder: async () => undefined,
    ...{ handed, counts },
  },
  stallMs: 1000,
  timeoutMs,
  draining: new AbortController().signal,
  clock: systemClock,
})

const asking: PlayRequest = {
  title: movie,
  number: 3,
  sourceKey: 'abcdefghij',
  signal: new AbortController().signal,
}

async function play(
  steps: readonly (Error | Playable)[],
  request: PlayRequest = asking,
  timeoutMs = 20_000,
): Promise<Playable> {
  const left = [...steps]
  const here = async (): Promise<Playable> => {
    const step = left.length > 1 ? left.shift() : left[0]
    if (step instanceof Error || !step) throw step
    return step
  }
  const viewer = createViewer(request.signal, timeoutMs, systemClock)
  try {
    return await withHandOver(parts(timeoutMs), here)(request, viewer)
  } finally {
    viewer.end()
  }
}

async function bytesOf(playable: Playable, start: number, end: number): Promise<string> {
  const reader = (playable as BytesPlayable).read({ start, end })
  const buffer = Buffer.alloc(end - start + 1)
  for (let at = 0; at < buffer.length; ) at += await reader.read(buffer.subarray(at))
  reader.close()
  return buffer.toString()
}

beforeEach(() => {
  asked = []
  noNodes = []
  present = new Set(['b', 'c'])
  answers = []
  handed = new HandedPlays()
  counts = newCounts()
})

describe('a play that another node', () => {
  test('has whole: nothing is asked until it is read, then that part of the same address', async () => {
    const film = await play([new FetchedElsewhere('b', FILE, true)])
    expect(film).toMatchObject({ kind: 'bytes', from: 'node', ...{ name: 'film.mkv', etag: ETAG } })
    expect(asked).toEqual([])
    answers = ['the film']
    expect(await bytesOf(film, 6, 9)).toBe('byte')
    expect([counts.relayedBytes, handed.count, handed.nodeOf(TARGET)]).toEqual([4, 1, 'b'])
    expect(asked).toMatchObject([
      {
        node: 'b',
        question: {
          ...{ method: 'GET', key: KEY, range: { from: 6, to: 9 } },
          target: TARGET,
        },
      },
    ])
    ;(film as BytesPlayable).release()
    expect([handed.count, handed.nodeOf(TARGET)]).toEqual([0, undefined])
  })

  test('fetches: who knows nothing of it learns name, size and validator, and reads on from there', async () => {
    answers = ['the film']
    const film = await play([new FetchedElsewhere('b')])
    expect(film).toMatchObject({ name: 'a  film.mkv', size: FILM.length, etag: ETAG })
    expect(await bytesOf(film, 0, FILM.length - 1)).toBe(`${FILM}`)
    expect(asked.length).toBe(1)
    ;(film as BytesPlayable).release()
  })

  test('cannot be reached: looked for again, and found at another or here', async () => {
    answers = [new NodeUnreachable('no'), 'the film']
    const film = await play([new FetchedElsewhere('b'), new FetchedElsewhere('c')])
    expect(asked.map(({ node }) => node)).toEqual(['b', 'c'])
    ;(film as BytesPlayable).release()
    const here = { kind: 'redirect', url: 'https://films.example/a' } as const
    expect(await play([new FetchedElsewhere('unknown'), here])).toBe(here)
  })

  test('does not have after all: looked for again', async () => {
    answers = [new Fault('ANOTHER_NODE'), 'the film']
    const film = await play([new FetchedElsewhere('b')])
    expect(asked.length).toBe(2)
    ;(film as BytesPlayable).release()
  })

  test('has no room for: another one or this one may have, and where none has, that is what is said', async () => {
    answers = [new Fault('DOES_NOT_FIT'), 'the film']
    const film = await play([new FetchedElsewhere('b'), new FetchedElsewhere('c')])
    expect(asked.map(({ node }) => node)).toEqual(['b', 'c'])
    ;(film as BytesPlayable).release()
    answers = Array(9).fill(new Fault('DOES_NOT_FIT'))
    await expect(play([new FetchedElsewhere('b')], asking, 600)).rejects.toMatchObject({
      code: 'DOES_NOT_FIT',
    })
    // Whoever has the lease and no room is not asked until the deadline.
    const [before, elsewhere] = [asked.length, new FetchedElsewhere('b')]
    const full = play([elsewhere, elsewhere, elsewhere, elsewhere], asking, 600_000)
    await expect(full).rejects.toMatchObject({ code: 'DOES_NOT_FIT' })
    expect(asked.length - before).toBe(3)
  })

  test.each(['NO_PEERS', 'HOSTILE_TORRENT'] as const)(
    'refuses with %s: that is what the viewer is told',
    async (code) => {
      answers = [new Fault(code)]
      await expect(play([new FetchedElsewhere('b')])).rejects.toMatchObject({ code })
      expect(handed.count).toBe(0)
    },
  )

  test('never comes back with: the viewer’s deadline ends it', async () => {
    await expect(play([new FetchedElsewhere('nobody')], asking, 600)).rejects.toMatchObject({
      code: 'NO_FIRST_BYTE',
    })
  })

  test.each([[{ etag: '"x"' }], [{ 'content-range': 'bytes 0-9/10' }]])(
    'answers with something else than the film: %j',
    async (odd) => {
      answers = [odd, odd, odd, odd, odd, odd, odd]
      const film = await play([new FetchedElsewhere('b', FILE, true)])
      await expect(bytesOf(film, 0, 5)).rejects.toMatchObject({ code: 'UPSTREAM_FAILED' })
      ;(film as BytesPlayable).release()
    },
  )

  test.each([[{ 'content-type': 'text/html' }], [{ 'content-encoding': 'gzip' }]])(
    'answers as no node does (%j): it counts as out of reach, and the film is had elsewhere',
    async (odd) => {
      answers = [odd, 'the film']
      const film = await play([new FetchedElsewhere('b', FILE, true), new FetchedElsewhere('c')])
      expect(await bytesOf(film, 0, 4)).toBe('every')
      expect([asked.map(({ node }) => node), noNodes]).toEqual([['b', 'c'], ['b']])
      ;(film as BytesPlayable).release()
    },
  )

  test('hands over itself is not handed on', async () => {
    const handed = { ...asking, handed: { node: 'a', viewer: 'v' } }
    await expect(play([new FetchedElsewhere('b')], handed)).rejects.toMatchObject({
      code: 'ANOTHER_NODE',
    })
    expect(asked).toEqual([])
  })

  test('hands over is counted as it is sent there', async () => {
    const read = () => ({ read: async () => 5, close: () => {} })
    const bytes = { kind: 'bytes', from: 'disk', name: '', size: 9, etag: ETAG, read } as const
    const film = await play([{ ...bytes, release: () => {} }], {
      ...asking,
      handed: { node: 'a', viewer: 'v' },
    })
    await bytesOf(film, 0, 4)
    expect([counts.handedBytes, counts.relayedBytes, handed.count]).toEqual([5, 0, 0])
  })
})
