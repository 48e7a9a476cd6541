import { describe, expect, test } from '@jest/globals'
import { BadValue } from '../../config/bad-value.ts'
import { redisPlace } from '../../config/redis-place.ts'

const place = (text: string) => redisPlace(text, '/')

const plain = {
  kind: 'one',
  tls: false,
  username: undefined,
  password: undefined,
  db: 0,
  master: undefined,
  sentinelUsername: undefined,
  sentinelPassword: undefined,
}
const at = (host: string, port: number) => ({ host, port })

describe('one server', () => {
  test.each([
    ['redis://127.0.0.1:6379', { nodes: [at('127.0.0.1', 6379)] }],
    ['redis://films', { nodes: [at('films', 6379)] }],
    ['redis://films/', { nodes: [at('films', 6379)] }],
    ['redis://films:1/3', { nodes: [at('films', 1)], db: 3 }],
    ['redis://[::1]:7000', { nodes: [at('::1', 7000)] }],
    ['rediss://films', { nodes: [at('films', 6379)], tls: true }],
    ['redis://:s%40%2Cs@films', { nodes: [at('films', 6379)], password: 's@,s' }],
    ['redis://ann:pw@films', { nodes: [at('films', 6379)], username: 'ann', password: 'pw' }],
  ])('%s', (text, expected) => {
    expect(place(text)).toEqual({ ...plain, ...expected })
  })
})

describe('a cluster', () => {
  const nodes = [at('a', 7000), at('b', 7001)]
  test.each([
    ['redis://a:7000,b:7001', { nodes }],
    ['redis://a:7000 redis://b:7001', { nodes }],
    ['redis://a:7000,\n  redis://b:7001/0', { nodes }],
    ['redis+cluster://a:7000', { nodes: [at('a', 7000)] }],
    ['rediss+cluster://u:p@a:7000,b:7001', { nodes, tls: true, username: 'u', password: 'p' }],
  ])('%s', (text, expected) => {
    expect(place(text)).toEqual({ ...plain, kind: 'cluster', ...expected })
  })
})

describe('sentinels', () => {
  const nodes = [at('a', 26_379), at('b', 1)]
  test.each([
    ['redis+sentinel://a,b:1/films', { nodes }],
    ['redis+sentinel://a/films redis+sentinel://b:1/films', { nodes }],
    ['rediss+sentinel://:pw@a,b:1/films/2', { nodes, tls: true, password: 'pw', db: 2 }],
    [
      'redis+sentinel://a,b:1/films?sentinelUsername=s&sentinelPassword=t',
      { nodes, sentinelUsername: 's', sentinelPassword: 't' },
    ],
  ])('%s', (text, expected) => {
    expect(place(text)).toEqual({ ...plain, kind: 'sentinel', master: 'films', ...expected })
  })
})

test.each([
  ['films:6379', 'scheme'],
  ['http://films', 'scheme'],
  [',', 'scheme'],
  ['redis://', 'host'],
  ['redis://films:99999', 'host'],
  ['redis://films,:6379', 'host'],
  ['redis://films#x', 'host'],
  ['redis://films?db=secret2', 'behind the "?"'],
  ['redis://u:6379?secret@films', 'behind the "?"'],
  ['redis://films/films', 'database number'],
  ['redis://films/1/2', 'database number'],
  ['redis://films/01', 'database number'],
  ['redis://a,b/1', 'but 0'],
  ['redis+sentinel://a', 'name is missing'],
  ['redis+sentinel://a/ x', 'name is missing'],
  ['redis+sentinel://a/films/x', 'database number'],
  ['redis://a/1 redis://b/2', 'more than one path'],
  ['redis://a rediss://b', 'more than one scheme'],
  ['redis+cluster://a redis+sentinel://b/c', 'more than one kind'],
  ['redis://u:secret1@a,v:secret2@b', 'more than one user name'],
  ['redis://:secret1@a,:secret2@b', 'more than one password'],
  ['redis://:secret%@a', 'stands alone'],
  [`redis://:${'secret'.repeat(700)}@a`, 'more than 4096 characters'],
  [`redis+sentinel://a/b?sentinelPassword=${'secret'.repeat(700)}`, 'too long'],
])('%s is refused, and no part of it shown', (text, why) => {
  expect(() => place(text)).toThrow(BadValue)
  expect(() => place(text)).toThrow(why)
  expect(() => place(text)).not.toThrow('secret')
})
