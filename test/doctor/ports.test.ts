import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterEach, describe, expect, test } from '@jest/globals'
import { checkTorrentPort, lookAtOwnPort, lookAtPort } from '../../doctor/port-checks.ts'
import { checkPublicUrl } from '../../doctor/public-url-check.ts'
import { checkRanges } from '../../doctor/range-check.ts'
import { freePort } from '../support/free-port.ts'
import { startWeb, type Web } from '../support/web.ts'
import { configOf, like, never } from './setup.ts'

let open: { close(): unknown }[] = []
afterEach(async () => {
  await Promise.all(open.map((one) => one.close()))
  open = []
})

async function webThat(...answer: Parameters<typeof startWeb>): Promise<Web> {
  const web = await startWeb(...answer)
  open.push(web)
  return web
}

const json = (status: number, body: object, headers = {}) =>
  webThat((_req, res) => void res.writeHead(status, headers).end(JSON.stringify(body)))

const host = '127.0.0.1'

describe('PORT', () => {
  test('is free, or any', async () => {
    const port = await freePort()
    expect(await lookAtPort({ host, port }, never)).toEqual({
      ...{ verdict: like('ok', 'is free'), serves: false },
    })
    // Nothing of it is left behind.
    const server = createServer().listen(port, host)
    await once(server, 'listening')
    server.close()
    expect((await lookAtPort({ host, port: 0 }, never)).verdict).toEqual(like('ok', 'any'))
  })

  test.each([
    [200, 'serving', 'ok', 'a Playlink serves', undefined],
    [503, 'starting', 'warning', 'it says "starting"', 'run this again'],
    [503, 'no-room', 'fault', 'it says "no-room"', 'Make room'],
  ] as const)('a Playlink is there: %i %s', async (status, said, state, text, todo) => {
    const { port, requests } = await json(status, { status: said, uptimeSeconds: 1 })
    expect(await lookAtPort({ host, port }, never)).toEqual({
      ...{ verdict: like(state, text, todo), serves: true },
    })
    expect(requests).toEqual(['GET /ready'])
  })

  test('another program is there, or HOST is of another machine', async () => {
    const { port } = await webThat((_req, res) => void res.end('hello'))
    const taken = like('fault', 'is taken by another program', '--port 8000')
    expect(await lookAtPort({ host, port }, never)).toEqual({ verdict: taken, serves: false })
    const found = await lookAtPort({ host: '192.0.2.1', port }, never)
    expect(found.verdict).toEqual(like('fault', 'is no address of this machine', 'Set HOST'))
  })
})

test('TORRENT_PORT has to be free for TCP and for UDP', async () => {
  const look = (port: number, serves = false) =>
    checkTorrentPort(configOf({ TORRENT_PORT: String(port) }), serves)
  // Not a port that the system gives: for the other protocol a connection of somebody's may have it.
  const port = await freePort()
  expect(await look(port)).toEqual(like('ok', 'is free'))
  expect(await look(0)).toEqual(like('ok', 'any'))
  const tcp = createServer().listen(port)
  open.push(tcp)
  await once(tcp, 'listening')
  expect(await look(port)).toEqual(like('fault', 'TCP, EADDRINUSE', 'Set TORRENT_PORT'))
  expect(await look(port, true)).toEqual(like('ok', 'server that runs'))
  const udp = createSocket('udp4').bind(await freePort())
  open.push(udp)
  await once(udp, 'listening')
  const taken = like('fault', 'UDP, EADDRINUSE', 'Set TORRENT_PORT')
  expect(await look(udp.address().port)).toEqual(taken)
})

