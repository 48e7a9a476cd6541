import type { RequestListener } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { errorCode } from '../../support/facts.ts'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { streamManifest } from '../../support/stream-manifest.ts'
import { streamsOf } from '../../support/titles.ts'
import { startWeb, type Web } from '../../support/web.ts'

const ID = 'tt9003001'
const TOKEN = 'geheim0123456789abcdef'
const REFERER = 'https://films.example/'
const SRT = '1\n00:00:01,000 --> 00:00:02,000\nGood evening\n'

interface Subtitle {
  readonly id: string
  readonly url: string
  readonly lang: string
}
interface Stream {
  readonly description: string
  readonly subtitles?: readonly Subtitle[]
}

describe('subtitles that another addon gives with its streams', () => {
  let stage: Stage<'film'>
  let web: Web
  /** Path and credentials of each question for subtitles. */
  const asked: string[] = []

  const subtitles = () => [
    { id: '1', url: `${web.base}/plain.srt`, lang: 'en' },
    { id: '2', url: web.base.replace('//', '//me:pass@').concat('/named.srt'), lang: 'ger' },
    { id: '3', url: `${web.base}/keyed.srt?token=${TOKEN}`, lang: 'Français' },
    { id: '4', url: `${web.base}/page.srt?token=${TOKEN}`, lang: 'ita' },
    { id: '5', url: `${web.base}/gone.srt?token=${TOKEN}`, lang: 'spa' },
    { id: '6', url: 'file:///etc/passwd', lang: 'eng' },
    { id: '7', url: 'javascript:alert(1)', lang: 'eng' },
  ]
  const streams = () => {
    const proxyHeaders = { request: { Referer: REFERER } }
    return [
      { infoHash: stage.torrents.film.infoHash, title: 'Torrent 720p', subtitles: subtitles() },
      { url: 'https://media.example.org/a.mp4', title: 'Open 480p', subtitles: subtitles() },
      {
        ...{ url: `${web.base}/film.mp4`, title: 'Headers 1080p', behaviorHints: { proxyHeaders } },
        subtitles: [{ id: '1', url: `${web.base}/beside.srt`, lang: 'eng' }],
      },
      { url: 'https://media.example.org/b.mp4', title: 'None 360p', subtitles: 'none' },
    ]
  }
  const answer: RequestListener = (req, res) => {
    const { pathname } = new URL(req.url ?? '', web.base)
    if (pathname === '/manifest.json') return void res.end(JSON.stringify(streamManifest))
    if (pathname === `/stream/movie/${ID}.json`) {
      return void res.end(JSON.stringify({ streams: streams() }))
    }
    const { authorization = '', referer = '' } = req.headers
    asked.push(`${pathname} ${authorization}${referer}`.trim())
    if (pathname === '/page.srt') return void res.end('<!doctype html><p>please log in')
    const isGone = pathname === '/gone.srt' || !pathname.endsWith('.srt')
    res.writeHead(isGone ? 404 : 200).end(SRT)
  }
  const listed = async (title: string): Promise<readonly Subtitle[] | undefined> => {
    const { body } = await ask(stage.server.base + streamsOf(ID))
    expect(String(body)).not.toMatch(new RegExp(`${TOKEN}|me:pass|passwd|javascript`))
    const { streams: all } = JSON.parse(String(body)) as { streams: Stream[] }
    return all.find(({ description }) => description.startsWith(title))?.subtitles
  }

  beforeAll(async () => {
    web = await startWeb(answer)
    stage = await openStage({
      torrents: { film: { name: 'Film.2001.720p.mp4', size: 100_000 } },
      env: { UPSTREAM_ADDONS: `${web.base}/manifest.json#upstream` },
    })
    stage.own(() => web.close())
  })
  afterAll(() => stage.end())

  test.each(['Torrent 720p', 'a.mp4'])('are passed on, with their language: %s', async (title) => {
    const found = (await listed(title)) ?? []
    expect(found.map(({ lang }) => lang)).toEqual(['eng', 'ger', 'fre', 'ita', 'spa'])
    expect(new Set(found.map(({ id }) => id)).size).toBe(5)
    const [open, ...others] = found
    expect(open?.url).toBe(`${web.base}/plain.srt`)
    // What needs a password or a key is read by this server.
    for (const { url } of others)
      expect(url.startsWith(`${stage.server.base}/subtitles/`)).toBe(true)
  })

  test('those with a password or a key are relayed, as WebVTT, and asked for once', async () => {
    const [, named, keyed] = (await listed('Torrent 720p')) ?? []
    asked.length = 0
    for (const one of [named, keyed, named, keyed]) {
      const got = await ask(one?.url ?? '')
      expect([got.status, got.headers['content-type']]).toEqual([200, 'text/vtt; charset=utf-8'])
      expect(String(got.body)).toBe('WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nGood evening\n')
    }
    const basic = `Basic ${Buffer.from('me:pass').toString('base64')}`
    expect(asked).toEqual([`/named.srt ${basic}`, '/keyed.srt'])
  })

  test('what is no subtitle, or gone, is an error that says nothing of the address', async () => {
    const [, , , page, gone] = (await listed('Torrent 720p')) ?? []
    for (const one of [page, gone]) {
      const got = await ask(one?.url ?? '')
      expect([got.status, errorCode(got.body)]).toEqual([502, 'UPSTREAM_FAILED'])
      expect(String(got.body)).not.toContain(TOKEN)
    }
    const [, , , onLink] = (await listed('a.mp4')) ?? []
    const unknown = (onLink?.url ?? '').replace(/[0-9a-f]{12}\.vtt/, `${'0'.repeat(12)}.vtt`)
    expect((await ask(unknown)).status).toBe(404)
  })

  test('those beside a relayed link are asked for with its headers', async () => {
    const [beside] = (await listed('film.mp4')) ?? []
    asked.length = 0
    expect(String((await ask(beside?.url ?? '')).body)).toContain('Good evening')
    expect(asked).toEqual([`/beside.srt ${REFERER}`])
  })

  test('a page that plays has all of them, from this server', async () => {
    const [, named] = (await listed('Torrent 720p')) ?? []
    const menu = (named?.url ?? '').replace(/[0-9a-f]{12}\.vtt/, 'tracks.json')
    const { tracks } = (await ask(menu)).json() as { tracks: { url: string; language: string }[] }
    expect(tracks.map(({ language }) => language)).toEqual(['en', 'de', 'fr', 'it', 'es'])
    asked.length = 0
    const first = new URL(tracks[0]?.url ?? '', menu).href
    expect(String((await ask(first)).body)).toMatch(/^WEBVTT/)
    expect(asked).toEqual(['/plain.srt'])
    expect((await ask(first, { method: 'HEAD' })).status).toBe(200)
  })

  test('a stream without any, or with none that can be read, plays without', async () => {
    expect(await listed('b.mp4')).toBeUndefined()
  })
})
