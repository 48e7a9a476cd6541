import { describe, expect, test } from '@jest/globals'
import { allowList, baseUrl, listenHost, trustProxy } from '../../config/network-values.ts'

describe('listenHost', () => {
  test.each(['0.0.0.0', '127.0.0.1', '::', '::1', 'localhost', 'films.example.org', 'a-1.b'])(
    'reads %j',
    (text) => expect(listenHost(text, '/')).toBe(text),
  )

  test.each([
    ...['[::1]', '127.0.0.1:80', '127.0.0', '256.0.0.1', 'a b', 'http://x', '-a', 'a-', 'a..b'],
    ...['a_b', '', `${'a'.repeat(250)}.org`],
  ])('refuses %j', (text) => {
    expect(() => listenHost(text, '/')).toThrow('must be an IP address or a host name')
  })
})

describe('baseUrl', () => {
  test.each([
    ['http://films.example.org', 'http://films.example.org'],
    ['HTTPS://Films.Example.org:443/', 'https://films.example.org'],
    ['https://films.example.org:8443/playlink/', 'https://films.example.org:8443/playlink'],
    ['http://[::1]:7000/a/b//', 'http://[::1]:7000/a/b'],
  ])('%j becomes %j', (text, url) => expect(baseUrl(text, '/')).toBe(url))

  test.each(['films.example.org', '/playlink', 'ftp://x', 'javascript:alert(1)', 'http://', ''])(
    'refuses %j',
    (text) => expect(() => baseUrl(text, '/')).toThrow('must be an http or https URL'),
  )

  test.each(['http://x/?', 'http://x/?a=b', 'http://x/#', 'http://x/a#b'])('refuses %j', (text) => {
    expect(() => baseUrl(text, '/')).toThrow('must have no "?" and no "#"')
  })

  test('refuses credentials without repeating them', () => {
    expect(() => baseUrl('http://me:hunter2@x/?', '/')).toThrow(
      /^must not hold a user name or a password\.$/,
    )
  })
})

describe('trustProxy', () => {
  test.each([
    ['true', true],
    ['false', false],
    ['0', 0],
    ['2', 2],
    ['loopback', 'loopback'],
    ['loopback, 10.0.0.0/8', 'loopback,10.0.0.0/8'],
    [
      '192.0.2.1,2001:db8::/32,uniquelocal,linklocal',
      '192.0.2.1,2001:db8::/32,uniquelocal,linklocal',
    ],
  ])('%j becomes %j', (text, value) => expect(trustProxy(text, '/')).toBe(value))

  test.each([
    ...['', 'all', '-1', '100', '1.5', 'loopback,', '10.0.0.0/33', '10.0.0.0/0', '10.0.0/8'],
    ...['::/129', '10.0.0.0/8/8', '10.0.0.0/', 'proxy.example.org'],
  ])('refuses %j', (text) => {
    expect(() => trustProxy(text, '/')).toThrow('must be a number of hops')
  })
})

describe('allowList', () => {
  test('keeps entries as written, by commas or spaces', () => {
    expect(allowList('127.0.0.0/8, 192.168.1.0/24:8080 10.1.2.3/32', '/')).toEqual([
      '127.0.0.0/8',
      '192.168.1.0/24:8080',
      '10.1.2.3/32',
    ])
  })

  test.each(['true', '10.0.0.0/99', '127.0.0.0/8,nonsense', '10.0.0.0/8:99999'])(
    'refuses %j and names the entry',
    (text) => {
      const entry = text.split(',').at(-1)
      expect(() => allowList(text, '/')).toThrow(`has a bad entry: "${entry}"`)
    },
  )
})
