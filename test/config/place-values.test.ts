import { describe, expect, test } from '@jest/globals'
import { filePath, folder, folders, places } from '../../config/place-values.ts'

describe('folder', () => {
  test('is made absolute', () => {
    expect(folder('cache', '/srv/playlink')).toBe('/srv/playlink/cache')
    expect(folder('../x/', '/srv/playlink')).toBe('/srv/x')
    expect(folder('/var/cache/my films', '/srv')).toBe('/var/cache/my films')
  })

  test.each(['~', '~/films', '~\\films'])('refuses %j, which only a shell reads', (text) => {
    expect(() => folder(text, '/')).toThrow('home folder written out')
    expect(() => places(`/a ${text}`, '/')).toThrow('home folder written out')
    expect(folder(`./${text}`, '/srv')).toBe(`/srv/${text}`)
    expect(folder('~a/b~', '/srv')).toBe('/srv/~a/b~')
  })

  test('refuses a NUL', () => {
    expect(() => folder('a\0b', '/')).toThrow('must be a path')
  })
})

describe('filePath', () => {
  test('is made absolute', () => {
    expect(filePath('x/index.sqlite', '/srv')).toBe('/srv/x/index.sqlite')
  })

  test.each(['x/', 'x\\', '/'])('refuses the folder %j', (text) => {
    expect(() => filePath(text, '/srv')).toThrow('must be a file')
  })
})

describe('places', () => {
  test('reads files, folders and URLs, separated by any space', () => {
    expect(places('a.yaml  ./b/\n/c https://x.example/d.json?e=f', '/srv')).toEqual([
      '/srv/a.yaml',
      '/srv/b',
      '/c',
      'https://x.example/d.json?e=f',
    ])
  })

  test('a file: URL can name a path with a space', () => {
    expect(places('file:///srv/my%20films/a.yaml', '/')).toEqual(['/srv/my films/a.yaml'])
  })

  test.each(['ftp://x/a', 'magnet:?xt=urn:btih:00', 'http://', 'https:'])('refuses %j', (text) => {
    expect(() => places(text, '/')).toThrow('must name files, folders, http or https URLs')
  })

  test.each(['file://elsewhere/a.yaml', 'file:///a%2Fb'])('refuses %j', (text) => {
    expect(() => places(text, '/')).toThrow('must name files of this machine')
  })

  test('refuses nothing but spaces', () => {
    expect(() => places('  ', '/')).toThrow('must name at least one')
  })
})

describe('folders', () => {
  test('reads each once, also as a file: URL', () => {
    expect(folders('films ./films\nfile:///my%20series', '/srv')).toEqual([
      '/srv/films',
      '/my series',
    ])
  })

  test.each([
    ['http://x.example/films', 'must name folders of this machine, not web addresses.'],
    ['HTTPS://x.example', 'must name folders of this machine, not web addresses.'],
    [' ', 'must name at least one folder.'],
    ['ftp://x.example/films', 'must name'],
  ])('refuses %s', (text, sentence) => {
    expect(() => folders(text, '/srv')).toThrow(sentence)
  })
})
