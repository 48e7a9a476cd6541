import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { errorCode } from '../../support/facts.ts'
import { environment, type Playlink } from '../../support/server/playlink.ts'
import { type Answer, type Ask, ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { movie, playMovie, streamsOf } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'

const ID = 'tt9001701'
const ROOT = new URL('../../../', import.meta.url).pathname

describe('a server for viewers with a token', () => {
  let stage: Stage<'film' | 'second'>
  let server: Playlink
  let file: string
  beforeAll(async () => {
    stage = await openStage({
      torrents: {
        film: { name: 'Film.1080p.mkv', size: 300_000 },
        second: { name: 'Film.720p.mkv', size: 300_000 },
      },
      titles: ({ magnet }) => [
        movie(ID, 'Film', { magnet: magnet('film') }, { magnet: magnet('second') }),
      ],
    })
    file = join(stage.folder, 'tokens.json')
    server = await stage.another({ ACCESS_TOKENS: file })
  })
  afterAll(() => stage.end())

  async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const child = spawn(process.execPath, ['--no-warnings', 'cli/token.ts', ...args], {
      cwd: ROOT,
      env: environment(stage.folder, { ACCESS_TOKENS: file, PUBLIC_URL: server.base }),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const texts = { out: '', err: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.out += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.err += text))
    const [code] = (await once(child, 'close')) as [number]
    return { code, ...texts }
  }

  /** Makes a token that the server knows. @returns the base of its addresses */
  async function grant(name: string, ...limits: string[]): Promise<string> {
    const { code, out } = await run('add', name, ...limits)
    expect(code).toBe(0)
    const manifest = out.trim().split('\n').at(-1) ?? ''
    expect(manifest).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/t\/[\w-]{27}\/manifest\.json$/)
    await eventually('the server knows it', async () => (await ask(manifest)).status === 200)
    return manifest.slice(0, -'/manifest.json'.length)
  }

  const urlsOf = (answer: Answer): string[] =>
    (answer.json() as { streams: { url: string }[] }).streams.map(({ url }) => url)

  test('nobody else lists or plays, and health and management go on', async () => {
    for (const path of ['/', '/manifest.json', '/configure', streamsOf(ID), playMovie(ID)]) {
      const answer = await ask(server.base + path)
      expect([path, answer.status, errorCode(answer.body)]).toEqual([path, 403, 'TOKEN_MISSING'])
    }
    expect((await ask(`${server.base}/health`)).status).toBe(200)
    const headers = { 'Content-Type': 'application/json' }
    const order = { method: 'POST', headers, body: '{}' }
    expect((await ask(`${server.base}/api/cache-config`, order)).status).toBe(200)
  })

  test('a refusal leads home only whom the start page lets in', async () => {
    const base = await grant('eve')
    const pageAt = async (address: string, how: Ask = {}): Promise<string> => {
      const answer = await ask(address, { ...how, headers: { Accept: 'text/html' } })
      expect(answer.headers['content-type']).toContain('text/html')
      return answer.body.toString()
    }
    const paths = ['/robots.txt', '/assets/nothing', `/t/${'x'.repeat(27)}/nothing`, '/configure/']
    for (const path of paths) {
      expect([path, await pageAt(server.base + path)]).toEqual([
        path,
        expect.not.stringMatching(/<a /),
      ])
    }
    // Refused before anybody looks for a token.
    expect(await pageAt(`${server.base}/nothing`, { method: 'PUT' })).not.toContain('<a ')
    expect(await pageAt(`${base}/watch/nothing`)).toContain('<a href="../">')
    expect((await ask(`${base}/`)).status).toBe(200)
  })

  test('a viewer lists and plays below the token; addresses stay as they are', async () => {
    const base = await grant('ann')
    expect((await readFile(file, 'utf8')).includes(base.split('/').at(-1) ?? '')).toBe(false)
    expect((await stat(file)).mode % 0o1000).toBe(0o600)
    const first = await ask(base + streamsOf(ID))
    const urls = urlsOf(first)
    expect(urls).toHaveLength(3)
    for (const url of urls) expect(url.startsWith(`${base}/play/movie/${ID}/`)).toBe(true)
    expect(first.headers['cache-control']).toMatch(/^private, /)
    const play = await ask(urls[1] ?? '')
    expect(play.body.equals(stage.torrents.film.content)).toBe(true)
    expect(urlsOf(await ask(base + streamsOf(ID)))).toEqual(urls)
    const auto = await ask(urls[0] ?? '')
    const chosen = new URL(auto.headers.location ?? '', urls[0]).href
    expect([auto.status, chosen.startsWith(`${base}/play/movie/${ID}/`)]).toEqual([302, true])
    expect((await ask(chosen)).status).toBe(200)
    const page = await ask(`${base}/configure`)
    expect(page.body.toString()).toContain(`${base}/manifest.json`)
    const logo = (await ask(`${base}/manifest.json`)).json() as { logo: string }
    expect((await ask(logo.logo)).status).toBe(200)
    expect(server.log()).not.toContain(base.split('/').at(-1))
  })

  test('list names them, revoke ends one within seconds, a name is given once', async () => {
    const base = await grant('bob', '--streams', '1', '--month-gb', '500')
    const { out } = await run('list')
    expect(out).toMatch(/^bob +1 at once +500 GB a month +\d{4}-\d\d-\d\d$/m)
    expect(await run('add', 'bob')).toMatchObject({ code: 1, err: expect.stringContaining('bob') })
    expect(await run('revoke', 'bob')).toEqual({ code: 0, out: 'revoked bob\n', err: '' })
    await eventually('bob is out', async () => {
      const answer = await ask(`${base}/manifest.json`)
      return answer.status === 403 && errorCode(answer.body) === 'TOKEN_UNKNOWN'
    })
    expect((await run('revoke', 'bob')).code).toBe(1)
  })

  test('a file that is none of ours is told', async () => {
    const good = await readFile(file, 'utf8')
    await writeFile(file, 'x')
    expect(await run('list')).toMatchObject({
      code: 78,
      err: expect.stringContaining('no file of'),
    })
    await writeFile(file, good)
  })
})
