import { expect, test } from '@jest/globals'
import { qualityWords, releaseOf } from '../../../sources/matching/release.ts'
import type { Source } from '../../../sources/source.ts'
import { namesOf } from '../../support/names.ts'

const named = (facts: Partial<Source>) => ({
  ...facts,
  names: namesOf({ locator: { kind: 'path', path: '' }, selector: {}, provider: 'p', ...facts }),
})

test.each<[string, string]>([
  ['Film.2010.2160p.WEB-DL.DV.HDR10.HEVC-GRP.mkv', '2160p WEB-DL'],
  ['Film.2010.1080p.BluRay.x264-GRP.mkv', '1080p BluRay x264'],
  ['Film 2010 4K.mkv', '2160p'],
  ['Film.avi', ''],
])('%s in words', (filename, words) => {
  expect(qualityWords(named({ filename })).startsWith(words)).toBe(true)
  if (words === '') expect(qualityWords(named({ filename }))).toBe('')
})

test('what a provider states wins over what a name seems to say', () => {
  const stated = { filename: 'Film.1080p.mkv', quality: '720p', languages: ['cs'] }
  expect(releaseOf(named(stated))).toMatchObject({ resolution: '720p', languages: ['cs'] })
  expect(releaseOf(named({ label: 'Film.1080p', quality: '4K' })).resolution).toBe('2160p')
  expect(qualityWords(named({ quality: 'best' }))).toBe('best')
})

test('details of a release', () => {
  expect(releaseOf(named({ filename: 'Film.2010.HDCAM.x264-GRP.mkv' })).poor).toBe(true)
  const release = releaseOf(named({ label: 'Film.2010.1080p.BluRay.DTS.FRENCH.x265-GRP' }))
  expect(release).toMatchObject({ poor: false, group: 'GRP', languages: ['fr'], codec: 'x265' })
})
