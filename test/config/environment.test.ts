import { describe, expect, test } from '@jest/globals'
import { createLookup, readDotEnv } from '../../config/environment.ts'

const files = (contents: Record<string, string>) => ({
  cwd: '/srv',
  readFile: (path: string) => {
    const text = contents[path]
    if (text === undefined) throw Object.assign(new Error('no'), { code: 'ENOENT' })
    return text
  },
})

describe('NAME_FILE', () => {
  const lookup = createLookup(
    { A_FILE: '/run/a', B_FILE: 'b', C_FILE: '/none', D_FILE: '/empty', E: 'e', E_FILE: '/run/a' },
    {},
    files({ '/run/a': 'secret\n', '/srv/b': ' two\nlines \r\n', '/empty': '\n' }),
  )

  test('the file holds the value, without one last newline', () => {
    expect(lookup('A')).toBe('secret')
    expect(lookup('B')).toBe(' two\nlines ')
  })

  test('a file that is not there, an empty one, and both forms at once are faults', () => {
    expect(() => lookup('C')).toThrow('is to come from C_FILE, which cannot be read (ENOENT).')
    expect(() => lookup('D')).toThrow('is to come from D_FILE, which is empty.')
    expect(() => lookup('E')).toThrow('and E_FILE are both set')
  })

  test('an empty value counts as not set, in either form', () => {
    const env = { A: '', A_FILE: '', B: 'b', B_FILE: '', C: '', C_FILE: '/c' }
    const some = createLookup(env, {}, files({ '/c': 'c' }))
    expect([some('A'), some('B'), some('C')]).toEqual([undefined, 'b', 'c'])
  })
})

describe('.env', () => {
  test('is read as Node does, with or without a byte order mark', () => {
    const dotEnv = readDotEnv(
      files({
        '/srv/.env': '\ufeffPORT=8000\n# a remark\nexport HOST="::1"\nCACHE_DIR=\'a b\' # x\n',
      }),
    )
    expect({ ...dotEnv }).toEqual({ PORT: '8000', HOST: '::1', CACHE_DIR: 'a b' })
  })

  test('need not be there', () => {
    expect(readDotEnv(files({}))).toEqual({})
  })

  test('errors of any kind are said', () => {
    const readFile = () => {
      throw new Error('no code')
    }
    expect(() => readDotEnv({ cwd: '/srv', readFile })).toThrow('cannot be read (unknown error)')
  })

  test('the real environment wins, whichever form it or .env uses', () => {
    const dotEnv = { A: 'dot', B: 'dot', C_FILE: '/dot', D: 'dot', E_FILE: '/dot', F: 'dot' }
    const env = { B: 'real', C: 'real', D_FILE: '/real', F: '' }
    const lookup = createLookup(env, dotEnv, files({ '/real': 'file', '/dot': 'dot file' }))
    expect(['A', 'B', 'C', 'D', 'E', 'F'].map(lookup)).toEqual([
      'dot',
      'real',
      'real',
      'file',
      'dot file',
      undefined,
    ])
  })
})
