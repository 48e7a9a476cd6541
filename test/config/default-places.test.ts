import { describe, expect, test } from '@jest/globals'
import { defaultCacheDir, shippedCatalogue } from '../../config/default-places.ts'

describe('defaultCacheDir', () => {
  const home = { HOME: '/home/ann' }
  test.each([
    ['linux', { ...home, XDG_CACHE_HOME: '/x' }, '/x/playlink'],
    ['darwin', { ...home, XDG_CACHE_HOME: '/x' }, '/x/playlink'],
    ['linux', home, '/home/ann/.cache/playlink'],
    ['linux', { ...home, XDG_CACHE_HOME: 'relative' }, '/home/ann/.cache/playlink'],
    ['linux', { ...home, XDG_CACHE_HOME: '' }, '/home/ann/.cache/playlink'],
    ['darwin', home, '/home/ann/Library/Caches/playlink'],
    ['win32', { LOCALAPPDATA: '/local' }, '/local/playlink'],
    ['win32', {}, '/temp/playlink'],
    ['linux', {}, '/temp/playlink'],
    ['linux', { HOME: '' }, '/temp/playlink'],
    ['linux', { HOME: 'relative' }, '/temp/playlink'],
  ] as const)('%s %j: %s', (platform, env, dir) => {
    expect(defaultCacheDir(env, platform, '/temp')).toBe(dir)
  })
})

test('the shipped catalogue is named absolutely, wherever the server was started', () => {
  expect(shippedCatalogue).toMatch(/^\/.*\/catalogue\/free-titles\.yaml$/)
})