describe('PUBLIC_URL', () => {
  const anyOrigin = { 'Access-Control-Allow-Origin': '*' }
  const manifest = { id: 'app.playlink.streams' }
  const refusal = { error: { code: 'TOKEN_MISSING' } }
  const check = (url: string | undefined, serves = true, env = {}) =>
    checkPublicUrl(configOf({ ...(url && { PUBLIC_URL: url }), ...env }), serves, never)

  test('leads to this addon', async () => {
    const { base, requests } = await json(200, manifest, anyOrigin)
    expect(await check(`${base}/films`)).toEqual(like('ok', "with this addon's manifest"))
    expect(requests).toEqual(['GET /films/manifest.json'])
    expect(await check(undefined)).toEqual(like('ok', 'not set'))
  })

  test('leads to an addon that wants a token', async () => {
    const { base } = await json(403, refusal, anyOrigin)
    expect(await check(base, true, { ACCESS_TOKENS: '/tokens.json' })).toEqual(like('ok', base))
    expect(await check(base)).toEqual(like('fault', 'status 403', 'Set PUBLIC_URL'))
  })

  test.each([
    ['warning', 200, manifest, {}, 'without "Access-Control-Allow-Origin', 'hand on'],
    [
      'fault',
      200,
      { id: 'another' },
      anyOrigin,
      'not this addon',
      'your proxy hands to this server',
    ],
    ['fault', 302, {}, { Location: 'https://a.example/?key=k' }, '302', 'on to https://a.example:'],
    ['fault', 502, {}, {}, 'status 502', 'The proxy does not reach this server'],
  ] as const)('%s: %i %j %j', async (state, status, body, headers, text, todo) => {
    const { base } = await json(status, body, headers)
    expect(await check(base)).toEqual(like(state, text, todo))
  })

  test('leads nowhere, or to a proxy without a server', async () => {
    const nowhere = `http://127.0.0.1:${await freePort()}`
    expect(await check(nowhere)).toEqual(like('fault', 'ECONNREFUSED', 'mend PUBLIC_URL'))
    expect(await check(nowhere, false)).toEqual(like('warning', 'ECONNREFUSED', 'Start the server'))
    const { base } = await json(502, {})
    expect(await check(base, false)).toEqual(like('warning', 'status 502', 'Start the server'))
  })
})

describe('the port of the server that looks at itself', () => {
  test('is its own, and no other program is suspected', async () => {
    const { port } = await json(200, { status: 'serving', uptimeSeconds: 1 })
    expect(await lookAtOwnPort({ host, port }, never)).toEqual({
      ...{ verdict: like('ok', 'a Playlink serves'), serves: true },
    })
    const closed = await lookAtOwnPort({ host, port: await freePort() }, never)
    expect(closed).toEqual({ verdict: like('fault', 'does not answer', 'firewall'), serves: true })
  })
})

describe('HEAD and Range', () => {
  const part = { 'Content-Range': 'bytes 0-0/5' }
  const file = (range: [number, object], head: [number, object]) =>
    webThat((req, res) => {
      const [status, headers] = req.method === 'HEAD' ? head : range
      res.writeHead(status, { ...headers }).end(req.method === 'HEAD' ? undefined : 'a')
    })
  const size = { 'Content-Length': '5' }

  test.each([
    [[206, part], [200, size], 'ok', 'as films need it', undefined],
    [[200, {}], [200, size], 'fault', 'a Range with status 200', 'Content-Range'],
    [[206, {}], [200, size], 'fault', 'a Range with status 206', 'Content-Range'],
    [[206, part], [405, size], 'warning', 'HEAD with status 405', 'hand on HEAD'],
  ] as const)('%j %j', async (range, head, state, text, todo) => {
    const web = await file([...range], [...head])
    const base = `http://${host}:${web.port}`
    expect(await checkRanges({ publicUrl: undefined }, base, never)).toEqual(
      like(state, text, todo),
    )
    expect(await checkRanges({ publicUrl: base }, 'http://127.0.0.1:9', never)).toEqual(
      like(state, text, todo),
    )
  })

  test('are not asked for where no server runs, and silence is told', async () => {
    expect(await checkRanges({ publicUrl: undefined }, undefined, never)).toEqual(
      like('ok', 'not asked'),
    )
    const silent = `http://${host}:${await freePort()}`
    expect(await checkRanges({ publicUrl: undefined }, silent, never)).toEqual(
      like('warning', 'could not be asked', 'PUBLIC_URL'),
    )
  })
})
