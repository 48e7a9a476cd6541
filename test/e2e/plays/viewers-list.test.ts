import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { StreamObject } from '../../../addon/stream-object.ts'
import { startBrowser, type Window } from '../../support/clients/browser.ts'
import { film, filmInMatroska, videoPath } from '../../support/clients/video.ts'
import { errorCode, settled } from '../../support/facts.ts'
import type { Playlink } from '../../support/server/playlink.ts'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB } from '../../support/swarm/payload.ts'
import { movie, streamsOf } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'
import { startWeb, type Web } from '../../support/web.ts'

const MP4 = 'tt9000601'
const MKV = 'tt9000602'
const LOCAL = 'tt9000603'
const TWO = 'tt9000604'
const DEAD = 'tt9000605'

const cue = (words: string): string => `1\n00:00:00,000 --> 00:00:09,500\n${words}\n`
const GERMAN = Buffer.from(cue('Schöne Grüße aus der großen Stadt, für alle'), 'latin1')
const nobody = `magnet:?xt=urn:btih:${'0a'.repeat(20)}&tr=http%3A%2F%2F127.0.0.1%3A1%2Fannounce`

let stage: Stage<'mp4' | 'mkv' | 'spare'>
let browser: Window
let web: Web
let html = ''

beforeAll(async () => {
  browser = await startBrowser()
  web = await startWeb((_req, res) => {
    res.writeHead(200, { 'Content-Type': 'text/html' }).end(html)
  })
  stage = await openStage({
    torrents: {
      mp4: {
        name: 'Film.2001.1080p',
        pieceLength: 16 * KiB,
        files: {
          'Film.2001.mp4': film(),
          'Film.2001.en.srt': Buffer.from(cue('Hello')),
          'Subs/3_German.srt': GERMAN,
        },
      },
      mkv: {
        name: 'Other.2001.720p',
        pieceLength: 16 * KiB,
        files: { 'Other.2001.mkv': filmInMatroska(), 'Other.2001.srt': Buffer.from(cue('Hi')) },
      },
      spare: { name: 'Spare.2001.480p.mp4', size: 200_000, pieceLength: 16 * KiB },
    },
    titles: ({ magnet }) => [
      movie(MP4, 'Film', { magnet: magnet('mp4') }),
      movie(MKV, 'Other', { magnet: magnet('mkv') }),
      movie(LOCAL, 'Local', { path: 'local.mp4' }),
      movie(TWO, 'Two', { magnet: nobody, quality: '1080p' }, { magnet: magnet('spare') }),
      movie(DEAD, 'Dead', { magnet: nobody }),
    ],
    env: { PLAY_TIMEOUT: '10', CACHE_PERSISTENT: 'true' },
  })
  await cp(videoPath, join(stage.folder, 'catalogue', 'local.mp4'))
  await writeFile(join(stage.folder, 'catalogue', 'local.es.srt'), cue('Hola'))
})

afterAll(async () => {
  await browser?.close()
  await web?.close()
  await stage?.end()
})

async function list(server: Playlink, id: string): Promise<StreamObject[]> {
  const answer = await ask(server.base + streamsOf(id))
  return (answer.json() as { streams: StreamObject[] }).streams
}

/** In a page of another origin, as Stremio's web client is: plays, seeks, and shows the subtitles. */
async function watch(stream: StreamObject | undefined): Promise<string | null> {
  const track = stream?.subtitles?.[0]?.url
  html =
    `<!doctype html><video crossorigin="anonymous" muted autoplay src="${stream?.url}">` +
    `${track ? `<track default kind="subtitles" src="${track}">` : ''}</video>`
  const { page, close } = await browser.open(web.base)
  try {
    const video = page.locator('video')
    type Shown = { activeCues: ArrayLike<{ text: string }> | null }
    type Media = { currentTime: number; textTracks: ArrayLike<Shown> }
    const at = () => video.evaluate((v) => (v as unknown as Media).currentTime)
    await eventually('it plays', async () => (await at()) > 0.1)
    await video.evaluate((v) => {
      ;(v as unknown as Media).currentTime = 7
    })
    await eventually('it goes on after a seek', async () => (await at()) > 7.05)
    if (!track) return null
    return await eventually('a subtitle is shown', () =>
      video.evaluate((v) => {
        const cues = (v as unknown as Media).textTracks[0]?.activeCues
        return cues?.[0]?.text
      }),
    )
  } finally {
    await close()
  }
}

describe('a <video> through our list', () => {
  test.each([
    ['mp4', MP4, 'Hello'],
    ['mkv', MKV, 'Hi'],
  ])('%s plays and seeks cold, then warm with its subtitles', async (_kind, id, words) => {
    const [cold] = await list(stage.server, id)
    expect(cold?.behaviorHints.videoHash).toBeUndefined()
    await watch(cold)
    const whole = await ask(cold?.url ?? '')
    expect(whole.complete).toBe(true)
    await settled(stage.server.base)

    const warm = await eventually('the hash is listed', async () => {
      const [stream] = await list(stage.server, id)
      return stream?.behaviorHints.videoHash ? stream : undefined
    })
    expect(warm.url).toBe(cold?.url)
    expect(warm.behaviorHints.videoHash).toBe(openSubtitlesHash(whole.body))
    expect(await watch(warm)).toBe(words)
  })
})

