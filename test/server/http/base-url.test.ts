import { afterEach, describe, expect, test } from '@jest/globals'
import express from 'express'
import { createBaseUrl } from '../../../server/http/base-url.ts'
import { hostNameOf, isLoopback } from '../../../server/http/host.ts'
import { ask } from '../ask.ts'
import { startServer, type TestServer } from '../fakes.ts'

let server: TestServer | undefined
afterEach(() => server?.stop())

const PROXIED = {
  Host: 'inner:7000',
  'X-Forwarded-Proto': 'https',
  'X-Forwarded-Host': 'Films.example, other.example',
  'X-Forwarded-Prefix': '/sub/path/',
}

async function baseOf(
  config: { publicUrl?: string; trustProxy?: string },
  headers: Record<string, string>,
): Promise<unknown> {
  const baseUrl = createBaseUrl({ publicUrl: config.publicUrl })
  const addonRoutes = express.Router().get('/base', (req, res) => {
    res.json(baseUrl(req))
  })
  server = await startServer({ addonRoutes, config })
  const answer = await ask(server.port, '/base', { headers })
  return answer.status === 200 ? answer.json() : answer.status
}

describe('base URL', () => {
  const local = { trustProxy: 'loopback' }
  const rows: readonly [string, Parameters<typeof baseOf>[0], Record<string, string>, unknown][] = [
    ['PUBLIC_URL wins', { publicUrl: 'https://p/x', ...local }, PROXIED, 'https://p/x'],
    ['the Host', {}, { Host: 'Box.local:7000' }, 'http://box.local:7000'],
    ['an IPv6 Host', {}, { Host: '[::1]:7000' }, 'http://[::1]:7000'],
    ['nobody trusted', {}, PROXIED, 'http://inner:7000'],
    ['another trusted', { trustProxy: '10.0.0.0/8' }, PROXIED, 'http://inner:7000'],
    ['the peer trusted', local, PROXIED, 'https://films.example/sub/path'],
    ['a bad forwarded host', local, { ...PROXIED, 'X-Forwarded-Host': 'a/b' }, 400],
    ['a bad protocol', local, { Host: 'a', 'X-Forwarded-Proto': 'ftp' }, 'http://a'],
  ]
  test.each(rows)('%s', async (_, config, headers, base) => {
    expect(await baseOf(config, headers)).toBe(base)
  })

  test.each(['/../x', '//evil.example', 'x', '/a?b', '/a"b', `/${'a'.repeat(300)}`])(
    'the prefix %j is left out',
    async (prefix) => {
      const headers = { Host: 'a', 'X-Forwarded-Prefix': prefix }
      expect(await baseOf(local, headers)).toBe('http://a')
    },
  )
})

describe('hosts', () => {
  test('are names or addresses with a port', () => {
    expect(hostNameOf('A-b.example:80')).toBe('a-b.example')
    expect(hostNameOf('[::1]')).toBe('[::1]')
    for (const bad of ['', '-a', 'a:', 'a:65536', '[::g]', '::1', 'a\u0000', 'ä', 'a,b']) {
      expect(hostNameOf(bad)).toBeUndefined()
    }
  })

  test('loopback is told apart from what looks like it', () => {
    for (const name of [
      'localhost',
      '127.0.0.1',
      '127.9.9.9',
      '[::1]',
      '::1',
      '::ffff:127.0.0.1',
    ]) {
      expect(isLoopback(name)).toBe(true)
    }
    for (const name of [
      '127.0.0.1.evil.example',
      'localhost.evil.example',
      '10.0.0.1',
      '',
      '::2',
    ]) {
      expect(isLoopback(name)).toBe(false)
    }
  })
})
