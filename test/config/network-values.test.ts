import { networkInterfaces } from 'node:os'
import { describe, expect, test } from '@jest/globals'
import {
  allowList,
  baseUrl,
  contact,
  listenHost,
  localPlace,
  portMap,
  socksProxy,
  trustProxy,
  webPage,
} from '../../config/network-values.ts'

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

describe('contact', () => {
  test.each([
    ['kino@films.example', 'mailto:kino@films.example'],
    ['a.b+films@sub.films.example', 'mailto:a.b+films@sub.films.example'],
    ['https://films.example/about', 'https://films.example/about'],
  ])('%j becomes %j', (text, link) => expect(contact(text, '/')).toBe(link))

  test.each([
    ...[
      'kino',
      'kino@films',
      '@films.example',
      'a b@films.example',
      'kino@films.example?cc=x@y.zz',
    ],
    ...['javascript:alert(1)', 'mailto:kino@films.example', 'https://me:secret@films.example', ''],
  ])('refuses %j', (text) => {
    expect(() => contact(text, '/')).toThrow('must be an e-mail address or an http or https URL')
  })
})

describe('webPage', () => {
  test('keeps path, question and place', () =>
    expect(webPage('https://films.example/a?b=c#d', '/')).toBe('https://films.example/a?b=c#d'))

  test.each(['films.example', 'javascript:alert(1)', 'data:text/html,x'])('refuses %j', (text) => {
    expect(() => webPage(text, '/')).toThrow('must be an http or https URL')
  })

  test('shows no password', () =>
    expect(() => webPage('https://me:s3cret@films.example', '/')).toThrow(
      'must not hold a user name or a password.',
    ))
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

describe('localPlace', () => {
  test('takes an address and an interface of this machine', () => {
    const [name = '', addresses = []] =
      Object.entries(networkInterfaces()).find(([, all]) =>
        all?.some(({ address }) => address === '127.0.0.1'),
      ) ?? []
    expect(addresses.length).toBeGreaterThan(0)
    for (const place of ['127.0.0.1', name]) expect(localPlace(place, '/')).toBe(place)
  })

  test.each(['tun99', '198.51.100.77', '2001:db8::77', '0.0.0.0', '127.0.0.1:80', ''])(
    'refuses %j, which is not here, and says what is',
    (text) => {
      expect(() => localPlace(text, '/')).toThrow(/is none now \(its interfaces: .*\bl/)
    },
  )
})

describe('socksProxy', () => {
  test.each([
    ['socks5://127.0.0.1:9050', { host: '127.0.0.1', port: 9050 }],
    ['SOCKS5h://proxy.example/', { host: 'proxy.example', port: 1080 }],
    ['socks5://[::1]:1', { host: '::1', port: 1 }],
    ['socks5://me:p%3Ass@h:2', { host: 'h', port: 2, user: 'me', password: 'p:ss' }],
  ])('%j', (text, proxy) => {
    expect(socksProxy(text, '/')).toEqual({ user: undefined, password: undefined, ...proxy })
  })

  test.each([
    ...['', '127.0.0.1:9050', 'socks4://h:1', 'http://h:1', 'socks5://', 'socks5://h:0'],
    ...['socks5://h:70000', 'socks5://me@h:1', 'socks5://:x@h:1', 'socks5://h:1/path'],
    ...['socks5://h:1?x', 'socks5://h:1#x', 'socks5://%zz:x@h:1'],
  ])('refuses %j', (text) => {
    expect(() => socksProxy(text, '/')).toThrow('must be socks5://host:port')
  })

  test('refuses what one byte of length cannot say, without repeating it', () => {
    const long = 'x'.repeat(256)
    expect(() => socksProxy(`socks5://me:${long}@h:1`, '/')).toThrow(/^must have a user .* each\.$/)
  })
})

describe('portMap', () => {
  test.each([
    ['on', 'auto'],
    ['off', undefined],
    ['0', undefined],
    ['192.168.1.1', '192.168.1.1'],
  ])('%j', (text, gateway) => expect(portMap(text, '/')).toBe(gateway))

  test.each(['', 'auto', '::1', '192.168.1', 'router', '192.168.1.1:5351'])(
    'refuses %j',
    (text) => {
      expect(() => portMap(text, '/')).toThrow('must be on, off or the IPv4 address of a gateway')
    },
  )
})
