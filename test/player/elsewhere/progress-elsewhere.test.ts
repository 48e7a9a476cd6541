import { beforeEach, expect, test } from '@jest/globals'
import { HandedPlays } from '../../../cluster/handed-plays.ts'
import type { NodeQuestion } from '../../../cluster/node-client.ts'
import { NodeUnreachable } from '../../../cluster/node-refusal.ts'
import { progressElsewhere } from '../../../player/elsewhere/progress-elsewhere.ts'
import { nodeAnswer } from '../../support/cluster/node-answer.ts'
import { movie } from '../fakes.ts'

const KEY = `${'ab'.repeat(20)}/2` as const
const PLAY = { title: movie, number: 3, sourceKey: 'abcdefghij' }
const TARGET = '/play/movie/tt1254207/3?s=abcdefghij'
const ARRIVING = { stage: 'arriving', size: 9, peers: 2, bytesPerSecond: 5, pieces: [255, 0] }

let handed: HandedPlays
let stored: boolean
let asked: NodeQuestion[]
let answer: object | Error

const progress = (key?: typeof KEY): ReturnType<typeof progressElsewhere> =>
  progressElsewhere(
    {
      cluster: {
        handed,
        files: { has: () => stored, refresh: async () => {} },
        nodes: { other: (node: string) => (node === 'b' ? { node } : undefined) } as never,
        client: {
          async ask(_node: unknown, question: NodeQuestion) {
            asked.push(question)
            if (answer instanceof Error) throw answer
            return nodeAnswer(Buffer.from(JSON.stringify(answer)), { status: 200, headers: {} })
          },
        } as never,
      },
    },
    PLAY,
    key,
  )

beforeEach(() => {
  handed = new HandedPlays()
  stored = false
  asked = []
  answer = ARRIVING
})

test('a film that another node has whole is ready; without its file or its play nothing is known', async () => {
  stored = true
  expect(await progress(KEY)).toEqual({ stage: 'ready', from: 'node' })
  expect(await progress()).toBeUndefined()
  stored = false
  expect(await progress(KEY)).toBeUndefined()
  expect(asked).toEqual([])
})

test('a play that another node sends is as far as that one says', async () => {
  const over = handed.began(TARGET, 'b')
  expect(await progress()).toEqual(ARRIVING)
  expect(asked).toMatchObject([
    { method: 'GET', target: '/api/play-state/movie/tt1254207/3?s=abcdefghij' },
  ])
  answer = { ...ARRIVING, percent: 50, name: 'what nobody asked for' }
  expect(await progress()).toEqual({ ...ARRIVING, percent: 50 })
  answer = { stage: 'ready', from: 'disk' }
  expect(await progress()).toEqual({ stage: 'ready', from: 'node' })
  over()
  expect(await progress()).toBeUndefined()
})

test.each([
  [new NodeUnreachable('gone')],
  [{ stage: 'idle' }],
  [{ stage: 'arriving', size: 'large' }],
  [{ ...ARRIVING, pieces: Array(10_000).fill(0) }],
])('a node that does not say it: the play is on its way all the same (%#)', async (said) => {
  handed.began(TARGET, 'b')
  answer = said
  expect(await progress()).toEqual({ stage: 'waiting' })
})
