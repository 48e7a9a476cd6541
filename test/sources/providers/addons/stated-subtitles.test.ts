import { createHash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { readSubtitles } from '../../../../sources/providers/addons/stated-subtitles.ts'

const read = (given: unknown) => readSubtitles(given, (url) => /^https?:\/\/(?!own)/.test(url))
const url = 'https://subs.example/night.eng.srt'
const idOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12)

test('address, language, and an id that stays the same', () => {
  expect(read([{ id: '1', url, lang: 'eng' }])).toEqual([{ id: idOf(url), url, lang: 'eng' }])
})

test.each([
  ['eng', 'eng'],
  ['en', 'eng'],
  ['pt-BR', 'pob'],
  ['English', 'eng'],
  ['Français (forced)', 'fre'],
  ['fre|SDH', 'fre'],
  ['', 'und'],
  ['Klingon', 'und'],
  [undefined, 'und'],
  [null, 'und'],
  [7, 'und'],
  ['eng'.repeat(5000), 'und'],
])('the language %j is %s', (lang, code) => {
  expect(read([{ id: '1', url, lang }]).map((one) => one.lang)).toEqual([code])
})

test.each([
  ['no list', { url }],
  ['null', null],
  ['a text', url],
  ['no address', [{ id: '1', lang: 'eng' }]],
  ['another scheme', [{ url: 'ftp://subs.example/a.srt', lang: 'eng' }]],
  ['a script', [{ url: 'javascript:alert(1)', lang: 'eng' }]],
  ['data', [{ url: 'data:text/vtt,WEBVTT', lang: 'eng' }]],
  ['a relative address', [{ url: '/night.srt', lang: 'eng' }]],
  ['our own address', [{ url: 'https://own.example/a.srt', lang: 'eng' }]],
  ['an archive', [{ url: 'https://subs.example/a.zip', lang: 'eng' }]],
  ['pictures', [{ url: 'https://subs.example/a.idx', lang: 'eng' }]],
  ['a long address', [{ url: `${url}?${'x'.repeat(2000)}`, lang: 'eng' }]],
])('%s is none', (_, given) => expect(read(given)).toEqual([]))

test('what is wrong costs no other', () => {
  const given = [7, null, { url: 'ftp://a/b', lang: 'eng' }, { url, lang: 'ger' }, { url: {} }]
  expect(read(given)).toMatchObject([{ url, lang: 'ger' }])
})

test('user and password become a header', () => {
  const given = [{ url: 'https://me:pass@subs.example/a.srt', lang: 'eng' }]
  const Authorization = `Basic ${Buffer.from('me:pass').toString('base64')}`
  expect(read(given)).toMatchObject([
    { url: 'https://subs.example/a.srt', request: { Authorization } },
  ])
})

test('each address once, at most 16, and 4,000 characters together', () => {
  const many = Array.from({ length: 500 }, (_, n) => ({ url: `${url}?n=${n % 50}`, lang: 'eng' }))
  const found = read([...many.slice(0, 2), ...many])
  expect(found).toHaveLength(16)
  expect(new Set(found.map(({ id }) => id)).size).toBe(16)
  const long = many.map((one) => ({ ...one, url: `${one.url}&${'x'.repeat(900)}` }))
  expect(read(long)).toHaveLength(4)
})
