import type { RequestListener } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Clock } from '../../common/clock.ts'
import { Fault } from '../../common/errors.ts'
import type { Outbound } from '../../common/network/outbound.ts'
import type { Title } from '../../common/title.ts'
import { storableSourceList } from '../../sources/lists/fit-source-list.ts'
import { readStoredSourceList } from '../../sources/lists/stored-source-list.ts'
import type { TitleNames } from '../../sources/providers/shared/cinemeta.ts'
import type { Source } from '../../sources/source.ts'
import { sourceKey } from '../../sources/source-key.ts'
import { endAll, lines, listen, named, outbound, serve } from '../common/network/outbound-stage.ts'
import { handClock } from '../sources/fakes.ts'

/** Stands in every address that a provider is given: it must not be seen again anywhere. */
export const SECRET = 'geheim0123456789abcdef'

export const NIGHT: Title = { type: 'movie', imdbId: 'tt0063350' }
export const nightsName: TitleNames = {
  find: async () => ({ name: 'Night of the Living Dead', year: 1968 }),
  close: () => undefined,
}

export interface ProviderParts {
  /** `http://127.0.0.1:<port>`, or a name of it. */
  readonly base: string
  readonly outbound: Outbound
  readonly clock: Clock
  readonly names: TitleNames
}

export interface ProviderStage {
  /** Starts it where that is needed, asks once, ends it. */
  find(parts: ProviderParts, signal: AbortSignal): Promise<readonly Source[]>
  /** A server that speaks the real format and has `NIGHT`. */
  readonly answer: RequestListener
  /** Of the bad answers below: those that mean "nothing" to it. */
  readonly tolerates?: readonly string[]
  /** It tells the operator elsewhere, and has no sources then. */
  readonly failsSilently?: boolean
}

/** Where our base URLs must not lead to: every way to write this machine and its neighbours. */
const FORMS = [
  '127.0.0.1',
  '127.1',
  '0x7f.1',
  '0x7f000001',
  '2130706433',
  '017700000001',
  '0177.0.0.1',
  '0.0.0.0',
  '0',
  '[::1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[64:ff9b::7f00:1]',
  'localhost',
  'localhost.',
  '127.0.0.1.',
  '169.254.169.254',
  '10.0.0.1',
  '192.168.0.1',
  '[fe80::1]',
  '[fd00::1]',
]

const HTML: RequestListener = (_req, res) => {
  res.setHeader('content-type', 'text/html')
  res.end('<!doctype html><html><body>Checking your browser</body></html>')
}
const sending =
  (status: number, body = ''): RequestListener =>
  (_req, res) =>
    void res.writeHead(status).end(body)

const BAD_ANSWERS: readonly (readonly [string, RequestListener])[] = [
  ['403', sending(403, 'no')],
  ['429', sending(429)],
  ['500', sending(500, '{"streams":[]}')],
  ['204 without a body', sending(204)],
  ['an empty body', sending(200)],
  ['bytes', sending(200, Buffer.from(Array.from({ length: 256 }, (_, n) => n)).toString('latin1'))],
  ['a page', HTML],
  ['an echo of the request', (req, res) => void res.end(`"no ${req.url}`)],
  [
    'an echo of the request as an error',
    (req, res) => void res.writeHead(500, `${req.url}`).end(req.url),
  ],
  ['null', sending(200, 'null')],
  ['a list', sending(200, '[[[]]]')],
  ['half an object', sending(200, '{"response":{"docs":[')],
  [
    'a gzip bomb',
    (_req, res) => {
      res.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(20_000_000)))
    },
  ],
  [
    'a length of gigabytes',
    (_req, res) => {
      res.writeHead(200, { 'content-length': '5000000000' }).write('{')
    },
  ],
  ['a redirect to itself', (req, res) => void res.writeHead(302, { location: req.url }).end()],
  ['a redirect to a file', sendingTo('file:///etc/passwd')],
  ['a redirect with a password', sendingTo('http://a:b@127.0.0.1/')],
]

function sendingTo(location: string): RequestListener {
  return (_req, res) => void res.writeHead(302, { location }).end()
}

