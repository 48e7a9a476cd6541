import { describe, expect, test } from '@jest/globals'
import {
  addonUrls,
  providerUrls,
  serviceUrl,
  serviceUrlOrOff,
} from '../../config/provider-values.ts'

const KEY = 'geheim0123456789'

describe('addresses of providers', () => {
  test.each([',', ';'])('stand apart by spaces, not by “%s”', (mark) => {
    const text = `https://a.example/?apikey=${KEY}${mark}https://b.example/`
    expect(() => providerUrls(text, '/')).toThrow(
      'separated by spaces alone; entry 1 (host a.example)',
    )
    expect(() => providerUrls(text, '/')).not.toThrow(KEY)
    expect(providerUrls(`https://a.example/a${mark}b`, '/')).toEqual([
      `https://a.example/a${mark}b`,
    ])
  })

  test('stand one after the other, each once', () => {
    const one = 'https://a.example/api?apikey=k'
    expect(providerUrls(` ${one}\n http://b.example/1/api/ ${one}`, '/')).toEqual([
      one,
      'http://b.example/1/api/',
    ])
    expect(providerUrls('https://f.example/x?y=z#name', '/')).toEqual([
      'https://f.example/x?y=z#name',
    ])
    expect(addonUrls('STREMIO://a.example/cfg/manifest.json', '/')).toEqual([
      'https://a.example/cfg/manifest.json',
    ])
    expect(addonUrls('https://a.example/cfg/?x=y#name', '/')).toEqual([
      'https://a.example/cfg/manifest.json?x=y#name',
    ])
  })

  test.each([
    'https://a.example/cfg',
    'https://a.example/cfg/',
    'https://a.example/cfg//manifest.json',
    'https://a.example/cfg/manifest.json/',
    'https://a.example/cfg///manifest.json//',
  ])('%s is the address of a manifest', (address) => {
    expect(addonUrls(address, '/')).toEqual(['https://a.example/cfg/manifest.json'])
  })

  test('hold settings of up to 8 KiB', () => {
    const long = `https://a.example/${'s'.repeat(8000)}/manifest.json`
    expect(addonUrls(long, '/')).toEqual([long])
  })

  test.each([
    ['no URL', providerUrls, `${KEY}`],
    ['another scheme', providerUrls, `ftp://a.example/api?apikey=${KEY}`],
    ['a password', providerUrls, `https://ann:${KEY}@f.example/rss`],
    ['a page', addonUrls, `https://a.example/${KEY}/configure`],
    ['too long', providerUrls, `https://a.example/?k=${KEY.repeat(600)}`],
    ['nothing', providerUrls, '  '],
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
