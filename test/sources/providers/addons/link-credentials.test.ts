import { expect, test } from '@jest/globals'
import { linkWithHeader } from '../../../../sources/providers/addons/link-credentials.ts'

const basic = (pair: string) => ({ Authorization: `Basic ${Buffer.from(pair).toString('base64')}` })

test.each([
  ['https://me:secret@films.example/a.mkv?b=1#c', 'https://films.example/a.mkv?b=1#c', 'me:secret'],
  ['http://me@films.example:8080/a.mkv', 'http://films.example:8080/a.mkv', 'me:'],
  ['HTTPS://:key@films.example/a.mkv', 'https://films.example/a.mkv', ':key'],
  ['https://m%40e:s%3Aec%2Fret@films.example/', 'https://films.example/', 'm@e:s:ec/ret'],
  ['https://50%:\u00e9@films.example/', 'https://films.example/', '50%:\u00e9'],
])('%s', (text, url, pair) => {
  expect(linkWithHeader(text)).toEqual({ url, request: basic(pair) })
})

test.each([
  'https://films.example/a@b.mkv',
  'https://films.example/?to=https://me:secret@other.example/',
  'magnet:?xt=urn:btih:0000000000000000000000000000000000000000&tr=http://me:x@tracker.example',
  'ftp://me:secret@films.example/a.mkv',
  'https://@films.example/a.mkv',
  'https://me:secret@/a.mkv',
  'me:secret@films.example',
  '',
  `https://${'x'.repeat(1000)}:secret@films.example/`,
])('%.60s is left as it is', (text) => {
  expect(linkWithHeader(text)).toEqual({ url: text })
})
