import { describe, expect, test } from '@jest/globals'
import {
  addonUrls,
  feedUrls,
  serviceUrl,
  serviceUrlOrOff,
  torznabUrls,
} from '../../config/provider-values.ts'

const KEY = 'geheim0123456789'

describe('addresses of providers', () => {
  test('stand one after the other, each once', () => {
    const one = 'https://a.example/api?apikey=k'
    expect(torznabUrls(` ${one}\n http://b.example/1/api/ ${one}`, '/')).toEqual([
      one,
      'http://b.example/1/api/',
    ])
    expect(feedUrls('https://f.example/x?y=z#name', '/')).toEqual(['https://f.example/x?y=z#name'])
    expect(addonUrls('STREMIO://a.example/cfg/manifest.json', '/')).toEqual([
      'https://a.example/cfg/manifest.json',
    ])
  })

  test.each([
    ['no URL', torznabUrls, `${KEY}`],
    ['another scheme', torznabUrls, `ftp://a.example/api?apikey=${KEY}`],
    ['a password', feedUrls, `https://ann:${KEY}@f.example/rss`],
    ['no API', torznabUrls, `https://a.example/${KEY}/rss`],
    ['no manifest', addonUrls, `https://a.example/${KEY}/configure`],
    ['too long', feedUrls, `https://a.example/?k=${KEY.repeat(200)}`],
    ['nothing', feedUrls, '  '],
  ])('%s is refused, and no key shown', (_what, parse, text) => {
    let message = ''
    try {
      parse(text, '/')
    } catch (error) {
      message = String(error)
    }
    expect(message).toContain('BadValue')
    expect(message).not.toContain(KEY)
  })
})

test('a service has a plain base', () => {
  expect(serviceUrl('http://h.example:81/x/', '/')).toBe('http://h.example:81/x')
  for (const bad of [
    'h.example',
    'ftp://h.example',
    'http://u:p@h.example',
    'http://h.example?a',
  ]) {
    expect(() => serviceUrl(bad, '/')).toThrow('must')
  }
  expect(serviceUrlOrOff('OFF', '/')).toBeUndefined()
  expect(serviceUrlOrOff('https://m.example', '/')).toBe('https://m.example')
})
