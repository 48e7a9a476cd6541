import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { readRelease } from '../../sources/names/read-release.ts'

const FIELDS = ['resolution', 'medium', 'codec', 'hdr', 'audio', 'languages', 'group'] as const

/** What is the same by another name. */
const SAME: Readonly<Record<string, string>> = {
  x264: 'avc',
  h264: 'avc',
  x265: 'hevc',
  h265: 'hevc',
  ddp: 'dd+',
  eac3: 'dd+',
  ac3: 'dd',
  'dts lossy': 'dts',
  mpeg2: 'mpeg-2',
  hdr10: 'hdr',
}

const words = (value: string | readonly string[] | undefined): string =>
  (typeof value === 'string' ? value.split(',') : (value ?? []))
    .map((word) => word.toLowerCase())
    .map((word) => SAME[word] ?? word)
    .filter((word) => word !== '-')
    .toSorted()
    .join()

interface Judged {
  readonly what: string
  readonly right: boolean
}

function judged(line: string): Judged[] {
  const [name = '', ...expected] = line.split(' | ')
  const release = readRelease(name)
  return FIELDS.flatMap((field, at) => {
    const wanted = expected[at]
    if (wanted === undefined || wanted === '?') return []
    const got = words(release[field])
    const right = got === words(wanted)
    return [{ what: `${name}: ${field} ${got || '-'} and not ${wanted}`, right }]
  })
}

const lines = readFileSync(new URL('./releases.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))

test('every line of the corpus has all fields', () => {
  expect(lines.filter((line) => line.split(' | ').length !== FIELDS.length + 1)).toEqual([])
  expect(lines.length).toBeGreaterThan(120)
})

test('at least 82 % of the fields are right', () => {
  const all = lines.flatMap(judged)
  const wrong = all.filter(({ right }) => !right).map(({ what }) => what)
  expect({ wrong, most: wrong.length / all.length <= 0.18 }).toEqual({ wrong, most: true })
})
