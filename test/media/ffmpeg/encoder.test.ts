import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Encoder } from '../../../media/ffmpeg/encoder.ts'
import { encodeArguments, headArguments } from '../../../media/ffmpeg/video-plan.ts'
import { sizeWithin } from '../../../media/film/rungs.ts'
import { eventually } from '../../support/wait.ts'

const NOTHING = new Uint8Array()
const { signal } = new AbortController()
const path = process.env.PATH
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-encoder-'))
})
afterEach(async () => {
  process.env.PATH = path
  await rm(folder, { recursive: true, force: true })
})

/** A program of ours in place of ffmpeg. */
async function ffmpegIs(script: string): Promise<void> {
  const file = join(folder, 'ffmpeg')
  await writeFile(file, `#!/bin/sh\n${script}\n`)
  await chmod(file, 0o755)
  process.env.PATH = `${folder}:${path}`
}

/** A clock that is so many milliseconds later at each look. */
const clock = (stepMs: number) => {
  let now = 0
  return () => {
    now += stepMs
    return now
  }
}

describe('what the trial at the start shows', () => {
  test.each([
    ['fast', 100, { rung: 720, preset: 'veryfast', isFast: true }],
    ['slow', 60_000, { rung: 360, preset: 'ultrafast', isFast: false }],
  ])('a %s machine', async (_, stepMs, strength) => {
    await ffmpegIs('echo made')
    const encoder = new Encoder({ cores: 2, now: clock(stepMs) })
    expect(await encoder.strength).toMatchObject(strength)
    await encoder.close()
  })

  test('ffmpeg without libx264, or none at all, is said in a sentence', async () => {
    await ffmpegIs('exit 1')
    const without = new Encoder({ cores: 2 })
    expect(await without.strength).toMatchObject({
      code: 'NO_CONVERTER',
      message: expect.stringMatching(/libx264/),
    })
    process.env.PATH = '/nowhere'
    expect(await new Encoder({ cores: 2 }).strength).toMatchObject({
      code: 'NO_CONVERTER',
      message: expect.stringMatching(/no ffmpeg/),
    })
  })
})

test('one encode a core, one more waits, others are told when to come again; who leaves gives way', async () => {
  await ffmpegIs('case "$*" in *lavfi*) echo made;; *) exec sleep 600;; esac')
  const encoder = new Encoder({ cores: 1, now: () => 0 })
  await encoder.strength
  const leaving = [new AbortController(), new AbortController()]
  const runs = leaving.map(({ signal: own }) =>
    expect(encoder.run([], NOTHING, { signal: own })).rejects.toThrow('gone'),
  )
  await expect(encoder.run([], NOTHING, { signal })).rejects.toMatchObject({
    code: 'TOO_MANY_CONVERSIONS',
    status: 503,
    details: { retryAfterSeconds: 5 },
    message: expect.stringMatching(/as many films as its cores allow/),
  })
  for (const one of leaving) one.abort(new Error('gone'))
  await Promise.all(runs)
  await ffmpegIs('echo made')
  await eventually('a core is free', async () => {
    const made = await encoder.run([], NOTHING, { signal })
    return Buffer.from(made).toString() === 'made\n'
  })
  await encoder.close()
})

test('a picture is never enlarged, and keeps its shape and even sides', () => {
  expect(sizeWithin({ width: 1920, height: 800 }, 720)).toEqual({ width: 1280, height: 534 })
  expect(sizeWithin({ width: 640, height: 272 }, 720)).toEqual({ width: 640, height: 272 })
  expect(sizeWithin({ width: 1439, height: 1081 }, 720)).toEqual({ width: 958, height: 720 })
  expect(sizeWithin({ width: 1, height: 1 }, 360)).toEqual({ width: 16, height: 16 })
})

test('ffmpeg is given pipes and nothing else', () => {
  const source = { width: 640, height: 360 }
  const plan = {
    rung: 720,
    preset: 'veryfast',
    source,
    from: 0,
    isCounted: false,
    rotation: 0,
    to: Number.POSITIVE_INFINITY,
  } as const
  const all = encodeArguments(plan)
  expect(all.filter((one) => one.startsWith('pipe:'))).toEqual(['pipe:0', 'pipe:1'])
  expect(all.join(' ').match(/-protocol_whitelist pipe/g)).toHaveLength(2)
  expect(headArguments(source, 720).join(' ')).toContain('s=640x360')
})