describe('subtitles', () => {
  test('asked for when a film begins cold: told as soon as its torrent is known', async () => {
    const cold = await stage.another()
    const [stream] = await list(cold, MKV)
    const name = encodeURIComponent(stream?.behaviorHints.filename ?? '')
    const resource = ask(`${cold.base}/subtitles/movie/${MKV}/filename=${name}.json`)
    expect((await ask(stream?.url ?? '')).complete).toBe(true)
    const { subtitles } = (await resource).json() as { subtitles: { url: string }[] }
    expect(subtitles).toHaveLength(1)
    expect((await ask(subtitles[0]?.url ?? '')).body.toString()).toContain('\nHi\n')
  })

  test('of a torrent: on its stream and as a resource; charset and language found', async () => {
    const [stream] = await list(stage.server, MP4)
    expect(stream?.subtitles?.map(({ lang }) => lang)).toEqual(['eng', 'ger'])
    const resource = await ask(`${stage.server.base}/subtitles/movie/${MP4}/filename=x.json`)
    expect(resource.json()).toEqual({ subtitles: stream?.subtitles })
    const german = await ask(stream?.subtitles?.[1]?.url ?? '')
    expect(german.headers['content-type']).toBe('text/vtt; charset=utf-8')
    expect(german.headers['access-control-allow-origin']).toBe('*')
    expect(german.body.toString()).toContain('Schöne Grüße aus der großen Stadt')
    const head = await ask(stream?.subtitles?.[1]?.url ?? '', { method: 'HEAD' })
    expect([head.status, head.headers['content-type']]).toEqual([200, 'text/vtt; charset=utf-8'])
  })

  test('beside a local file, whose list knows them at once', async () => {
    const [stream] = await list(stage.server, LOCAL)
    expect(stream?.subtitles).toEqual([expect.objectContaining({ lang: 'spa' })])
    const text = await ask(stream?.subtitles?.[0]?.url ?? '')
    expect(text.body.toString()).toBe('WEBVTT\n\n00:00:00.000 --> 00:00:09.500\nHola\n')
    expect(await watch(stream)).toBe('Hola')
  })
})

describe('auto', () => {
  test('goes past what nobody has; the choice stays, and HEAD tells it', async () => {
    const [auto, first] = await list(stage.server, TWO)
    expect(auto?.name).toBe('Playlink\nAuto')
    expect(first?.name).toBe('Playlink\n1080p')
    const answer = await ask(auto?.url ?? '')
    expect([answer.status, answer.headers['cache-control']]).toEqual([302, 'no-store'])
    const chosen = new URL(answer.headers.location ?? '', auto?.url)
    expect(chosen.pathname).toBe(`/play/movie/${TWO}/1`)
    expect((await ask(chosen.href)).complete).toBe(true)
    const head = await ask(auto?.url ?? '', { method: 'HEAD' })
    expect(head.headers.location).toBe(answer.headers.location)
  })
})

describe('what nobody has', () => {
  test('a clip for a player, 504 for everybody else', async () => {
    const [stream] = await list(stage.server, DEAD)
    const url = stream?.url ?? ''
    html = `<!doctype html><video crossorigin="anonymous" muted autoplay src="${url}"></video>`
    const watched = await browser.open(web.base)
    const [player, script, bare] = await Promise.all([
      ask(url),
      ask(url, { headers: { Accept: 'application/json' } }),
      ask(url.replace(/\?.*/, '')),
    ])
    const clip = new URL(player.headers.location ?? '', url)
    expect([player.status, clip.pathname]).toEqual([302, '/clips/no-peers.mp4'])
    expect((await ask(clip.href)).headers['content-type']).toBe('video/mp4')
    const shown = () =>
      watched.page.locator('video').evaluate((v) => {
        const { currentTime, duration, videoWidth } = v as unknown as Record<string, number>
        return (currentTime ?? 0) > 0.1 && { seconds: Math.round(duration ?? 0), videoWidth }
      })
    expect(await eventually('the clip plays', shown)).toEqual({ seconds: 15, videoWidth: 1280 })
    await watched.close()
    for (const answer of [script, bare]) {
      expect([answer.status, errorCode(answer.body)]).toEqual([504, 'NO_PEERS'])
    }
  })
})

describe('a restart', () => {
  test('the same address, still ready, hash and subtitles known', async () => {
    const [before] = await list(stage.server, MP4)
    const { port } = stage.server
    await stage.server.stop()
    const env = { CACHE_DIR: stage.server.cacheDir, PORT: String(port) }
    const [after] = await list(await stage.another(env), MP4)
    expect(after).toEqual(before)
    expect(after?.description).toContain('Ready on this server')
  })
})

function openSubtitlesHash(bytes: Buffer): string {
  let sum = BigInt(bytes.length)
  for (const block of [bytes.subarray(0, 65_536), bytes.subarray(-65_536)]) {
    for (let at = 0; at + 8 <= block.length; at += 8) sum += block.readBigUInt64LE(at)
  }
  return BigInt.asUintN(64, sum).toString(16).padStart(16, '0')
}
