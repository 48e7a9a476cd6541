import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { PIPES_ONLY, runFfmpeg } from '../../../media/ffmpeg/run-ffmpeg.ts'

const { signal } = new AbortController()
const TO_PIPE = ['-f', 's16le', 'pipe:1']
const SILENCE = ['-f', 'lavfi', '-i', 'anullsrc=r=48000:cl=stereo']
const NOTHING = new Uint8Array()

test('from a pipe to a pipe', async () => {
  const input = ['-f', 's16le', '-ar', '48000', '-ac', '1', ...PIPES_ONLY, '-i', 'pipe:0']
  expect((await runFfmpeg([...input, ...TO_PIPE], Buffer.alloc(960), signal)).length).toBe(960)
})

test('what is no sound is refused', async () => {
  const input = [...PIPES_ONLY, '-f', 'matroska', '-i', 'pipe:0']
  await expect(runFfmpeg([...input, ...TO_PIPE], Buffer.alloc(999), signal)).rejects.toMatchObject({
    code: 'MEDIA_UNREADABLE',
  })
})

test('a file that the input names is not opened: nothing but pipes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'playlink-ffmpeg-'))
  const secret = join(folder, 'secret.raw')
  await writeFile(secret, Buffer.alloc(960))
  const list = Buffer.from(`ffconcat version 1.0\nfile '${secret}'\n`)
  const input = [...PIPES_ONLY, '-f', 'concat', '-safe', '0', '-i', 'pipe:0']
  await expect(runFfmpeg([...input, ...TO_PIPE], list, signal)).rejects.toMatchObject({
    code: 'MEDIA_UNREADABLE',
  })
  await rm(folder, { recursive: true, force: true })
})

test('killed when nobody waits any more, and when it gives too much', async () => {
  const leaving = new AbortController()
  // Real time: an hour of it would take an hour.
  const slow = runFfmpeg(['-re', ...SILENCE, '-t', '3600', ...TO_PIPE], NOTHING, leaving.signal)
  const left = expect(slow).rejects.toThrow('gone')
  leaving.abort(new Error('gone'))
  await left
  await expect(runFfmpeg([...SILENCE, ...TO_PIPE], NOTHING, signal)).rejects.toMatchObject({
    code: 'MEDIA_UNREADABLE',
  })
})

test('a server without ffmpeg says so', async () => {
  const path = process.env.PATH
  process.env.PATH = '/nowhere'
  try {
    await expect(runFfmpeg([...SILENCE, ...TO_PIPE], NOTHING, signal)).rejects.toMatchObject({
      code: 'NO_CONVERTER',
    })
  } finally {
    process.env.PATH = path
  }
})