/** 6 MB of spaces, then a good beginning: more than any provider may send. */
const TOO_MUCH: RequestListener = (_req, res) => {
  res.on('error', () => undefined)
  const chunk = Buffer.alloc(1_000_000, ' ')
  let sent = 0
  const more = (): void => {
    if (res.destroyed || sent > 400) return
    sent++
    res.write(chunk, () => more())
  }
  more()
}

/** A byte now and then, never an end. */
const DRIP: RequestListener = (_req, res) => {
  res.writeHead(200)
  const timer = setInterval(() => res.write(' '), 20)
  res.on('close', () => clearInterval(timer))
}

/** What holds for every provider; its own answers are tested beside it. */
export function sourceProviderContract(name: string, stage: ProviderStage): void {
  describe(`${name} as any provider`, () => {
    const leave = { now: new AbortController() }
    beforeEach(() => {
      leave.now = new AbortController()
    })
    afterEach(() => {
      leave.now.abort(new Error('the test is over'))
      endAll()
    })

    /** Asks a server; only its own port is open to us. */
    async function ask(answer: RequestListener, host = '127.0.0.1', lookup = named('127.0.0.1')) {
      const port = await serve(answer)
      const out = outbound([`127.0.0.1/32:${port}`], lookup)
      return find(`http://${host}:${port}`, out)
    }
    const find = async (base: string, out: Outbound) => {
      const parts = { base, outbound: out, clock: handClock(), names: nightsName }
      const sources = await stage.find(parts, leave.now.signal)
      if (stage.failsSilently && sources.length === 0) throw new Fault('UPSTREAM_FAILED')
      return sources
    }

    test('finds sources that a source list can hold, and shows no key', async () => {
      const sources = await ask(stage.answer)
      expect(sources.length).toBeGreaterThan(0)
      const entries = sources.map((source) => {
        return { key: sourceKey(source), listed: true, retired: false, source }
      })
      const note = JSON.parse(JSON.stringify(storableSourceList({ usedAt: 1, entries })))
      expect(readStoredSourceList(note)?.entries).toEqual(entries)
      const shown = sources.map(({ label, filename, quality, provider, licence }) => {
        return { label, filename, quality, provider, licence }
      })
      expect(JSON.stringify(shown)).not.toContain(SECRET)
      expect(lines.join('')).not.toContain(SECRET)
    })

    const bad = BAD_ANSWERS.filter(([what]) => !stage.tolerates?.includes(what))
    test.each(bad)('fails on %s, and shows no key', async (_what, answer) => {
      const error = await ask(answer).then(
        () => undefined,
        (thrown: unknown) => thrown as Error,
      )
      expect(error?.name).toBe('Fault')
      const told = `${error} ${error?.message} ${error?.cause} ${lines.join('')}`
      expect(told).not.toContain(SECRET)
    })

    test('fails on a body without an end', async () => {
      await expect(ask(TOO_MUCH)).rejects.toThrow()
    })

    test.each([
      ['a server that drips', DRIP],
      ['a server that says nothing', () => undefined],
    ])('its signal ends %s', async (_what, answer) => {
      const closed = Promise.withResolvers<void>()
      const asked = ask((req, res) => {
        req.socket.once('close', () => closed.resolve())
        answer(req, res)
        setTimeout(() => leave.now.abort(new Error('late')), 60)
      })
      await expect(asked).rejects.toThrow()
      await closed.promise
    })

    test.each(FORMS)('is not led to %s', async (form) => {
      const victim = { connections: 0 }
      const server = (await import('node:net')).createServer((socket) => {
        victim.connections++
        socket.destroy()
      })
      const port = await listen(server)
      const location = `http://${form}:${port}/manifest.json`
      const lookup = form.startsWith('localhost') ? named('127.0.0.1') : undefined
      await expect(ask(sendingTo(location), '127.0.0.1', lookup)).rejects.toThrow()
      await expect(find(`http://${form}:${port}`, outbound([], lookup))).rejects.toThrow()
      expect(victim.connections).toBe(0)
    })

    test('a name with one private address is not asked', async () => {
      const asked = { times: 0 }
      const answer: RequestListener = (req, res) => {
        asked.times++
        stage.answer(req, res)
      }
      const lookup = named('127.0.0.1', '10.0.0.1')
      await expect(ask(answer, 'rebinding.test', lookup)).rejects.toThrow()
      expect(asked.times).toBe(0)
    })
  })
}
